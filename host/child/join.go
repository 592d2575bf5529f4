package child

import "github.com/espalier-nas/espalier/kernels"

// concat lays maps on each other in depth: inputs (N, Hi, Wi, Ci), output
// (N, max Hi, max Wi, sum Ci). A smaller map is centred and framed with zeros;
// of an odd frame the larger half is at the bottom and the right.
type concat struct {
	ins    []*tensor
	out    *tensor
	padded bool // some input is smaller than the output
}

// add sums maps of equal shape.
type add struct {
	ins []*tensor
	out *tensor
}

func (c *compiler) concat(ins []*tensor, out *tensor) *step {
	l := &concat{ins: ins, out: out}
	restore := c.restore && !c.options.Inference
	for _, in := range ins {
		l.padded = l.padded || in.height < out.height || in.width < out.width
		maker := c.makers[in.value]
		restore = restore && in.saved == in.value && (maker == nil || maker.keepOutput)
	}
	if restore {
		out.saved = newBuffer(out.value.size)
	}
	return &step{layer: l, inputs: ins, output: out}
}

func (l *concat) forward(n int, _ bool) { l.fill(n, l.out.x(n), false) }

// fill writes the concatenation of the inputs, as they are during forward or
// as they are kept for backward, into y.
func (l *concat) fill(n int, y []float32, kept bool) {
	if l.padded {
		clear(y)
	}
	depth := 0
	for _, in := range l.ins {
		x := in.value.of(n)
		if kept {
			x = in.saved.of(n)
		}
		c, stride := in.channels, l.out.channels
		for row := range n * in.height {
			to := l.row(in, row)*stride + depth
			for range in.width {
				copy(y[to:to+c], x)
				x = x[c:]
				to += stride
			}
		}
		depth += c
	}
}

func (l *concat) backward(n int) {
	dy := l.out.dx(n)
	depth := 0
	for _, in := range l.ins {
		c, stride := in.channels, l.out.channels
		if in.grad != nil {
			dx := in.dx(n)
			for row := range n * in.height {
				from := l.row(in, row)*stride + depth
				for range in.width {
					kernels.Add(dx[:c], dy[from:from+c])
					dx = dx[c:]
					from += stride
				}
			}
		}
		depth += c
	}
}

// row is the position in the output at which the given row of all the rows of
// the input's examples starts.
func (l *concat) row(in *tensor, row int) int {
	top, left := (l.out.height-in.height)/2, (l.out.width-in.width)/2
	example, y := row/in.height, row%in.height
	return (example*l.out.height+top+y)*l.out.width + left
}

func (c *compiler) add(ins []*tensor, out *tensor) *step {
	return &step{layer: &add{ins, out}, inputs: ins, output: out}
}

func (l *add) forward(n int, _ bool) {
	y := l.out.x(n)
	copy(y, l.ins[0].x(n))
	for _, in := range l.ins[1:] {
		kernels.Add(y, in.x(n))
	}
}

func (l *add) backward(n int) {
	for _, in := range l.ins {
		if in.grad != nil {
			kernels.Add(in.dx(n), l.out.dx(n))
		}
	}
}
