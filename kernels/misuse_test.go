package kernels

import (
	"strings"
	"testing"
)

// Misuse panics before anything is written.
func TestMisusePanics(t *testing.T) {
	long, short, argmax := make([]float32, 4), make([]float32, 3, 8), make([]int32, 4)
	s := NewScratch()
	one := layer{batch: 1, h: 2, w: 2, in: 1, out: 1, kh: 1, kw: 1}.conv()
	groups, still, pair := *one, *one, *one
	groups.Groups, still.StrideW = 2, 0
	pair.InC, pair.OutC, pair.Groups = 2, 2, 2
	over, frames := *one, *one
	over.Frames, frames.Frames = []Frame{{H: 2, W: 2, Top: 1}}, []Frame{{H: 1, W: 1}, {H: 1, W: 1}}
	pool := &Pool{Batch: 1, InH: 2, InW: 2, C: 1, OutH: 2, OutW: 2, KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1}
	vast := *pool
	vast.InH = 1 << 30
	team, b := NewTeam(1), NewPacked(2, 2)
	b.Set(false, long, 2)
	three := layer{batch: 1, h: 1, w: 1, in: 8, out: 8, kh: 3, kw: 3, same: true}.conv()
	winograd, _ := NewWinograd(three, []int{8})
	u, g := make([]float32, winograd.FilterLen()), make([]float32, winograd.GradientLen())
	eight, taps := make([]float32, 8), make([]float32, 9*8*8)
	v := make([]float32, max(one.FilterLen(whole(one, nil)), pair.FilterLen(whole(&pair, nil))))
	type ops = []VectorOp
	sum := NewVectorProgram(ops{{Code: VectorAdd, Dst: 0, A: 0, B: 1}}, 2, 0)
	for name, f := range map[string]func(){
		"vector code":         func() { NewVectorProgram(ops{{Code: vectorCodes}}, 1, 0) },
		"vector operand":      func() { NewVectorProgram(ops{{Code: VectorAdd, A: 0, B: 3}}, 2, 1) },
		"vector dst":          func() { NewVectorProgram(ops{{Dst: -1}}, 2, 1) },
		"vector unset":        func() { NewVectorProgram(ops{{Dst: 1, A: 2}}, 2, 1) },
		"vector unset sum":    func() { NewVectorProgram(ops{{Dst: 2, A: 1, Add: true}}, 2, 1) },
		"vector temporaries":  func() { NewVectorProgram(nil, 0, 1<<20) },
		"vector few":          func() { sum.Run(s, 1, 1, []Matrix{{long, 1}}) },
		"vector short":        func() { sum.Run(s, 2, 2, []Matrix{{long, 2}, {short, 2}}) },
		"vector ld":           func() { sum.Run(s, 2, 2, []Matrix{{long, 2}, {long, 1}}) },
		"vector repeated dst": func() { sum.Run(s, 2, 2, []Matrix{{long, 0}, {long, 2}}) },
		"vector rows":         func() { sum.Run(s, -1, 2, []Matrix{{long, 2}, {long, 2}}) },
		"packed not set":      func() { team.GemmPacked(false, 1, long, 2, NewPacked(2, 2), 0, long, 2, nil) },
		"packed b":            func() { b.Set(false, short, 2) },
		"epilogue":            func() { team.GemmPacked(false, 1, long, 2, b, 0, long, 2, &Epilogue{Shift: long[:1]}) },
		"epilogue scale":      func() { team.GemmPacked(false, 1, long, 2, b, 0, long, 2, &Epilogue{Scale: long}) },
		"team":                func() { team.Gemm(false, false, 2, 2, 2, 1, short, 2, long, 2, 0, long, 2) },
		"Winograd x":          func() { winograd.Forward(s, 1, eight, whole(three, short), u, nil) },
		"Winograd y":          func() { winograd.Forward(s, 1, short, whole(three, eight), u, nil) },
		"Winograd u":          func() { winograd.Forward(s, 1, eight, whole(three, eight), short, nil) },
		"Winograd parts":      func() { winograd.Forward(s, 1, eight, []Part{{eight, 4}, {eight, 4}}, u, nil) },
		"Winograd dx":         func() { winograd.BackwardData(s, 1, whole(three, short), eight, u) },
		"Winograd dw":         func() { winograd.AddGradient(s, short, g) },
		"Winograd g":          func() { winograd.AddGradient(s, taps, short) },
		"Winograd sums":       func() { winograd.Correlate(s, 1, short, eight, whole(three, eight), 0, 1) },
		"Winograd points":     func() { winograd.Correlate(s, 1, g, eight, whole(three, eight), 0, 37) },
		"Winograd filter":     func() { winograd.FilterForward(s, u, short) },
		"Winograd room":       func() { winograd.FilterBackward(s, short, taps) },
		"Add":                 func() { Add(long, short) },
		"Mul":                 func() { Mul(long, long, short) },
		"Dot":                 func() { Dot(long, short) },
		"Exp":                 func() { Exp(long, short) },
		"SinBackward":         func() { SinBackward(long, short, long) },
		"SGD":                 func() { SGD(long, long, short, 1, 0, 0, false) },
		"Adam":                func() { Adam(long, long, long, short, 1, 0, 0, 0, 0, 1, 1) },
		"AddBias":             func() { AddBias(long, short, 1, 4) },
		"ColumnSums":          func() { ColumnSums(short, long, 1, 4) },
		"Gemm a":              func() { Gemm(s, false, false, 2, 2, 2, 1, short, 2, long, 2, 0, long, 2) },
		"Gemm c":              func() { Gemm(s, false, false, 2, 2, 2, 1, long, 2, long, 2, 0, short, 2) },
		"Gemm ld":             func() { Gemm(s, false, false, 2, 2, 2, 1, long, 1, long, 2, 0, long, 2) },
		"softmax":             func() { SoftmaxCrossEntropy(nil, short, []int32{0, 0}, 2, 2, 1) },
		"label":               func() { SoftmaxCrossEntropy(nil, long, []int32{0, 2}, 2, 2, 1) },
		"labels":              func() { SoftmaxCrossEntropy(nil, long, []int32{0}, 2, 2, 1) },
		"Gemm size":           func() { Gemm(s, false, false, -1, 2, 2, 1, long, 2, long, 2, 0, long, 2) },
		"conv":                func() { ConvForward(s, one, long, whole(one, short), v, nil) },
		"conv groups":         func() { ConvForward(s, &groups, long, whole(&groups, long), v, nil) },
		"conv stride":         func() { ConvForward(s, &still, long, whole(&still, long), v, nil) },
		"conv parts":          func() { ConvForward(s, one, long, []Part{{long, 1}, {long, 1}}, v, nil) },
		"conv nil":            func() { ConvForward(s, one, long, whole(one, nil), v, nil) },
		"conv frame":          func() { ConvForward(s, &over, long, whole(one, long), v, nil) },
		"conv frames":         func() { ConvForward(s, &frames, long, whole(one, long), v, nil) },
		"conv weights":        func() { ConvForward(s, one, long, whole(one, long), nil, nil) },
		"conv epilogue":       func() { ConvForward(s, one, long, whole(one, long), v, &Epilogue{Shift: long[:0]}) },
		"conv gradients":      func() { ConvBackwardData(s, one, whole(one, long), long, nil) },
		"conv filter":         func() { one.FilterForward(v, whole(one, nil), nil) },
		"conv room":           func() { one.FilterBackward(nil, whole(one, nil), long) },
		"packed in":           func() { PackedIn(short, 2, 2) },
		"conv pair":           func() { ConvBackwardData(s, &pair, []Part{{nil, 1}, {nil, 1}}, long, v) },
		"pool":                func() { AvgPoolForward(pool, long, short) },
		"argmax":              func() { MaxPoolForward(pool, long, argmax[:3], long) },
		"argmax back":         func() { MaxPoolBackward(pool, long, long, argmax[:3]) },
		"vast pool":           func() { MaxPoolForward(&vast, long, argmax, long) },
		"global pool":         func() { GlobalAvgPoolForward(short, long, 4, 1, 1) },
		"moments":             func() { BatchNormMoments(long, make([]float64, 1), long, 2, 2) },
		"sums": func() {
			BatchNormSums(make([]float64, 2), make([]float64, 1), long, long, long, long, long, long, 2, 2, true)
		},
		"batch norm x": func() { BatchNormInfer(long, short, long, long, 2, 2, false) },
	} {
		func() {
			defer func() {
				if message, ok := recover().(string); !ok || !strings.HasPrefix(message, "kernels: ") {
					t.Errorf("%s: %q, want a panic of this package", name, message)
				}
			}()
			f()
		}()
	}
	for _, x := range [][]float32{long, short} {
		for i, v := range x {
			if v != 0 {
				t.Errorf("[%d] is %v after a panic", i, v)
			}
		}
	}
}
