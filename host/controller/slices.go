package controller

import (
	"slices"

	"github.com/espalier-nas/espalier/kernels"
)

// resize returns s with length n and undefined contents, reusing its array if
// that is long enough.
func resize[T any](s []T, n int) []T {
	return slices.Grow(s[:0], n)[:n]
}

// extend returns s with length n, keeping its contents.
func extend[T any](s []T, n int) []T {
	if n <= len(s) {
		return s[:n]
	}
	return slices.Grow(s, n-len(s))[:n]
}

// zeroed returns s with length n, all zero.
func zeroed(s []float32, n int) []float32 {
	s = resize(s, n)
	clear(s)
	return s
}

// vecMat sets y = x W: W is (len(x), len(y)), row-major.
func vecMat(y, x, w []float32) {
	clear(y)
	for i, v := range x {
		kernels.AddScaled(y, v, w[i*len(y):(i+1)*len(y)])
	}
}

// addMatVec adds W x to y: W is (len(y), len(x)), row-major.
func addMatVec(y, w, x []float32) {
	for i := range y {
		y[i] += kernels.Dot(w[i*len(x):(i+1)*len(x)], x)
	}
}
