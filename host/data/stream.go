package data

import (
	"math/bits"
	"math/rand/v2"
)

// Purposes of random streams, so that no two draw the same numbers.
const (
	streamSplit uint64 = iota + 1
	streamTrain
	streamTest
	streamGrammar
	streamBlocks
	streamLines
)

// stream is a source of random numbers that yields the same ones on every
// machine: PCG, whose outputs are turned into ranges here rather than by
// math/rand, which promises no particular way of doing so.
type stream struct{ pcg *rand.PCG }

// keyed is the stream of one purpose and one thing, e.g. one image.
func keyed(seed, purpose, id uint64) stream {
	return stream{rand.NewPCG(seed, mix(mix(purpose)+id))}
}

// mix is the output function of SplitMix64 (Steele, Lea and Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// below is uniform over 0 to n-1, up to a bias of n/2^64.
func (s stream) below(n int) int {
	high, _ := bits.Mul64(s.pcg.Uint64(), uint64(n))
	return int(high)
}

// between is uniform over low to high, both included.
func (s stream) between(low, high int) int { return low + s.below(high-low+1) }

// permutation is a uniformly random order of 0 to n-1 (Fisher and Yates).
func (s stream) permutation(n int) []int {
	order := make([]int, n)
	for i := range order {
		j := s.below(i + 1)
		order[i] = order[j]
		order[j] = i
	}
	return order
}
