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
	pool := &Pool{Batch: 1, InH: 2, InW: 2, C: 1, OutH: 2, OutW: 2, KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1}
	vast := *pool
	vast.InH = 1 << 30
	for name, f := range map[string]func(){
		"Add":          func() { Add(long, short) },
		"Mul":          func() { Mul(long, long, short) },
		"Dot":          func() { Dot(long, short) },
		"Exp":          func() { Exp(long, short) },
		"SinBackward":  func() { SinBackward(long, short, long) },
		"SGD":          func() { SGD(long, long, short, 1, 0, 0, false) },
		"Adam":         func() { Adam(long, long, long, short, 1, 0, 0, 0, 0, 1, 1) },
		"AddBias":      func() { AddBias(long, short, 1, 4) },
		"ColumnSums":   func() { ColumnSums(short, long, 1, 4) },
		"Gemm a":       func() { Gemm(s, false, false, 2, 2, 2, 1, short, 2, long, 2, 0, long, 2) },
		"Gemm c":       func() { Gemm(s, false, false, 2, 2, 2, 1, long, 2, long, 2, 0, short, 2) },
		"Gemm ld":      func() { Gemm(s, false, false, 2, 2, 2, 1, long, 1, long, 2, 0, long, 2) },
		"softmax":      func() { SoftmaxCrossEntropy(nil, short, []int32{0, 0}, 2, 2, 1) },
		"label":        func() { SoftmaxCrossEntropy(nil, long, []int32{0, 2}, 2, 2, 1) },
		"labels":       func() { SoftmaxCrossEntropy(nil, long, []int32{0}, 2, 2, 1) },
		"Gemm size":    func() { Gemm(s, false, false, -1, 2, 2, 1, long, 2, long, 2, 0, long, 2) },
		"conv":         func() { ConvForward(s, one, long, whole(one, short), long) },
		"conv groups":  func() { ConvForward(s, &groups, long, whole(&groups, long), long) },
		"conv stride":  func() { ConvForward(s, &still, long, whole(&still, long), long) },
		"conv parts":   func() { ConvForward(s, one, long, []Part{{long, 1}, {long, 1}}, long) },
		"conv nil":     func() { ConvForward(s, one, long, whole(one, nil), long) },
		"conv pair":    func() { ConvBackwardData(s, &pair, []Part{{nil, 1}, {nil, 1}}, long, long) },
		"pool":         func() { AvgPoolForward(pool, long, short) },
		"argmax":       func() { MaxPoolForward(pool, long, argmax[:3], long) },
		"argmax back":  func() { MaxPoolBackward(pool, long, long, argmax[:3]) },
		"vast pool":    func() { MaxPoolForward(&vast, long, argmax, long) },
		"global pool":  func() { GlobalAvgPoolForward(short, long, 4, 1, 1) },
		"moments":      func() { BatchNormMoments(long, make([]float64, 1), long, 2, 2) },
		"sums":         func() { BatchNormSums(make([]float64, 2), make([]float64, 2), long, long, nil, long, 2, 2, true) },
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
