package kernels

import "testing"

func BenchmarkWinograd(b *testing.B) {
	s := NewScratch()
	for _, l := range []winogradCase{
		{layer{batch: 16, h: 32, w: 32, in: 48, out: 48, kh: 3, kw: 3, same: true}, []int{48}},
		{layer{batch: 16, h: 32, w: 32, in: 36, out: 36, kh: 5, kw: 5, same: true}, []int{36}},
		{layer{batch: 16, h: 32, w: 32, in: 168, out: 48, kh: 7, kw: 7, same: true}, []int{36, 48, 36, 48}},
		{layer{batch: 16, h: 32, w: 32, in: 156, out: 36, kh: 7, kw: 1, same: true}, []int{36, 48, 36, 36}},
		{layer{batch: 16, h: 32, w: 32, in: 48, out: 48, kh: 3, kw: 7, same: true}, []int{48}},
		{layer{batch: 64, h: 8, w: 8, in: 64, out: 64, kh: 3, kw: 3, same: true}, []int{64}},
	} {
		g := l.conv()
		c, _ := NewWinograd(g, l.parts)
		y := make([]float32, g.Batch*g.OutH*g.OutW*g.OutC)
		w := make([]float32, g.KernelH*g.KernelW*g.InC*g.OutC)
		var x, dx []Part
		for _, n := range l.parts {
			x, dx = append(x, Part{make([]float32, g.Batch*g.InH*g.InW*n), n}), append(dx, Part{make([]float32, g.Batch*g.InH*g.InW*n), n})
		}
		dw, h := make([]float32, len(w)), make([]float32, c.GradientLen())
		u, v := make([]float32, c.FilterLen()), make([]float32, g.FilterLen(x))
		perOp := 2 * float64(len(y)*len(w)/g.OutC)
		benchLevels(b, l.String()+"/forward", perOp, func() { c.FilterForward(s, u, w); c.Forward(s, g.Batch, y, x, u, nil) })
		benchLevels(b, l.String()+"/data", perOp, func() { c.FilterBackward(s, u, w); c.BackwardData(s, g.Batch, dx, y, u) })
		benchLevels(b, l.String()+"/weights", perOp, func() { backwardWeights(s, c, g.Batch, dw, y, x, h) })
		benchLevels(b, l.String()+"/filter", perOp, func() { c.FilterForward(s, u, w) })
		benchLevels(b, l.String()+"/plain_forward", perOp, func() { g.FilterForward(v, x, w); ConvForward(s, g, y, x, v, nil) })
		benchLevels(b, l.String()+"/plain_data", perOp, func() { g.FilterBackward(v, dx, w); ConvBackwardData(s, g, dx, y, v) })
		benchLevels(b, l.String()+"/plain_weights", perOp, func() { ConvBackwardWeights(s, g, dw, y, x) })
	}
}
