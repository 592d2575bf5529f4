package kernels

import (
	"fmt"
	"testing"
)

func TestGemm(t *testing.T) {
	sizes := [][3]int{{1, 1, 1}, {2, 3, 4}, {0, 3, 2}, {3, 0, 2}, {3, 2, 0}, {97, 3, 5}, {200, 65, 7}, {3, 40, 1100}, {2, 700, 130}, {12, 35, 70}, {13, 35, 70}, {5, 7, 513}}
	for _, m := range []int{1, 2, 3, 4, 5, 6, 7, 11, 12, 13, 14, 27} {
		for _, n := range []int{1, 2, 4, 7, 8, 9, 12, 15, 16, 17, 20, 24, 25, 31, 32, 33, 36, 40, 41, 48, 49, 56, 64} {
			sizes = append(sizes, [3]int{m, n, 1 + (m*n)%19})
		}
	}
	scales := [][2]float32{{1, 0}, {1, 1}, {-0.5, 0.25}, {0, 0.5}}
	s := NewScratch()
	eachLevel(t, func(t *testing.T) {
		for i, d := range sizes {
			for flags := range 4 {
				// The plain product always, the others in turn.
				testGemm(t, s, flags&1 != 0, flags&2 != 0, d[0], d[1], d[2], 1, 0)
				scale := scales[(i+i/4+flags)%len(scales)]
				testGemm(t, s, flags&1 != 0, flags&2 != 0, d[0], d[1], d[2], scale[0], scale[1])
			}
		}
	})
}

func testGemm(t *testing.T, s *Scratch, transA, transB bool, m, n, k int, alpha, beta float32) {
	t.Helper()
	r := newRand()
	shape := func(trans bool, rows, cols int) (size, ld int) {
		if trans {
			rows, cols = cols, rows
		}
		ld = cols + rows%3
		return max(0, (rows-1)*ld+cols), ld
	}
	na, lda := shape(transA, m, k)
	nb, ldb := shape(transB, k, n)
	nc, ldc := shape(false, m, n)
	a, b, c := newGuarded(t, r, "a", na), newGuarded(t, r, "b", nb), newGuarded(t, r, "c", nc)
	Gemm(s, transA, transB, m, n, k, alpha, a.x, lda, b.x, ldb, beta, c.x, ldc)
	a.intact(false)
	b.intact(false)
	c.intact(true)

	want := newSums(c.was)
	for i := range m {
		for j := range n {
			at := i*ldc + j
			want.sum[at] *= float64(beta)
			for l := range k {
				p, q := i*lda+l, l*ldb+j
				if transA {
					p = l*lda + i
				}
				if transB {
					q = j*ldb + l
				}
				want.add(at, a.x[p], alpha*b.x[q])
			}
		}
	}
	want.near(t, fmt.Sprintf("transA %v, transB %v, m %d, n %d, k %d, alpha %v, beta %v", transA, transB, m, n, k, alpha, beta), c.x)
}

// A row's bits must not depend on how many rows there are.
func TestGemmRowsAreIndependent(t *testing.T) {
	const m, n, k = 103, 45, 77
	r := newRand()
	a, b := newGuarded(t, r, "a", m*k).x, newGuarded(t, r, "b", k*n).x
	s := NewScratch()
	eachLevel(t, func(t *testing.T) {
		all, one := make([]float32, m*n), make([]float32, n)
		Gemm(s, false, false, m, n, k, 1, a, k, b, n, 0, all, n)
		for i := range m {
			Gemm(s, false, false, 1, n, k, 1, a[i*k:], k, b, n, 0, one, n)
			for j, v := range one {
				if v != all[i*n+j] {
					t.Fatalf("row %d alone has %v in column %d, among others %v", i, v, j, all[i*n+j])
				}
			}
		}
	})
}
