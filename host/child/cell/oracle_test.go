package cell

import (
	"math"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// oracle evaluates a cell node by node in float64, and differentiates it unrolled over the steps of a window, one
// stream at a time. It shares nothing with the layer but the plan, which says what is live.
type oracle struct {
	cell      *spec.Cell
	plan      *spec.CellPlan
	in, units int
	weights   map[string][]float64 // by name of Param
	grads     map[string][]float64
	trace     []map[string][]float64 // of each step: the values by name
	mask      []float64              // (units) of the stream, or nil
}

func newOracle(c *spec.Cell, in, units int) *oracle {
	plan, err := c.Infer(in, units)
	if err != nil {
		panic(err)
	}
	return &oracle{cell: c, plan: plan, in: in, units: units, weights: map[string][]float64{}, grads: map[string][]float64{}}
}

// read is what a linear node reads of a vector.
func (o *oracle) read(name string, v []float64) []float64 {
	if name != spec.HiddenState || o.mask == nil {
		return v
	}
	masked := make([]float64, len(v))
	for i := range v {
		masked[i] = v[i] * o.mask[i]
	}
	return masked
}

// step computes the values of a step, given those of the states and x.
func (o *oracle) step(x []float64, states map[string][]float64) map[string][]float64 {
	values := map[string][]float64{spec.CellInput: x}
	for name, s := range states {
		values[name] = s
	}
	for _, i := range o.plan.Nodes {
		n := &o.cell.Nodes[i]
		y := make([]float64, o.units)
		if n.Op == spec.CellLinear {
			v, w := o.read(n.Inputs[0], values[n.Inputs[0]]), o.weights[n.Name]
			if n.Bias {
				copy(y, o.weights[n.Name+".bias"])
			}
			for r := range v {
				for c := range y {
					y[c] += v[r] * w[r*o.units+c]
				}
			}
		} else {
			for c := range y {
				y[c] = combine(n, func(k int) float64 { return values[n.Inputs[k]][c] })
			}
		}
		values[n.Name] = y
	}
	return values
}

// combine is an elementwise node of one element.
func combine(n *spec.CellNode, in func(k int) float64) float64 {
	y := in(0)
	switch n.Op {
	case spec.CellOneMinus:
		return 1 - y
	case spec.CellAct:
		switch n.Func {
		case spec.FuncReLU:
			return max(y, 0)
		case spec.FuncTanh:
			return math.Tanh(y)
		case spec.FuncSigmoid:
			return 1 / (1 + math.Exp(-y))
		case spec.FuncSin:
			return math.Sin(y)
		}
	}
	for k := 1; k < len(n.Inputs); k++ {
		switch n.Op {
		case spec.CellAdd:
			y += in(k)
		case spec.CellElemMult:
			y *= in(k)
		case spec.CellMax:
			y = max(y, in(k))
		}
	}
	return y
}

// slope is the derivative of combine for its input k. Of equal inputs of a maximum the first has it.
func slope(n *spec.CellNode, k int, in func(k int) float64) float64 {
	switch n.Op {
	case spec.CellAdd:
		return 1
	case spec.CellOneMinus:
		return -1
	case spec.CellElemMult:
		d := 1.0
		for j := range n.Inputs {
			if j != k {
				d *= in(j)
			}
		}
		return d
	case spec.CellMax:
		for j := range n.Inputs {
			if in(j) > in(k) || in(j) == in(k) && j < k {
				return 0
			}
		}
		return 1
	}
	y := combine(n, in)
	switch n.Func {
	case spec.FuncReLU:
		if y > 0 {
			return 1
		}
		return 0
	case spec.FuncTanh:
		return 1 - y*y
	case spec.FuncSigmoid:
		return y * (1 - y)
	case spec.FuncSin:
		return math.Cos(in(0))
	}
	return 1
}

// run evaluates a window: x is (T, In). It returns y (T, Units) and leaves the last states in states.
func (o *oracle) run(x [][]float64, states map[string][]float64) (y [][]float64) {
	o.trace = nil
	for _, row := range x {
		values := o.step(row, states)
		o.trace = append(o.trace, values)
		for _, s := range o.plan.States {
			states[o.cell.States[s].Name] = values[o.cell.States[s].Next]
		}
		y = append(y, states[spec.HiddenState])
	}
	return y
}

// back differentiates the last run: it adds to grads and returns dx. Nothing comes from after the window.
func (o *oracle) back(dy [][]float64) (dx [][]float64) {
	dx = make([][]float64, len(dy))
	dStates := map[string][]float64{}
	for t := len(dy) - 1; t >= 0; t-- {
		values, d := o.trace[t], map[string][]float64{}
		at := func(name string) []float64 {
			if d[name] == nil {
				d[name] = make([]float64, len(values[name]))
			}
			return d[name]
		}
		for _, s := range o.plan.States {
			state := o.cell.States[s]
			to := at(state.Next)
			for i, g := range dStates[state.Name] {
				to[i] += g
			}
			if state.Name == spec.HiddenState {
				for i, g := range dy[t] {
					to[i] += g
				}
			}
		}
		for i := len(o.plan.Nodes) - 1; i >= 0; i-- {
			n := &o.cell.Nodes[o.plan.Nodes[i]]
			if n.Op == spec.CellLinear {
				o.backLinear(n, at(n.Name), values[n.Inputs[0]], at(n.Inputs[0]))
				continue
			}
			for c, g := range at(n.Name) {
				in := func(k int) float64 { return values[n.Inputs[k]][c] }
				for k := range n.Inputs {
					at(n.Inputs[k])[c] += g * slope(n, k, in)
				}
			}
		}
		dx[t] = at(spec.CellInput)
		dStates = map[string][]float64{}
		for _, s := range o.plan.States {
			dStates[o.cell.States[s].Name] = at(o.cell.States[s].Name)
		}
	}
	return dx
}

func (o *oracle) backLinear(n *spec.CellNode, dy, x, dx []float64) {
	read := o.read(n.Inputs[0], x)
	w, dw := o.weights[n.Name], o.grads[n.Name]
	for r := range x {
		sum := 0.0
		for c, g := range dy {
			dw[r*o.units+c] += read[r] * g
			sum += w[r*o.units+c] * g
		}
		if n.Inputs[0] == spec.HiddenState && o.mask != nil {
			sum *= o.mask[r]
		}
		dx[r] += sum
	}
	if n.Bias {
		for c, g := range dy {
			o.grads[n.Name+".bias"][c] += g
		}
	}
}
