package child

// layer is a compiled operation. Both methods work on the first n examples, with
// the program's threads, and allocate nothing.
type layer interface {
	// forward overwrites the output. In training, batch normalisation uses the
	// statistics of the batch and dropout drops.
	forward(n int, training bool)
	// backward adds to the gradients of the inputs and of the parameters.
	backward(n int)
}

// step is a layer with what the memory plan must know about it.
type step struct {
	layer
	inputs     []*tensor
	output     *tensor
	keepInputs bool    // backward reads the inputs
	keepOutput bool    // backward reads the output
	carried    *buffer // written by forward, read by backward; may be nil
	learns     bool    // has parameters of its own
	// gradInPlace: backward turns the gradient of the output into that of the
	// input, which nobody else adds to.
	gradInPlace bool

	passBack *sweep    // that adds to the gradients of the inputs; nil: clears are left to the step
	clears   []*buffer // gradients to which this step is the first to add, and which passBack does not clear
	restores []*concat // values that this step is the first to need in backward
}

// trains reports whether backward has anything to do.
func (s *step) trains() bool { return s.output.grad != nil }

// backwardAll runs the backward pass of the step of p with its preparations.
func (s *step) backwardAll(p *Program, n int) {
	for _, b := range s.clears {
		p.clear(b.of(0, n))
	}
	for _, c := range s.restores {
		c.restore(n)
	}
	s.backward(n)
}
