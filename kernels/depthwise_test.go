package kernels

import "testing"

var depthwiseLayers = []layer{
	{batch: 2, h: 6, w: 7, in: 29, out: 29, kh: 3, kw: 3, groups: 29, same: true},
	{batch: 1, h: 9, w: 10, in: 45, out: 45, kh: 5, kw: 5, groups: 45, same: true},
	{batch: 1, h: 9, w: 12, in: 16, out: 16, kh: 1, kw: 7, groups: 16, same: true},
	{batch: 1, h: 12, w: 9, in: 20, out: 20, kh: 7, kw: 1, groups: 20, same: true},
	{batch: 2, h: 7, w: 5, in: 8, out: 8, kh: 1, kw: 1, groups: 8},
	{batch: 1, h: 11, w: 12, in: 13, out: 13, kh: 3, kw: 3, sh: 2, sw: 2, groups: 13, same: true},
	{batch: 1, h: 13, w: 14, in: 9, out: 9, kh: 3, kw: 4, sh: 2, sw: 3, dh: 3, dw: 2, groups: 9, same: true},
	{batch: 1, h: 3, w: 4, in: 5, out: 5, kh: 7, kw: 9, groups: 5, same: true}, // more padding than map
}

func TestDepthwise(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		for _, l := range depthwiseLayers {
			t.Run(l.String(), func(t *testing.T) { testConv(t, l.conv()) })
		}
	})
}

// Geometries that no list would think of.
func TestDepthwiseRandom(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for range 150 {
			channels := 2 + r.IntN(20)
			g := &Conv{
				Batch: 1 + r.IntN(2), InH: 1 + r.IntN(9), InW: 1 + r.IntN(9), InC: channels, OutC: channels, Groups: channels,
				KernelH: 1 + r.IntN(5), KernelW: 1 + r.IntN(6), StrideH: 1 + r.IntN(4), StrideW: 1 + r.IntN(4),
				DilationH: 1 + r.IntN(3), DilationW: 1 + r.IntN(3), PadTop: r.IntN(6) - 1, PadLeft: r.IntN(6) - 1,
				OutH: 1 + r.IntN(7), OutW: 1 + r.IntN(9),
			}
			testConv(t, g)
			if t.Failed() {
				t.Fatalf("%+v", *g)
			}
		}
	})
}
