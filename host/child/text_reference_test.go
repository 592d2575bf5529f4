package child

import (
	"fmt"
	"math"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// window is the mean cross-entropy of a window of tokens, after states before.
func (r *reference) window(tokens, labels []int32) float64 {
	return r.crossEntropy(r.textLogits(tokens), labels)
}

// textLogits interprets the network on tokens (T, N).
func (r *reference) textLogits(tokens []int32) *array {
	r.tokens, r.n = tokens, len(tokens)/r.streams
	r.values = map[string]*array{spec.InputName: {}}
	r.after = map[string][]float64{}
	return r.value(r.net.Output)
}

// recurrent interprets the layers of a node step by step.
func (r *reference) recurrent(n *spec.Node, x *array) *array {
	for i := range max(1, n.Layers) {
		name := n.Name
		if n.Layers > 1 {
			name = fmt.Sprintf("%s.%d", n.Name, i)
		}
		y := r.array(r.streams, 1, n.Units)
		for stream := range r.streams {
			states := map[string][]float64{}
			for _, s := range n.Cell.States {
				states[s.Name] = make([]float64, n.Units)
				if before, ok := r.before[name+"."+s.Name]; ok {
					copy(states[s.Name], before[stream*n.Units:])
				}
			}
			for t := range r.n {
				at := t*r.streams + stream
				step := &cellStep{r: r, cell: n.Cell, name: name, units: n.Units, x: x.data[at*x.c:][:x.c], states: states, values: map[string][]float64{}}
				if mask := r.masks[name]; r.training && mask != nil {
					step.mask = mask[stream*n.Units:][:n.Units]
				}
				next := map[string][]float64{}
				for _, s := range n.Cell.States {
					next[s.Name] = step.value(s.Next)
				}
				states = next
				copy(y.data[at*n.Units:], states[spec.HiddenState])
			}
			for s, v := range states {
				r.after[name+"."+s] = append(r.after[name+"."+s], v...)
			}
		}
		x = y
	}
	return x
}

// cellStep is a step of one stream.
type cellStep struct {
	r      *reference
	cell   *spec.Cell
	name   string
	units  int
	x      []float64
	mask   []float64 // of h, where linear nodes read it
	states map[string][]float64
	values map[string][]float64
}

func (s *cellStep) value(name string) []float64 {
	if name == spec.CellInput {
		return s.x
	}
	if v, ok := s.states[name]; ok {
		return v
	}
	if v, ok := s.values[name]; ok {
		return v
	}
	for i := range s.cell.Nodes {
		if n := &s.cell.Nodes[i]; n.Name == name {
			s.values[name] = s.node(n)
			return s.values[name]
		}
	}
	panic("no cell node " + name)
}

func (s *cellStep) node(n *spec.CellNode) []float64 {
	y := append([]float64(nil), s.value(n.Inputs[0])...)
	if n.Op == spec.CellLinear {
		if n.Inputs[0] == spec.HiddenState && s.mask != nil {
			for i := range y {
				y[i] *= s.mask[i]
			}
		}
		return s.linear(n, y)
	}
	for _, in := range n.Inputs[1:] {
		for i, v := range s.value(in) {
			switch n.Op {
			case spec.CellAdd:
				y[i] += v
			case spec.CellElemMult:
				y[i] *= v
			case spec.CellMax:
				y[i] = max(y[i], v)
			}
		}
	}
	for i, v := range y {
		switch {
		case n.Op == spec.CellOneMinus:
			y[i] = 1 - v
		case n.Op == spec.CellAct && n.Func == spec.FuncTanh:
			y[i] = math.Tanh(v)
		case n.Op == spec.CellAct && n.Func == spec.FuncSigmoid:
			y[i] = 1 / (1 + math.Exp(-v))
		case n.Op == spec.CellAct && n.Func == spec.FuncReLU:
			y[i] = max(v, 0)
		case n.Op == spec.CellAct && n.Func == spec.FuncSin:
			y[i] = math.Sin(v)
		}
	}
	return y
}

func (s *cellStep) linear(n *spec.CellNode, x []float64) []float64 {
	w := s.r.params[s.name+"."+n.Name+".weight"]
	y := make([]float64, s.units)
	copy(y, s.r.params[s.name+"."+n.Name+".bias"])
	for u := range y {
		for i, v := range x {
			y[u] += v * w[i*s.units+u]
		}
	}
	return y
}
