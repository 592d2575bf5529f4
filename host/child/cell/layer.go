package cell

import (
	"fmt"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Options are the sizes of a layer; all are at least 1.
type Options struct {
	In        int  // width of x
	Units     int  // width of the states and of y
	Batch     int  // streams
	Steps     int  // most time steps of a window
	Inference bool // without Backward, and without its memory
}

// Param describes a learned matrix. A weight (Rows, Cols) maps rows of width Rows: y = x W. A bias is (1, Cols).
type Param struct {
	Name       string // of the linear node, for a bias with ".bias" appended
	Rows, Cols int
	Bias       bool
}

// Layer is a compiled recurrent layer. It runs one call at a time.
type Layer struct {
	Options
	params  []Param
	plain   *variant
	masked  *variant // h is multiplied with a mask where linear nodes read it; nil if none does
	carried int      // states that the caller sees
	slices  []slice
	slots   []slot
	sources []source

	memory memory
	work   work

	values, grads [][]float32
}

// Compile returns the layer that computes c. Its memory is allocated by Bind.
func Compile(c *spec.Cell, o Options) (*Layer, error) {
	if o.Batch < 1 || o.Steps < 1 {
		return nil, fmt.Errorf("cell: a window has at least one stream and one step, not %d and %d", o.Batch, o.Steps)
	}
	plan, err := c.Infer(o.In, o.Units)
	if err != nil {
		return nil, err
	}
	g, params := lower(c, plan, o)
	l := &Layer{Options: o, params: params, carried: len(plan.States), slices: cut(o.Units), slots: g.slots}
	l.sources = gather(g, o, l.slices)
	l.plain = derive(g, o.Inference)
	if m := g.mask(); m != nil {
		l.masked = derive(m, o.Inference)
	}
	l.memory.plan(l)
	return l, nil
}

// Params returns the weights and biases of the cell's live linear nodes in the order of Cell.Nodes, a weight before
// its bias.
func (l *Layer) Params() []Param { return l.params }

// Bytes returns the size of the memory that Bind allocates.
func (l *Layer) Bytes() int64 { return 4 * l.memory.numbers }

// Bind gives the layer the memory of its parameters and of their gradients, which stays the caller's, and
// allocates its own. Inference takes no gradients: grads is nil.
func (l *Layer) Bind(values, grads [][]float32) {
	check(values, l.params)
	if !l.Inference {
		check(grads, l.params)
	}
	l.values, l.grads = values, grads
	l.memory.allocate(l)
	l.work.bind(l)
}

const (
	msgParams = "cell: the parameters bound are not those of Params"
	msgWindow = "cell: a window is longer than compiled for, or its sequences are too short"
	msgOrder  = "cell: Backward follows a Forward of as many steps, with a mask or without, of a layer compiled for training"
	msgUnset  = "cell: Forward follows Bind and Pack"
)

func check(memory [][]float32, params []Param) {
	if len(memory) != len(params) {
		panic(msgParams)
	}
	for i, p := range params {
		if len(memory[i]) != p.Rows*p.Cols {
			panic(msgParams)
		}
	}
}

// States returns the carried states (N, U), which Bind allocates, one for each live state in the order of Cell.States: what the next window
// begins with, and after Forward what this one ended with. The caller may read, set or clear them.
func (l *Layer) States() [][]float32 { return l.memory.carried }

// Pack readies the weights for the products. It is called after they have changed, and before Forward.
func (l *Layer) Pack(t *kernels.Team) {
	if l.work.operands == nil {
		panic(msgUnset)
	}
	t.Run(l.work.pack, len(l.slices))
	l.work.packed = true
}

// Forward computes y (T, N, U) of x (T, N, In) for steps time steps, beginning with the carried states, and carries the
// last states on. mask (N, U), if not nil, multiplies the state h where linear nodes read it, in every step
// (variational dropout; Gal & Ghahramani 2016, section 4).
func (l *Layer) Forward(t *kernels.Team, steps int, y, x, mask []float32) {
	l.checkWindow(steps, y, x, mask)
	if !l.work.packed {
		panic(msgUnset)
	}
	l.work.forward(l, t, window{steps: steps, x: x, y: y, mask: mask})
}

// Backward adds to the gradients of the parameters, and to dx (T, N, In) unless it is nil, what dy (T, N, U) passes
// back through the last Forward, whose steps, x and mask are given again. Gradients end at the window's start
// (truncated backpropagation through time). It can be called once after each Forward.
func (l *Layer) Backward(t *kernels.Team, steps int, dx, dy, x, mask []float32) {
	l.checkWindow(steps, dy, x, mask)
	if dx != nil && len(dx) < steps*l.Batch*l.In {
		panic(msgWindow)
	}
	if l.Inference || l.work.done != steps || l.work.masks != (mask != nil) {
		panic(msgOrder)
	}
	l.work.backward(l, t, window{steps: steps, x: x, dx: dx, dy: dy, mask: mask})
}

func (l *Layer) checkWindow(steps int, y, x, mask []float32) {
	rows := steps * l.Batch
	if steps < 1 || steps > l.Steps || len(y) < rows*l.Units || len(x) < rows*l.In || mask != nil && len(mask) < l.Batch*l.Units {
		panic(msgWindow)
	}
}
