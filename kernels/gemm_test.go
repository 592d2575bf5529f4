package kernels

import (
	"fmt"
	"math"
	"slices"
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

// Cut off at the end of any panel, both pieces have the panels of the whole.
func TestPanelsOfPieces(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		k := active.Load()
		panels := func(cols int) (ends []int) {
			for at := 0; at < cols; {
				at += k.pick(cols - at).n
				ends = append(ends, at)
			}
			return ends
		}
		for cols := 1; cols <= 400; cols++ {
			all := panels(cols)
			for i, end := range all[:len(all)-1] {
				if !slices.Equal(panels(end), all[:i+1]) {
					t.Fatalf("%d columns are cut at %v, the first %d of them at %v", cols, all, end, panels(end))
				}
				if got := k.prefix(cols, all[i+1]-1); got != end {
					t.Fatalf("%d columns are cut at %v; the prefix of %d is %d", cols, all, all[i+1]-1, got)
				}
			}
		}
	})
}

// bundle is the operands of a product.
type bundle struct {
	transA, transB bool
	m, n, k        int
	a, b, c        []float32
	lda, ldb       int
}

var teamShapes = []bundle{
	{m: 20, n: 650, k: 70}, {m: 64, n: 200, k: 130, transB: true}, {m: 300, n: 48, k: 64, transA: true}, {m: 130, n: 257, k: 30},
	{m: 500, n: 9, k: 40}, {m: 7, n: 1100, k: 600}, {m: 3, n: 3, k: 3}, {m: 96, n: 104, k: 1100}, {m: 110, n: 100, k: 256}, {m: 1, n: 5000, k: 40},
	{m: 150, n: 110, k: 1030, transA: true},
}

func (d bundle) filled(t *testing.T) bundle {
	r := newRand()
	d.lda, d.ldb = d.k, d.n
	if d.transA {
		d.lda = d.m
	}
	if d.transB {
		d.ldb = d.k
	}
	d.a, d.b, d.c = newGuarded(t, r, "a", d.m*d.k).x, newGuarded(t, r, "b", d.k*d.n).x, newGuarded(t, r, "c", d.m*d.n).x
	return d
}

func TestTeamGemm(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 5} {
		team := NewTeam(threads)
		defer team.Close()
		eachLevel(t, func(t *testing.T) {
			for _, d := range teamShapes {
				d = d.filled(t)
				want := slices.Clone(d.c)
				Gemm(NewScratch(), d.transA, d.transB, d.m, d.n, d.k, 0.5, d.a, d.lda, d.b, d.ldb, 2, want, d.n)
				team.Gemm(d.transA, d.transB, d.m, d.n, d.k, 0.5, d.a, d.lda, d.b, d.ldb, 2, d.c, d.n)
				if !slices.Equal(d.c, want) {
					t.Errorf("%d threads: %d x %d x %d differs from a single thread's", threads, d.m, d.n, d.k)
				}
			}
		})
	}
}

func TestGemmPacked(t *testing.T) {
	team := NewTeam(2)
	defer team.Close()
	eachLevel(t, func(t *testing.T) {
		for _, d := range teamShapes {
			d = d.filled(t)
			b := NewPacked(d.k, d.n)
			b.Set(d.transB, d.b, d.ldb)
			for _, e := range newEpilogues(t, newRand(), d.n) {
				for _, beta := range []float32{0, 1, -0.5} {
					got, alone, plain, want := slices.Clone(d.c), slices.Clone(d.c), slices.Clone(d.c), slices.Clone(d.c)
					team.GemmPacked(d.transA, d.m, d.a, d.lda, b, beta, got, d.n, e)
					GemmPacked(NewScratch(), d.transA, d.m, d.a, d.lda, b, beta, alone, d.n, e)
					team.GemmEpilogue(d.transA, d.transB, d.m, d.n, d.k, 1, d.a, d.lda, d.b, d.ldb, beta, plain, d.n, e)
					Gemm(NewScratch(), d.transA, d.transB, d.m, d.n, d.k, 1, d.a, d.lda, d.b, d.ldb, beta, want, d.n)
					name := fmt.Sprintf("%d x %d x %d, beta %v, %+v", d.m, d.n, d.k, beta, e)
					if !slices.Equal(got, alone) {
						t.Errorf("%s: a team's product differs from a single thread's", name)
					}
					for i, v := range want {
						near(t, name, i, got[i], e.of(v, i%d.n), 1+math.Abs(float64(v)), 1e-6)
						near(t, name+", not packed", i, plain[i], e.of(v, i%d.n), 1+math.Abs(float64(v)), 1e-6)
					}
					if !d.transA && !slices.Equal(got, plain) {
						t.Errorf("%s: packed and not packed differ", name)
					}
				}
			}
		}
	})
}

// of returns what the epilogue makes of v in column j.
func (e *Epilogue) of(v float32, j int) float64 {
	x := float64(v)
	if e == nil {
		return x
	}
	if e.Scale != nil {
		x *= float64(e.Scale[j])
	}
	if e.Shift != nil {
		x += float64(e.Shift[j])
	}
	if e.Relu {
		x = max(x, 0)
	}
	return x
}
