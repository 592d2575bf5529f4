//go:build linux || darwin

package kernels

import (
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// newEdge returns a function that returns slices which end where readable memory ends: touching the element
// after the last one crashes the test.
func newEdge(t *testing.T) func(n int) []float32 {
	page := os.Getpagesize()
	return func(n int) []float32 {
		size := (4*n + page - 1) / page * page
		m, err := syscall.Mmap(-1, 0, size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { syscall.Munmap(m) })
		if err := syscall.Mprotect(m[size:], syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return nil
		}
		x := unsafe.Slice((*float32)(unsafe.Pointer(&m[size-4*n])), n)
		Fill(x, 0.5)
		return x
	}
}

func TestNothingIsReadPastTheEnd(t *testing.T) {
	edge := newEdge(t)
	s := NewScratch()
	eachLevel(t, func(t *testing.T) {
		for n := 1; n < 70; n += 1 + n/20 {
			x, y, z, v := edge(n), edge(n), edge(n), edge(n)
			for _, op := range elementwiseOps {
				op.op(x, y, z)
			}
			Dot(x, y)
			SoftmaxCrossEntropy(y, x, []int32{int32(n - 1)}, 1, n, 1)
			SGD(x, y, z, 0.1, 0.1, 0.1, true)
			Adam(x, y, z, v, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1)
		}
		for _, d := range [][3]int{{1, 1, 1}, {5, 7, 3}, {6, 16, 9}, {13, 25, 4}, {7, 37, 5}, {103, 12, 20}} {
			m, n, k := d[0], d[1], d[2]
			for flags := range 4 {
				transA, transB := flags&1 != 0, flags&2 != 0
				lda, ldb := k, n
				if transA {
					lda = m
				}
				if transB {
					ldb = k
				}
				Gemm(s, transA, transB, m, n, k, 1, edge(m*k), lda, edge(k*n), ldb, 1, edge(m*n), n)
			}
		}
		for _, l := range append(depthwiseLayers, layers[:24]...) {
			g := l.conv()
			nx, nw, ny := g.Batch*g.InH*g.InW*g.InC, g.KernelH*g.KernelW*(g.InC/g.Groups)*g.OutC, g.Batch*g.OutH*g.OutW*g.OutC
			x, w, y := edge(nx), edge(nw), edge(ny)
			convForward(s, g, y, whole(g, x), w)
			convBackwardData(s, g, whole(g, x), y, w)
			ConvBackwardWeights(s, g, w, y, whole(g, x))
		}
		for _, g := range pools {
			nx, ny := g.Batch*g.InH*g.InW*g.C, g.Batch*g.OutH*g.OutW*g.C
			x, y, argmax := edge(nx), edge(ny), make([]int32, ny)
			MaxPoolForward(&g, y, argmax, x)
			MaxPoolBackward(&g, x, y, argmax)
			AvgPoolForward(&g, y, x)
			AvgPoolBackward(&g, x, y)
		}
		for _, g := range grids {
			rows, cols := g[0], g[1]
			n := rows * cols
			x, y, dx, dy := edge(n), edge(n), edge(n), edge(n)
			gamma, beta, mean, invStd := edge(cols), edge(cols), edge(cols), edge(cols)
			batchNormForward(y, x, gamma, beta, mean, invStd, rows, cols, 1e-3, true)
			BatchNormData(dx, dy, x, gamma, beta, mean, invStd, make([]float64, cols), make([]float64, cols), rows, cols, rows, false, false)
			BatchNormInfer(y, x, gamma, beta, rows, cols, false)
			batchNormBackward(dx, edge(cols), edge(cols), dy, x, gamma, beta, mean, invStd, rows, cols, true)
			ColumnSums(mean, x, rows, cols)
			AddBias(y, mean, rows, cols)
		}
	})
}

func TestNothingIsReadPastTheEndOfARow(t *testing.T) {
	edge := newEdge(t)
	const rows = 2
	eachLevel(t, func(t *testing.T) {
		for cols := 1; cols < 70; cols += 1 + cols/20 {
			ld := cols + 1
			m := edge((rows-1)*ld + cols)
			eachVectorKernel(func(code VectorCode, join int, add bool) {
				active.Load().vector[code](m, m, m, m, rows, cols, ld, ld, ld, ld, join, add)
			})
		}
	})
}

func TestNothingIsReadPastTheEndOfALine(t *testing.T) {
	edge := newEdge(t)
	bytes := func(n int) []uint8 {
		x := edge((n + 3) / 4)
		return unsafe.Slice((*uint8)(unsafe.Pointer(&x[0])), 4*len(x))[4*len(x)-n:]
	}
	eachLevel(t, func(t *testing.T) {
		for n := 1; n < 70; n++ {
			BlendBytes(edge(n), bytes(n), bytes(n), 0.5, 1, 2)
			index, weight := enlargement(n, n+n/4, 1, n%2 == 0)
			taps := NewTaps(index, weight, 1)
			for from := 0; from <= n/4; from += 5 {
				Interpolate(edge(n), edge(taps.Reach()), taps, from)
			}
		}
	})
}
