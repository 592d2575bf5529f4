package kernels

import "testing"

func TestNothingAllocates(t *testing.T) {
	s := NewScratch()
	const rows, cols = 6, 40
	n := rows * cols
	a, b, c, d := make([]float32, n), make([]float32, n), make([]float32, n), make([]float32, n)
	sums := make([]float64, cols)
	labels, argmax := make([]int32, rows), make([]int32, n)
	conv := layer{batch: 1, h: 4, w: 4, in: 3, out: 5, kh: 3, kw: 3, same: true}.conv()
	depthwise := layer{batch: 1, h: 4, w: 4, in: 3, out: 3, kh: 3, kw: 3, groups: 3, same: true}.conv()
	joint := layer{batch: 1, h: 4, w: 4, in: 4, out: 5, kh: 3, kw: 3, same: true}.conv()
	inFrames := *joint
	inFrames.Frames = []Frame{{H: 4, W: 2, Left: 1}, {H: 3, W: 4}}
	parts := []Part{{X: b, C: 1}, {X: c, C: 3}}
	pool := &Pool{Batch: 1, InH: 4, InW: 4, C: 3, OutH: 2, OutW: 2, KernelH: 2, KernelW: 2, StrideH: 2, StrideW: 2}
	tiles := layer{batch: 1, h: 3, w: 1, in: 8, out: 8, kh: 3, kw: 1, same: true}.conv()
	winograd, _ := NewWinograd(tiles, []int{3, 5})
	maps, u := []Part{{X: b, C: 3}, {X: c, C: 5}}, make([]float32, max(winograd.FilterLen(), winograd.GradientLen()))
	forward := func(g *Conv, x []Part) { g.FilterForward(u, x, d); ConvForward(s, g, a, x, u, &Epilogue{Shift: c}) }
	backward := func(g *Conv, dx []Part) { g.FilterBackward(u, dx, d); ConvBackwardData(s, g, dx, a, u) }
	program := NewVectorProgram([]VectorOp{{Code: VectorAdd, Dst: 2, A: 0, B: 1}, {Code: VectorTanh, Add: true, Dst: 0, A: 2}}, 2, 1)
	matrices := []Matrix{{a, cols}, {b, cols}}
	calls := map[string]func(){
		"vector program":      func() { program.Run(s, rows, cols, matrices) },
		"Winograd forward":    func() { winograd.FilterForward(s, u, a); winograd.Forward(s, 1, d, maps, u, nil) },
		"Winograd data":       func() { winograd.FilterBackward(s, u, a); winograd.BackwardData(s, 1, maps, d, u) },
		"Winograd weights":    func() { backwardWeights(s, winograd, 1, a, d, maps, u) },
		"Gemm":                func() { Gemm(s, true, true, 3, 5, 7, 0.5, a, 3, b, 7, 0.5, c, 5) },
		"ConvForward":         func() { forward(conv, whole(conv, b)) },
		"ConvBackwardData":    func() { backward(conv, whole(conv, b)) },
		"ConvBackwardWeights": func() { ConvBackwardWeights(s, conv, a, b, whole(conv, c)) },
		"frames forward":      func() { forward(&inFrames, parts) },
		"frames data":         func() { backward(&inFrames, parts) },
		"frames weights":      func() { ConvBackwardWeights(s, &inFrames, d, a, parts) },
		"parts forward":       func() { forward(joint, parts) },
		"parts data":          func() { backward(joint, parts) },
		"parts weights":       func() { ConvBackwardWeights(s, joint, d, a, parts) },
		"depthwise forward":   func() { forward(depthwise, whole(depthwise, b)) },
		"depthwise data":      func() { backward(depthwise, whole(depthwise, b)) },
		"depthwise weights":   func() { ConvBackwardWeights(s, depthwise, a, b, whole(depthwise, c)) },
		"MaxPool":             func() { MaxPoolForward(pool, a, argmax, b); MaxPoolBackward(pool, b, a, argmax) },
		"AvgPool":             func() { AvgPoolForward(pool, a, b); AvgPoolBackward(pool, b, a) },
		"GlobalAvgPool":       func() { GlobalAvgPoolForward(a, b, 2, 3, cols); GlobalAvgPoolBackward(b, a, 2, 3, cols) },
		"Dot":                 func() { Dot(a, b) },
		"ColumnSums":          func() { ColumnSums(a, b, rows, cols) },
		"AddBias":             func() { AddBias(a, b, rows, cols) },
		"BatchNormInfer":      func() { BatchNormInfer(a, b, c, d, rows, cols, true) },
		"BatchNormMoments":    func() { BatchNormMoments(d, sums, b, rows, cols) },
		"BatchNormSums":       func() { BatchNormSums(sums, sums, b, b, c, c, c, c, rows, cols, true) },
		"BatchNormData":       func() { BatchNormData(a, b, b, c, c, c, c, sums, sums, rows, cols, rows, true, false) },
		"SoftmaxCrossEntropy": func() { SoftmaxCrossEntropy(a, b, labels, rows, cols, 1) },
		"SGD":                 func() { SGD(a, b, c, 1, 1, 1, true) },
		"Adam":                func() { Adam(a, b, c, d, 1, 1, 1, 1, 1, 1, 1) },
	}
	for _, op := range elementwiseOps {
		calls[op.name] = func() { op.op(a, b, c) }
	}
	eachLevel(t, func(t *testing.T) {
		for name, call := range calls {
			if got := testing.AllocsPerRun(10, call); got != 0 {
				t.Errorf("%s allocates %v times", name, got)
			}
		}
	})
}
