package child

import (
	"fmt"
	"math/rand/v2"

	"github.com/espalier-nas/espalier/host/child/cell"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// recurrent is one layer of a recurrent node: x is (T, N, C), y is (T, N, U).
// Its states are carried from window to window. In training, variational
// dropout multiplies the state h, where the cell's linear nodes read it, by one
// mask (N, U) for all steps of a window (Gal & Ghahramani 2016).
type recurrent struct {
	program *Program
	cell    *cell.Layer
	in, out *tensor
	params  []*param // in the cell's order
	states  []string // names
	rate    float64
	mask    []float32 // nil: none
	active  []float32 // the mask of the last forward; nil: none
	rng     *rand.PCG // the program's
}

// recurrent adds the layers of a node, each of which reads the one below, to
// the program.
func (c *compiler) recurrent(n *spec.Node, in, out *tensor) {
	for i := range n.Layers {
		name, y := n.Name, out
		if n.Layers > 1 {
			name = fmt.Sprintf("%s.%d", n.Name, i)
		}
		if i < n.Layers-1 {
			y = newTensor([]int{c.program.batch, n.Units}, c.program.streams)
		}
		c.append(c.recurrentLayer(n, name, in, y))
		in = y
	}
}

func (c *compiler) recurrentLayer(n *spec.Node, name string, in, out *tensor) *step {
	p := c.program
	layer, err := cell.Compile(n.Cell, cell.Options{
		In: in.channels, Units: n.Units, Batch: p.streams, Steps: p.batch, Inference: c.options.Inference,
	})
	if err != nil {
		panic("child: a cell of a valid network is not valid")
	}
	l := &recurrent{program: p, cell: layer, in: in, out: out, rate: n.Rate, rng: &p.dropping}
	plan, _ := n.Cell.Infer(in.channels, n.Units)
	for _, i := range plan.States {
		l.states = append(l.states, name+"."+n.Cell.States[i].Name)
	}
	for _, q := range layer.Params() {
		if q.Bias {
			l.params = append(l.params, c.param(name+"."+q.Name, roleZero, q.Cols))
		} else {
			l.params = append(l.params, c.weight(name+"."+q.Name, q.Rows, q.Rows, q.Cols))
		}
	}
	if l.rate > 0 && !c.options.Inference {
		c.fixed = append(c.fixed, fixed{&l.mask, p.streams * n.Units})
	}
	p.recurrent, p.holders = append(p.recurrent, l), append(p.holders, l)
	return &step{layer: l, inputs: []*tensor{in}, output: out, keepInputs: true, learns: len(l.params) > 0}
}

func (l *recurrent) bytes() int64 { return l.cell.Bytes() }

// allocate gives the cell the memory of its parameters, and its own.
func (l *recurrent) allocate() {
	var values, grads [][]float32
	for _, q := range l.params {
		values = append(values, q.value)
		if q.grad != nil {
			grads = append(grads, q.grad)
		}
	}
	l.cell.Bind(values, grads)
}

func (l *recurrent) forward(n int, training bool) {
	l.active = nil
	if training && l.mask != nil {
		l.active = l.mask
		drawMask(l.mask, l.rate, l.rng.Uint64(), 0)
	}
	l.cell.Forward(l.program.team, n, l.out.x(0, n), l.in.x(0, n), l.active)
}

func (l *recurrent) backward(n int) {
	var dx []float32
	if l.in.grad != nil {
		dx = l.in.dx(0, n)
	}
	l.cell.Backward(l.program.team, n, dx, l.out.dx(0, n), l.in.kept(0, n), l.active)
}
