package cell

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// differences compares the oracle's gradients of a trial's first stream with central differences, for a few elements of
// every parameter and of x. The loss is the inner product of y and dy.
func (c *trial) differences(t *testing.T) {
	t.Helper()
	o := c.oracle()
	x, dy := stream(c.x, c.steps, c.layer.Batch, c.layer.In, 0), stream(c.dy, c.steps, c.layer.Batch, c.layer.Units, 0)
	loss := func() float64 {
		sum := 0.0
		for step, row := range o.run(x, c.begin(o, 0)) {
			for i, y := range row {
				sum += y * dy[step][i]
			}
		}
		return sum
	}
	for _, d := range o.grads {
		clear(d)
	}
	loss()
	dx := o.back(dy)
	r := rand.New(rand.NewPCG(5, 6))
	check := func(what string, values, grads []float64) {
		const eps = 1e-6
		for range 3 {
			i := r.IntN(len(values))
			v := values[i]
			values[i] = v + eps
			up := loss()
			values[i] = v - eps
			slope := (up - loss()) / (2 * eps)
			values[i] = v
			if math.Abs(slope-grads[i]) > 1e-5*max(1, math.Abs(slope)) {
				t.Fatalf("%s: element %d has the gradient %g, by differences %g", what, i, grads[i], slope)
			}
		}
	}
	for _, p := range c.layer.Params() {
		check(p.Name, o.weights[p.Name], o.grads[p.Name])
	}
	for step := range x {
		check(fmt.Sprint("x of step ", step), x[step], dx[step])
	}
}

// TestOracle shows that the oracle's gradients are those of its values.
func TestOracle(t *testing.T) {
	for _, name := range []string{"lstm", "gru", "rhn-3", "nascell"} {
		for _, masked := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/mask=%v", name, masked), func(t *testing.T) {
				newTrial(t, named(t, name), Options{In: 3, Units: 4, Batch: 1, Steps: 4}, masked, 1, 1).differences(t)
			})
		}
	}
	randomTrials(t, func(seed uint64, c *trial) {
		t.Run(fmt.Sprint("seed=", seed), c.differences)
	})
}
