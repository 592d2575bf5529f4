package cell

import "github.com/espalier-nas/espalier/kernels"

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
