package kernels

import (
	"fmt"
	"testing"
)

// flops reports the speed of an operation that takes so many multiplications and additions.
func flops(b *testing.B, perOp float64) {
	b.ReportMetric(perOp*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

func benchLevels(b *testing.B, name string, perOp float64, f func()) {
	for _, l := range Levels() {
		b.Run(name+"/"+string(l), func(b *testing.B) {
			restore, err := Use(l)
			if err != nil {
				b.Fatal(err)
			}
			defer restore()
			for b.Loop() {
				f()
			}
			flops(b, perOp)
		})
	}
}

func BenchmarkGemm(b *testing.B) {
	s := NewScratch()
	for _, d := range []struct {
		m, n, k        int
		transA, transB bool
	}{
		{m: 64, n: 64, k: 64}, {m: 256, n: 256, k: 256}, {m: 1024, n: 1024, k: 1024},
		{m: 256, n: 256, k: 256, transA: true}, {m: 256, n: 256, k: 256, transB: true},
		{m: 8192, n: 24, k: 216}, {m: 64, n: 10, k: 576}, {m: 10, n: 140, k: 70}, {m: 1, n: 140, k: 70},
	} {
		x, y, z := make([]float32, d.m*d.k), make([]float32, d.k*d.n), make([]float32, d.m*d.n)
		Fill(x, 0.5)
		Fill(y, 0.25)
		lda, ldb := d.k, d.n
		if d.transA {
			lda = d.m
		}
		if d.transB {
			ldb = d.k
		}
		name := fmt.Sprintf("%dx%dx%d/transA=%v/transB=%v", d.m, d.n, d.k, d.transA, d.transB)
		benchLevels(b, name, 2*float64(d.m)*float64(d.n)*float64(d.k), func() {
			Gemm(s, d.transA, d.transB, d.m, d.n, d.k, 1, x, lda, y, ldb, 0, z, d.n)
		})
	}
}

func BenchmarkConv(b *testing.B) {
	s := NewScratch()
	for _, l := range []layer{
		{batch: 32, h: 32, w: 32, in: 3, out: 16, kh: 3, kw: 3, same: true},
		{batch: 32, h: 16, w: 16, in: 8, out: 8, kh: 3, kw: 3, same: true},
		{batch: 32, h: 16, w: 16, in: 12, out: 12, kh: 3, kw: 3, same: true},
		{batch: 32, h: 16, w: 16, in: 16, out: 16, kh: 3, kw: 3, same: true},
		{batch: 32, h: 16, w: 16, in: 16, out: 24, kh: 3, kw: 3, same: true},
		{batch: 32, h: 16, w: 16, in: 24, out: 24, kh: 3, kw: 3, same: true},
		{batch: 32, h: 8, w: 8, in: 24, out: 24, kh: 3, kw: 3, same: true},
		{batch: 32, h: 16, w: 16, in: 24, out: 24, kh: 1, kw: 1, same: true},
		{batch: 32, h: 16, w: 16, in: 36, out: 36, kh: 5, kw: 5, same: true},
		{batch: 32, h: 32, w: 32, in: 48, out: 48, kh: 3, kw: 3, same: true},
		{batch: 32, h: 16, w: 16, in: 16, out: 24, kh: 3, kw: 3, sh: 2, sw: 2, same: true},
		{batch: 8, h: 16, w: 16, in: 24, out: 24, kh: 3, kw: 3, groups: 24, same: true},
		{batch: 8, h: 16, w: 16, in: 48, out: 48, kh: 5, kw: 5, groups: 48, same: true},
		{batch: 8, h: 16, w: 16, in: 48, out: 48, kh: 3, kw: 3, sh: 2, sw: 2, groups: 48, same: true},
		{batch: 8, h: 16, w: 16, in: 48, out: 48, kh: 7, kw: 1, groups: 48, same: true},
	} {
		g := l.conv()
		x, y := make([]float32, g.Batch*g.InH*g.InW*g.InC), make([]float32, g.Batch*g.OutH*g.OutW*g.OutC)
		w := make([]float32, g.KernelH*g.KernelW*g.InC/g.Groups*g.OutC)
		dx, dw := make([]float32, len(x)), make([]float32, len(w))
		Fill(x, 0.5)
		Fill(w, 0.25)
		perOp := 2 * float64(len(y)*len(w)/g.OutC)
		u := make([]float32, g.FilterLen(whole(g, nil)))
		benchLevels(b, l.String()+"/filter", 0, func() { g.FilterForward(u, whole(g, nil), w) })
		benchLevels(b, l.String()+"/forward", perOp, func() { ConvForward(s, g, y, whole(g, x), u, nil) })
		benchLevels(b, l.String()+"/filter_back", 0, func() { g.FilterBackward(u, whole(g, nil), w) })
		benchLevels(b, l.String()+"/data", perOp, func() { ConvBackwardData(s, g, whole(g, dx), y, u) })
		benchLevels(b, l.String()+"/weights", perOp, func() { ConvBackwardWeights(s, g, dw, y, whole(g, x)) })
	}
}

func BenchmarkElementwise(b *testing.B) {
	const n = 4096
	x, y, z := make([]float32, n), make([]float32, n), make([]float32, n)
	Fill(x, 0.5)
	for _, op := range elementwiseOps {
		benchElements(b, op.name, n, func() { op.op(z, x, y) })
	}
}

func BenchmarkLayer(b *testing.B) {
	const rows, cols = 32 * 16 * 16, 24
	const n = rows * cols
	x, y, dx, dy := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	v, w, sums := make([]float32, cols), make([]float32, cols), make([]float64, cols)
	for _, op := range []struct {
		name string
		f    func()
	}{
		{"BatchNormMoments", func() { BatchNormMoments(w, sums, x, rows, cols) }},
		{"BatchNormApply", func() { BatchNormApply(y, x, v, v, w, w, rows, cols, true) }},
		{"BatchNormSums", func() { BatchNormSums(sums, sums, dy, x, v, v, v, v, rows, cols, true) }},
		{"BatchNormData", func() { BatchNormData(dx, dy, x, v, v, v, v, sums, sums, rows, cols, rows, true, true) }},
		{"BatchNormInfer", func() { BatchNormInfer(y, x, v, v, rows, cols, true) }},
		{"ColumnSums", func() { ColumnSums(w, x, rows, cols) }},
		{"AddBias", func() { AddBias(y, v, rows, cols) }},
		{"GlobalAvgPoolForward", func() { GlobalAvgPoolForward(y, x, 32, 256, cols) }},
		{"GlobalAvgPoolBackward", func() { GlobalAvgPoolBackward(dx, dy, 32, 256, cols) }},
		{"SGD", func() { SGD(x, dx, y, 0, 0.9, 1e-4, true) }},
		{"Adam", func() { Adam(x, dx, y, dy, 0, 0.9, 0.999, 1e-8, 1e-4, 0.1, 0.001) }},
		{"Dot", func() { Dot(x, y) }},
	} {
		benchElements(b, op.name, n, op.f)
	}
	for _, d := range [][2]int{{64, 10}, {20, 10_000}} {
		rows, cols := d[0], d[1]
		logits, dlogits, labels := make([]float32, rows*cols), make([]float32, rows*cols), make([]int32, rows)
		for i := range logits {
			logits[i] = float32(i % 7)
		}
		benchElements(b, fmt.Sprintf("SoftmaxCrossEntropy%dx%d", rows, cols), rows*cols, func() {
			SoftmaxCrossEntropy(dlogits, logits, labels, rows, cols, 1)
		})
	}
}

// The figures are per element of the larger side, a pool's input.
func BenchmarkPool(b *testing.B) {
	for _, g := range []Pool{
		{Batch: 8, InH: 16, InW: 16, C: 24, OutH: 8, OutW: 8, KernelH: 2, KernelW: 2, StrideH: 2, StrideW: 2},
		{Batch: 8, InH: 16, InW: 16, C: 48, OutH: 8, OutW: 8, KernelH: 3, KernelW: 3, StrideH: 2, StrideW: 2},
		{Batch: 8, InH: 16, InW: 16, C: 36, OutH: 16, OutW: 16, KernelH: 3, KernelW: 3, StrideH: 1, StrideW: 1, PadTop: 1, PadLeft: 1},
	} {
		n := g.inLen()
		x, y, dx := make([]float32, n), make([]float32, g.outLen()), make([]float32, n)
		argmax := make([]int32, len(y))
		r := newRand()
		for i := range x {
			x[i] = r.Float32()
		}
		name := fmt.Sprintf("%dx%dx%dx%d_k%d_s%d/", g.Batch, g.InH, g.InW, g.C, g.KernelH, g.StrideH)
		benchElements(b, name+"max", n, func() { MaxPoolForward(&g, y, argmax, x) })
		benchElements(b, name+"maxBackward", n, func() { MaxPoolBackward(&g, dx, y, argmax) })
		benchElements(b, name+"avg", n, func() { AvgPoolForward(&g, y, x) })
		benchElements(b, name+"avgBackward", n, func() { AvgPoolBackward(&g, dx, y) })
	}
}

func benchElements(b *testing.B, name string, n int, f func()) {
	for _, l := range Levels() {
		b.Run(name+"/"+string(l), func(b *testing.B) {
			restore, err := Use(l)
			if err != nil {
				b.Fatal(err)
			}
			defer restore()
			for b.Loop() {
				f()
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/float64(n), "ns/element")
		})
	}
}
