package cell

import (
	"slices"

	"github.com/espalier-nas/espalier/kernels"
)

// window is what a call works on.
type window struct {
	steps              int
	x, y, mask, dx, dy []float32
}

// work is a call under way, and what the next one needs to know of it.
type work struct {
	window
	*variant
	step, stage int

	packed bool
	done   int  // steps of the last Forward whose Backward has not been
	masks  bool // whether that had a mask

	operands [][]kernels.Matrix // of each slice, room for those of any program

	pack, ahead, back, learn kernels.Task // for each slice; learn has one part more, the biases
}

// part is a task of which each part is a slice.
type part func(k int, s *kernels.Scratch)

// Do implements kernels.Task.
func (p part) Do(k int, s *kernels.Scratch) { p(k, s) }

func (w *work) bind(l *Layer) {
	most := 0
	for _, v := range []*variant{l.plain, l.masked} {
		if v == nil {
			continue
		}
		for _, p := range slices.Concat(v.forward, v.backward) {
			if p != nil {
				most = max(most, len(p.places))
			}
		}
	}
	w.packed, w.done = false, 0
	w.operands = make([][]kernels.Matrix, len(l.slices))
	for k := range w.operands {
		w.operands[k] = make([]kernels.Matrix, most)
	}
	w.pack = part(func(k int, _ *kernels.Scratch) { l.pack(k) })
	w.ahead = part(func(k int, s *kernels.Scratch) { w.stepAhead(l, k, s) })
	w.back = part(func(k int, s *kernels.Scratch) { w.stepBack(l, k, s) })
	w.learn = part(func(k int, s *kernels.Scratch) {
		if k < len(l.slices) {
			l.learn(k, s, w.steps*l.Batch)
		} else {
			l.learnBiases(w.steps * l.Batch)
		}
	})
}

// begin sets what is the same for all steps.
func (w *work) begin(l *Layer, given window) {
	w.window, w.variant = given, l.plain
	if given.mask != nil && l.masked != nil {
		w.variant = l.masked
	}
}

// compute runs a slice of a vector program.
func (w *work) compute(l *Layer, p *program, k int, s *kernels.Scratch) {
	if p == nil {
		return
	}
	operands := w.operands[k][:len(p.places)]
	for i, at := range p.places {
		operands[i] = w.at(l, at, k, w.step)
	}
	p.code.Run(s, l.Batch, l.slices[k].units, operands)
}

// source returns what linear nodes read at a step.
func (w *work) source(l *Layer, i, step int) kernels.Matrix {
	v := w.sources[i]
	switch value := &w.values[v]; value.op {
	case fromX:
		return w.at(l, place{atX, 0}, 0, step)
	case fromState:
		return w.at(l, place{atState, value.index}, 0, step)
	}
	return w.at(l, w.homes[v][0], 0, step)
}

// at returns the vectors of slice k in a place at a step.
func (w *work) at(l *Layer, p place, k, step int) kernels.Matrix {
	m := &l.memory
	from := l.slices[k].from
	vector := func(x []float32, step int) kernels.Matrix {
		return kernels.Matrix{X: x[step*m.plane+from:], LD: l.Units}
	}
	switch p.kind {
	case atX:
		return kernels.Matrix{X: w.x[step*l.Batch*l.In+from:], LD: l.In}
	case atMask:
		return vector(w.mask, 0)
	case atState:
		return vector(m.states[p.index], step)
	case atNext:
		return vector(m.states[p.index], step+1)
	case atSlot:
		return kernels.Matrix{X: m.z[step*l.Batch*m.row+l.column(k, p.index):], LD: m.row}
	case atKept:
		return vector(m.kept[p.index], step%m.steps)
	case atY:
		return vector(w.y, step)
	case atDY:
		return vector(w.dy, step)
	case atDX:
		if w.dx == nil {
			return vector(m.unwanted, 0)
		}
		return vector(w.dx, step)
	case atDNext:
		return vector(m.dStates[p.index], (step+1)%2)
	case atDState:
		return vector(m.dStates[p.index], step%2)
	}
	return vector(m.adjoints[p.index], 0)
}
