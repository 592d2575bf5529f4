package data

import (
	"slices"
	"testing"
)

// TestStreamGolden holds the numbers that every split and every drawn image
// stand on.
func TestStreamGolden(t *testing.T) {
	s := keyed(1, streamSplit, 2)
	var got []int
	for range 6 {
		got = append(got, s.below(1000))
	}
	if want := []int{812, 304, 229, 973, 16, 780}; !slices.Equal(got, want) {
		t.Errorf("keyed(1, split, 2) yields %v, want %v", got, want)
	}
	order := keyed(1, streamSplit, 0).permutation(10)
	if want := []int{7, 5, 3, 4, 1, 9, 6, 0, 8, 2}; !slices.Equal(order, want) {
		t.Errorf("permutation is %v, want %v", order, want)
	}
}

// TestStreamUniform: every place of a permutation takes every value about
// equally often, and neighbouring keys are unrelated.
func TestStreamUniform(t *testing.T) {
	const n, rounds = 6, 6000
	var counts [n][n]int
	for id := range rounds {
		for place, value := range keyed(9, streamTrain, uint64(id)).permutation(n) {
			counts[place][value]++
		}
	}
	// 36 counts of mean 1000 and standard deviation 29: 6 of those is rare.
	for place, row := range counts {
		for value, count := range row {
			if count < 1000-174 || count > 1000+174 {
				t.Errorf("place %d holds %d in %d of %d permutations, expected about 1000", place, value, count, rounds)
			}
		}
	}
}

func TestStreamKeys(t *testing.T) {
	seen := map[uint64][3]uint64{}
	for seed := range uint64(8) {
		for purpose := range uint64(4) {
			for id := range uint64(64) {
				key := [3]uint64{seed, purpose, id}
				first := keyed(seed, purpose, id).pcg.Uint64()
				if other, ok := seen[first]; ok {
					t.Fatalf("streams %v and %v begin alike", key, other)
				}
				seen[first] = key
			}
		}
	}
}

func TestBetween(t *testing.T) {
	s := keyed(3, 0, 0)
	low, high := false, false
	for range 200 {
		x := s.between(-2, 2)
		if x < -2 || x > 2 {
			t.Fatalf("between(-2, 2) yields %d", x)
		}
		low, high = low || x == -2, high || x == 2
	}
	if !low || !high {
		t.Error("between(-2, 2) leaves out an end")
	}
}
