package main

import "fmt"

// A shape is a size of product, and what it is for. op(a) is (M, K), op(b) is (K, N).
type shape struct {
	M      int    `json:"m"`
	N      int    `json:"n"`
	K      int    `json:"k"`
	TransA bool   `json:"transA,omitempty"`
	TransB bool   `json:"transB,omitempty"`
	Group  string `json:"group"`
	// Weights says that b stays the same for many products, so that one may pack it once.
	Weights bool `json:"weights,omitempty"`
}

// The groups, in the order of the table; means are taken over each.
const (
	small       = "small squares"
	square      = "squares"
	recurrent   = "recurrent"
	convolution = "convolution"
)

var groups = []string{small, square, recurrent, convolution}

// shapes lists what is measured. The recurrent ones are a layer of a language model with 20 or 64 sequences: a step
// forward, backward to the data, the gradient of the weights over 35 steps, and the output layer over 10000 words.
// The convolution-shaped ones are 3×3 and 1×1 layers over 32 or 128 images of 32×32, laid out as rows of patches.
var shapes = []shape{
	{M: 64, N: 64, K: 64, Group: small},
	{M: 128, N: 128, K: 128, Group: small},
	{M: 256, N: 256, K: 256, Group: square},
	{M: 512, N: 512, K: 512, Group: square},
	{M: 1024, N: 1024, K: 1024, Group: square},
	{M: 2048, N: 2048, K: 2048, Group: square},
	{M: 20, N: 2600, K: 650, Group: recurrent, Weights: true},
	{M: 64, N: 800, K: 200, Group: recurrent, Weights: true},
	{M: 20, N: 800, K: 200, Group: recurrent, Weights: true},
	{M: 20, N: 650, K: 2600, TransB: true, Group: recurrent, Weights: true},
	{M: 650, N: 2600, K: 700, TransA: true, Group: recurrent},
	{M: 700, N: 10000, K: 200, Group: recurrent, Weights: true},
	{M: 32768, N: 48, K: 432, Group: convolution},
	{M: 32768, N: 432, K: 48, TransB: true, Group: convolution},
	{M: 432, N: 48, K: 32768, TransA: true, Group: convolution},
	{M: 131072, N: 36, K: 324, Group: convolution},
	{M: 32768, N: 48, K: 48, Group: convolution},
}

// String returns the size and the transpositions: "432x48x32768 TN".
func (s shape) String() string {
	return fmt.Sprintf("%dx%dx%d %s%s", s.M, s.N, s.K, letter(s.TransA), letter(s.TransB))
}

func letter(trans bool) string {
	if trans {
		return "T"
	}
	return "N"
}

// flop returns the floating-point operations of one product.
func (s shape) flop() float64 { return 2 * float64(s.M) * float64(s.N) * float64(s.K) }

// lda and ldb return the distances between rows of a and b as they lie in memory.
func (s shape) lda() int {
	if s.TransA {
		return s.M
	}
	return s.K
}

func (s shape) ldb() int {
	if s.TransB {
		return s.K
	}
	return s.N
}
