package cell

import "github.com/espalier-nas/espalier/kernels"

// packed calls f with the size of every packed matrix.
func (l *Layer) packed(f func(p **kernels.Packed, rows, cols int)) {
	for i := range l.sources {
		src := &l.sources[i]
		for j := range src.runs {
			r := &src.runs[j]
			r.forward = make([]*kernels.Packed, len(l.slices))
			r.backward = make([][]*kernels.Packed, len(l.slices))
			for k, s := range l.slices {
				f(&r.forward[k], src.rows, r.slots*s.units)
				if l.Inference {
					continue
				}
				r.backward[k] = make([]*kernels.Packed, len(src.parts))
				for d, part := range src.parts {
					f(&r.backward[k][d], r.slots*s.units, part.units)
				}
			}
		}
	}
}

// staged returns how many numbers the largest unpacked matrix of a slice has.
func (l *Layer) staged() int {
	most := 0
	for i := range l.sources {
		for _, r := range l.sources[i].runs {
			for _, s := range l.slices {
				most = max(most, l.sources[i].rows*r.slots*s.units)
			}
		}
	}
	return most
}

// beside copies a slice of a run's weights side by side, to (rows, slots x units).
func (l *Layer) beside(staging []float32, src *source, r *run, s slice) {
	for j, weight := range r.weights {
		w := l.values[weight]
		for i := range src.rows {
			copy(staging[(i*r.slots+j)*s.units:][:s.units], w[i*l.Units+s.from:])
		}
	}
}

// apart adds what lies side by side as beside leaves it to the gradients of the weights.
func (l *Layer) apart(staging []float32, src *source, r *run, s slice) {
	for j, weight := range r.weights {
		dw := l.grads[weight]
		for i := range src.rows {
			kernels.Add(dw[i*l.Units+s.from:][:s.units], staging[(i*r.slots+j)*s.units:])
		}
	}
}

// pack packs a slice of all weights, and adds up that of the biases of each slot.
func (l *Layer) pack(k int) {
	s, staging := l.slices[k], l.memory.staging[k]
	for j := range l.slots {
		shift := l.memory.shift[l.column(k, j):][:s.units]
		clear(shift)
		for _, lin := range l.slots[j].linears {
			if lin.bias >= 0 {
				kernels.Add(shift, l.values[lin.bias][s.from:])
			}
		}
	}
	for i := range l.sources {
		src := &l.sources[i]
		for j := range src.runs {
			r := &src.runs[j]
			l.beside(staging, src, r, s)
			width := r.slots * s.units
			r.forward[k].Set(false, staging, width)
			for d, part := range src.parts {
				if !l.Inference {
					r.backward[k][d].Set(true, staging[part.from*width:], width)
				}
			}
		}
	}
}

// learn adds to the gradients of a slice of all weights: of each the product of its source, transposed, with the
// gradients of its slot, over the rows of all steps.
func (l *Layer) learn(k int, s *kernels.Scratch, rows int) {
	staging, m := l.memory.staging[k], &l.memory
	for i := range l.sources {
		src := &l.sources[i]
		from := l.work.source(l, i, 0)
		for j := range src.runs {
			r := &src.runs[j]
			width := r.slots * l.slices[k].units
			kernels.Gemm(s, true, false, src.rows, width, rows, 1, from.X, from.LD, m.z[l.column(k, r.first):], m.row, 0, staging, width)
			l.apart(staging, src, r, l.slices[k])
		}
	}
}

// learnBiases adds the sums of each slot's gradients to the gradients of its biases.
func (l *Layer) learnBiases(rows int) {
	m := &l.memory
	clear(m.sums)
	kernels.ColumnSums(m.sums, m.z, rows, m.row)
	for j := range l.slots {
		for _, lin := range l.slots[j].linears {
			for k, s := range l.slices {
				if lin.bias >= 0 {
					kernels.Add(l.grads[lin.bias][s.from:][:s.units], m.sums[l.column(k, j):])
				}
			}
		}
	}
}

// column returns where a slot begins in the part of z's rows that belongs to slice k.
func (l *Layer) column(k, slot int) int {
	s := l.slices[k]
	return len(l.slots)*s.from + slot*s.units
}
