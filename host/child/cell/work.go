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

func (w *work) forward(l *Layer, t *kernels.Team, given window) {
	w.begin(l, given)
	m := &l.memory
	for i, s := range m.carried {
		copy(m.states[i], s)
	}
	if w.variant == l.masked {
		kernels.Mul(m.states[l.carried][:m.plane], m.carried[w.output], w.mask)
	}
	for w.step = range w.steps {
		for w.stage = range w.stages {
			t.Run(w.ahead, len(l.slices))
		}
	}
	for i, s := range m.carried {
		copy(s, m.states[i][w.steps*m.plane:])
	}
	w.done, w.masks = w.steps, w.mask != nil
	w.window = window{}
}

// project does the products of x for a slice, for all steps.
func (w *work) project(l *Layer, k int, s *kernels.Scratch) {
	m := &l.memory
	for i := range l.sources {
		src := &l.sources[i]
		for j := 0; src.isX && j < len(src.runs); j++ {
			r := &src.runs[j]
			at := l.column(k, r.first)
			shift := kernels.Epilogue{Shift: m.shift[at:]}
			kernels.GemmPacked(s, false, w.steps*l.Batch, w.x, l.In, r.forward[k], 0, m.z[at:], m.row, &shift)
		}
	}
}

// stepAhead does a slice of a stage.
func (w *work) stepAhead(l *Layer, k int, s *kernels.Scratch) {
	m := &l.memory
	z := m.z[w.step*l.Batch*m.row:]
	if w.stage == 0 {
		if w.step == 0 {
			w.project(l, k, s)
		}
		l.fill(z, k)
	}
	for i := range l.sources {
		src := &l.sources[i]
		if src.isX || src.stage != w.stage {
			continue
		}
		from := w.source(l, i, w.step)
		for j := range src.runs {
			r := &src.runs[j]
			kernels.GemmPacked(s, false, l.Batch, from.X, from.LD, r.forward[k], 1, z[l.column(k, r.first):], m.row, nil)
		}
	}
	w.compute(l, w.variant.forward[w.stage], k, s)
}

// fill sets the slots that x has no part in to their biases, for a slice and a step.
func (l *Layer) fill(z []float32, k int) {
	for j := range l.slots {
		if l.ofX(j) {
			continue
		}
		at, units := l.column(k, j), l.slices[k].units
		for n := range l.Batch {
			copy(z[n*l.memory.row+at:][:units], l.memory.shift[at:])
		}
	}
}

// ofX reports whether the products of x set a slot.
func (l *Layer) ofX(slot int) bool {
	for _, lin := range l.slots[slot].linears {
		if l.sources[lin.source].isX {
			return true
		}
	}
	return false
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

func (w *work) backward(l *Layer, t *kernels.Team, given window) {
	w.begin(l, given)
	m := &l.memory
	for _, d := range m.dStates {
		clear(d)
	}
	clear(m.unwanted)
	for w.step = w.steps - 1; w.step >= 0; w.step-- {
		for w.stage = w.stages - 1; w.stage >= 0; w.stage-- {
			t.Run(w.back, len(l.slices))
		}
	}
	parts := len(l.slices)
	for _, p := range l.params {
		if p.Bias {
			parts = len(l.slices) + 1
		}
	}
	t.Run(w.learn, parts)
	if w.dx != nil {
		w.passBack(l, t)
	}
	w.done = 0
	w.window = window{}
}

// stepBack does a slice of a stage, backward: first the products that complete the gradients of what the stage has
// computed, with the gradients of slots of later stages or of the step after.
func (w *work) stepBack(l *Layer, k int, s *kernels.Scratch) {
	for i := range l.sources {
		v := w.sources[i]
		value := &w.values[v]
		switch {
		case value.elementwise() && value.stage == w.stage:
			w.passInto(l, i, k, s, w.step, w.at(l, place{atAdjoint, v}, k, w.step), w.passed[v])
		case value.op == fromState && w.stage == w.stages-1 && w.step < w.steps-1:
			w.passInto(l, i, k, s, w.step+1, w.at(l, place{atDNext, value.index}, k, w.step), w.returned[value.index])
		}
	}
	w.compute(l, w.variant.backward[w.stage], k, s)
}

// passInto sets part k of a source's gradient to the products of the slots' gradients at a step with the weights, or
// adds them.
func (w *work) passInto(l *Layer, i, k int, s *kernels.Scratch, step int, to kernels.Matrix, add bool) {
	src, m := &l.sources[i], &l.memory
	z := m.z[step*l.Batch*m.row:]
	for j := range src.runs {
		r := &src.runs[j]
		for from := range l.slices {
			beta := float32(0)
			if add {
				beta = 1
			}
			kernels.GemmPacked(s, false, l.Batch, z[l.column(from, r.first):], m.row, r.backward[from][k], beta, to.X, to.LD, nil)
			add = true
		}
	}
}

// passBack adds to the gradient of x what its products pass back.
func (w *work) passBack(l *Layer, t *kernels.Team) {
	m := &l.memory
	for i := range l.sources {
		src := &l.sources[i]
		for j := 0; src.isX && j < len(src.runs); j++ {
			r := &src.runs[j]
			for k := range l.slices {
				t.GemmPacked(false, w.steps*l.Batch, m.z[l.column(k, r.first):], m.row, r.backward[k][0], 1, w.dx, l.In, nil)
			}
		}
	}
}
