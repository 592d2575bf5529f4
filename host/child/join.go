package child

import "github.com/espalier-nas/espalier/kernels"

// concat lays maps on each other in depth: inputs (N, Hi, Wi, Ci), output
// (N, max Hi, max Wi, sum Ci), or with more channels, which are 0 (a pad). A
// smaller map is framed with zeros.
type concat struct {
	ins    []piece
	out    *tensor
	padded bool // some of the output is no input's

	copyNow, copyKept, passBack *sweep // examples
}

// add sums maps of equal shape.
type add struct {
	ins []*tensor
	out *tensor

	apply, passBack *sweep // examples
}

func (c *compiler) concat(ins []piece, out *tensor) *step {
	l := &concat{ins: ins, out: out, padded: framed(ins, out.height, out.width)}
	depth := 0
	for _, in := range ins {
		depth += in.channels
	}
	l.padded = l.padded || depth < out.channels
	p := c.program
	l.copyNow, l.copyKept, l.passBack = p.sweep(l.copyNowTo), p.sweep(l.copyKeptTo), p.backward(out.size(), l.passBackTo)
	restore := c.restore && !c.options.Inference
	for _, in := range ins {
		restore = restore && in.saved == in.value
	}
	if restore {
		out.saved = newBuffer(out.size())
	}
	return &step{layer: l, inputs: tensors(ins), output: out, passBack: l.passBack}
}

func (l *concat) forward(n int, _ bool) { l.copyNow.run(n, l.out.size()) }
func (l *concat) backward(n int)        { l.passBack.run(n, l.out.size()) }

// restore writes the concatenation anew, from inputs that are kept.
func (l *concat) restore(n int) { l.copyKept.run(n, l.out.size()) }

func (l *concat) copyNowTo(_ *kernels.Scratch, _, from, to int) {
	l.fill(from, to, l.out.x(from, to), false)
}

func (l *concat) copyKeptTo(_ *kernels.Scratch, _, from, to int) {
	l.fill(from, to, l.out.kept(from, to), true)
}

// fill writes the concatenation of the inputs of the examples [from, to), as
// they are during forward or as they are kept for backward, into y.
func (l *concat) fill(from, to int, y []float32, kept bool) {
	if l.padded {
		clear(y)
	}
	depth := 0
	for _, in := range l.ins {
		x := in.value.of(from, to)
		if kept {
			x = in.saved.of(from, to)
		}
		c, stride := in.channels, l.out.channels
		for row := range (to - from) * in.height {
			at := l.row(in, row)*stride + depth
			for range in.width {
				copy(y[at:at+c], x)
				x = x[c:]
				at += stride
			}
		}
		depth += c
	}
}

func (l *concat) passBackTo(_ *kernels.Scratch, _, from, to int) {
	dy := l.out.dx(from, to)
	depth := 0
	for _, in := range l.ins {
		c, stride := in.channels, l.out.channels
		if in.grad != nil {
			dx := in.dx(from, to)
			for row := range (to - from) * in.height {
				at := l.row(in, row)*stride + depth
				for range in.width {
					kernels.Add(dx[:c], dy[at:at+c])
					dx = dx[c:]
					at += stride
				}
			}
		}
		depth += c
	}
}

// row is the position in the output at which the given row of all the rows of
// the input's examples starts.
func (l *concat) row(in piece, row int) int {
	example, y := row/in.height, row%in.height
	return (example*l.out.height+in.top+y)*l.out.width + in.left
}

func (c *compiler) add(ins []*tensor, out *tensor) *step {
	l := &add{ins: ins, out: out}
	l.apply, l.passBack = c.program.sweep(l.applyTo), c.program.backward(out.size(), l.passBackTo)
	return &step{layer: l, inputs: ins, output: out, passBack: l.passBack}
}

func (l *add) forward(n int, _ bool) { l.apply.run(n, l.out.size()) }
func (l *add) backward(n int)        { l.passBack.run(n, l.out.size()) }

func (l *add) applyTo(_ *kernels.Scratch, _, from, to int) {
	y := l.out.x(from, to)
	copy(y, l.ins[0].x(from, to))
	for _, in := range l.ins[1:] {
		kernels.Add(y, in.x(from, to))
	}
}

func (l *add) passBackTo(_ *kernels.Scratch, _, from, to int) {
	for _, in := range l.ins {
		if in.grad != nil {
			kernels.Add(in.dx(from, to), l.out.dx(from, to))
		}
	}
}
