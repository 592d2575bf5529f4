package child

import "github.com/espalier-nas/espalier/kernels"

// product multiplies two maps of equal shape, number by number.
type product struct {
	a, b, out *tensor

	apply, passBack *sweep // examples
}

// product adds the products of all inputs but the last one, which gives the
// step that yields out.
func (c *compiler) product(ins []*tensor, out *tensor) *step {
	a := ins[0]
	for _, b := range ins[1 : len(ins)-1] {
		between := *out
		between.value = newBuffer(out.size())
		between.saved = between.value
		c.append(c.pair(a, b, &between))
		a = &between
	}
	return c.pair(a, ins[len(ins)-1], out)
}

// pair multiplies two inputs.
func (c *compiler) pair(a, b, out *tensor) *step {
	l := &product{a: a, b: b, out: out}
	l.apply, l.passBack = c.program.sweep(l.applyTo), c.program.backward(out.size(), l.passBackTo)
	return &step{layer: l, inputs: []*tensor{a, b}, output: out, keepInputs: true, passBack: l.passBack}
}

func (l *product) forward(n int, _ bool) { l.apply.run(n, l.out.size()) }
func (l *product) backward(n int)        { l.passBack.run(n, l.out.size()) }

func (l *product) applyTo(_ *kernels.Scratch, _, from, to int) {
	kernels.Mul(l.out.x(from, to), l.a.x(from, to), l.b.x(from, to))
}

func (l *product) passBackTo(_ *kernels.Scratch, _, from, to int) {
	dy := l.out.dx(from, to)
	if l.a.grad != nil {
		kernels.MulAdd(l.a.dx(from, to), dy, l.b.kept(from, to))
	}
	if l.b.grad != nil {
		kernels.MulAdd(l.b.dx(from, to), dy, l.a.kept(from, to))
	}
}

// oneMinus is 1 - x of every number. x and y are (N, H, W, C).
type oneMinus struct {
	in, out *tensor

	apply, passBack *sweep // examples
}

func (c *compiler) oneMinus(in, out *tensor) *step {
	l := &oneMinus{in: in, out: out}
	l.apply, l.passBack = c.program.sweep(l.applyTo), c.program.backward(out.size(), l.passBackTo)
	return &step{layer: l, inputs: []*tensor{in}, output: out, passBack: l.passBack}
}

func (l *oneMinus) forward(n int, _ bool) { l.apply.run(n, l.out.size()) }
func (l *oneMinus) backward(n int)        { l.passBack.run(n, l.out.size()) }

func (l *oneMinus) applyTo(_ *kernels.Scratch, _, from, to int) {
	kernels.OneMinus(l.out.x(from, to), l.in.x(from, to))
}

func (l *oneMinus) passBackTo(_ *kernels.Scratch, _, from, to int) {
	kernels.AddScaled(l.in.dx(from, to), -1, l.out.dx(from, to))
}
