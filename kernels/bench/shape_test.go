package main

import (
	"slices"
	"testing"
)

func TestShapes(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range shapes {
		if seen[s.String()] {
			t.Errorf("%v occurs twice", s)
		}
		seen[s.String()] = true
		if !slices.Contains(groups, s.Group) {
			t.Errorf("%v is of group %q, which is not in the table", s, s.Group)
		}
		if s.Weights && s.TransA {
			t.Errorf("%v: packed products take no transposed a", s)
		}
	}
	for _, want := range []string{"2048x2048x2048 NN", "20x650x2600 NT", "432x48x32768 TN", "32768x432x48 NT"} {
		if !seen[want] {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestShape(t *testing.T) {
	s := shape{M: 2, N: 3, K: 5}
	for _, c := range []struct {
		transA, transB bool
		name           string
		lda, ldb       int
	}{
		{false, false, "2x3x5 NN", 5, 3},
		{true, false, "2x3x5 TN", 2, 3},
		{false, true, "2x3x5 NT", 5, 5},
		{true, true, "2x3x5 TT", 2, 5},
	} {
		s.TransA, s.TransB = c.transA, c.transB
		if s.String() != c.name || s.lda() != c.lda || s.ldb() != c.ldb {
			t.Errorf("%v has lda %d, ldb %d; want %s, %d, %d", s, s.lda(), s.ldb(), c.name, c.lda, c.ldb)
		}
	}
	if got := s.flop(); got != 60 {
		t.Errorf("flop is %v, want 60", got)
	}
}
