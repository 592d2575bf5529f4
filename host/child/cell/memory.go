package cell

import "github.com/espalier-nas/espalier/kernels"

// memory is what a layer allocates. The pre-activations z are (T, N, row), where a row of all slots is cut by slices:
// (slices, slots, units of the slice). Vectors of several steps are (T, N, U).
type memory struct {
	numbers int64

	row   int // slots x U
	plane int // N x U
	steps int // for which values beside the states are kept: T, in inference 1

	z       []float32
	shift   []float32   // (row): the biases of each slot
	carried [][]float32 // states that the caller sees
	states  [][]float32 // (T+1, N, U): of the step before the window, then of each step
	kept    [][]float32 // (T, N, U)
	staging [][]float32 // weights of a slice, not packed

	dStates  [][]float32 // (2, N, U): of steps with even and with odd numbers
	adjoints [][]float32 // of each value that has one, in a step
	unwanted []float32   // (N, U), for the gradient of x where the caller does not want it
	sums     []float32   // (row): over z's rows
}

// floats lists the arrays with their sizes, those of a layer for inference without gradients.
func (m *memory) floats(l *Layer, f func(x *[]float32, size int)) {
	variants := []*variant{l.plain}
	if l.masked != nil {
		variants = append(variants, l.masked)
	}
	states, kept := 0, 0
	for _, v := range variants {
		states, kept = max(states, len(v.states)), max(kept, v.keeping.kept)
	}
	m.row, m.plane, m.steps = len(l.slots)*l.Units, l.Batch*l.Units, l.Steps
	if l.Inference {
		m.steps = 1
	}
	each := func(x *[][]float32, count, size int) {
		*x = make([][]float32, count)
		for i := range *x {
			f(&(*x)[i], size)
		}
	}
	f(&m.z, l.Steps*l.Batch*m.row)
	f(&m.shift, m.row)
	each(&m.carried, l.carried, m.plane)
	each(&m.states, states, (l.Steps+1)*m.plane)
	each(&m.kept, kept, m.steps*m.plane)
	each(&m.staging, len(l.slices), l.staged())
	if l.Inference {
		return
	}
	each(&m.dStates, states, 2*m.plane)
	last := variants[len(variants)-1] // has the values of the other one, too
	m.adjoints = make([][]float32, len(last.values))
	for i := range m.adjoints {
		if last.adjoint[i] || i < len(l.plain.values) && l.plain.adjoint[i] {
			f(&m.adjoints[i], m.plane)
		}
	}
	f(&m.unwanted, m.plane)
	f(&m.sums, m.row)
}

// plan counts the numbers that allocate allocates.
func (m *memory) plan(l *Layer) {
	m.numbers = 0
	m.floats(l, func(_ *[]float32, size int) { m.numbers += int64(size) })
	l.packed(func(_ **kernels.Packed, rows, cols int) { m.numbers += int64(kernels.PackedLen(rows, cols)) })
}

func (m *memory) allocate(l *Layer) {
	m.floats(l, func(x *[]float32, size int) { *x = make([]float32, size) })
	l.packed(func(p **kernels.Packed, rows, cols int) { *p = kernels.NewPacked(rows, cols) })
}
