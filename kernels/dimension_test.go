package kernels

import "testing"

func TestDimension(t *testing.T) {
	r := newRand()
	for range 20_000 {
		a := dimension{count: 1 + r.IntN(12), stride: 1 + r.IntN(4), pad: r.IntN(8) - 2, taps: 1 + r.IntN(5), dilation: 1 + r.IntN(3), size: 1 + r.IntN(12)}
		meets := func(p, tap int) bool {
			i := p*a.stride - a.pad + tap*a.dilation
			return i >= 0 && i < a.size
		}
		for p := 0; p < a.count; {
			end, from, to := a.run(p)
			if end <= p || end > a.count {
				t.Fatalf("%+v: the run from %d ends at %d", a, p, end)
			}
			if whole := from == 0 && to == a.taps; whole && end < a.count && meets(end, 0) && meets(end, a.taps-1) {
				t.Fatalf("%+v: the run from %d ends at %d, which has all taps", a, p, end)
			}
			for ; p < end; p++ {
				for tap := range a.taps {
					if meets(p, tap) != (tap >= from && tap < to) {
						t.Fatalf("%+v: position %d has the taps [%d, %d)", a, p, from, to)
					}
				}
			}
		}
		for tap := range a.taps {
			lo, hi := a.meeting(tap)
			for p := range a.count {
				if meets(p, tap) != (p >= lo && p < hi) {
					t.Fatalf("%+v: tap %d meets the positions [%d, %d)", a, tap, lo, hi)
				}
			}
		}
	}
}
