package cell

import (
	"math"
	"testing"
)

// wave fills x with 0.9 sin(1.3 i + k), or with another factor.
func wave(x []float32, factor float64, k int) {
	for i := range x {
		x[i] = float32(factor * math.Sin(1.3*float64(i)+float64(k)))
	}
}

// known is what PyTorch 1.13 computes: nn.LSTM(3, 2) and nn.GRU(3, 2) with one bias per gate (the other one 0, but
// the GRU's b_hn), 3 steps of 2 streams. Parameter k of Params is wave k, x is wave 100, h wave 200, c wave 201, dy wave
// 300 with the factor 1. du and db are the gradients of the first gate's weight of h and bias.
var known = map[string]struct{ y, dx, du, db []float64 }{
	"lstm": {
		y: []float64{-0.1226255, 0.1991379, 0.1856689, 0.08643804, 0.1411477, 0.1417588, 0.1677885, 0.1013118, 0.1964834, 0.1248188, 0.1640689, 0.1154944},
		dx: []float64{0.04516819, -0.1279809, 0.1741626, 0.1650418, -0.1318075, 0.06084681, 0.01002308, 0.009839403, -0.02688562, 0.1205272, -0.08048709,
			0.01740978, 0.0493848, -0.03110271, 0.003918328, -0.01319458, 0.02149886, -0.02364968},
		du: []float64{-0.03157408, 0.05669827, 0.01524265, 0.01039258},
		db: []float64{0.0558398, 0.03641147},
	},
	"gru": {
		y: []float64{-0.3866605, -0.06929314, 0.8498452, 0.409113, 0.3672326, -0.5534576, 0.6102342, 0.4591268, 0.6987815, -0.04877556, 0.479508, 0.04631338},
		dx: []float64{-0.4002951, 0.2676018, -0.0583148, 0.4140935, -0.5925706, 0.6014407, -0.230237, 0.2705968, -0.2335057, 0.01992123, -0.1192999,
			0.1845322, -0.006242403, 0.2256747, -0.3805138, -0.4857691, 0.3958959, -0.1927085},
		du: []float64{0.06079405, 0.2138948, -0.06289507, 0.1502367},
		db: []float64{-0.2285636, 0.1324911},
	},
}

func TestKnownNumbers(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		for name, want := range known {
			c := newTrial(t, named(t, name), Options{In: 3, Units: 2, Batch: 2, Steps: 3}, false, 1, 1)
			for i := range c.values {
				wave(c.values[i], 0.9, i)
				clear(c.grads[i])
			}
			wave(c.x, 0.9, 100)
			for i, s := range c.layer.States() {
				wave(s, 0.9, 200+i)
			}
			wave(c.dy, 1, 300)
			clear(c.dx)
			c.forward()
			c.backward()
			near(t, name+": y", wide(c.y), want.y, 1e-6)
			near(t, name+": dx", wide(c.dx), want.dx, 1e-6)
			near(t, name+": gradient of "+c.layer.Params()[1].Name, wide(c.grads[1]), want.db, 1e-6)
			near(t, name+": gradient of "+c.layer.Params()[2].Name, wide(c.grads[2]), want.du, 1e-6)
		}
	})
}
