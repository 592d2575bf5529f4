package cell

import "github.com/espalier-nas/espalier/kernels"

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
