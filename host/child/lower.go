package child

import "github.com/espalier-nas/espalier/wasm/spec"

// lower turns the node at position i into a step, or into another name of a
// value.
func (c *compiler) lower(i int) {
	n := &c.nodes[i]
	var ins []*tensor
	for k := range n.Inputs {
		ins = append(ins, c.input(i, k))
	}
	in := ins[0]
	if i == c.last {
		c.values = append(c.values, in)
		c.program.classifier = c.classifier(n, in)
		return
	}
	out := newTensor(c.plan.Nodes[i].Shape, c.options.Streams)
	c.values = append(c.values, out)
	if c.alias(i) || c.fuse(i, in) {
		out.value, out.saved, out.grad, out.parts = in.value, in.saved, in.grad, in.parts
		return
	}
	if n.Op == spec.OpConcat {
		parts := pieces(ins, out.height, out.width)
		if c.inParts[i] && !(c.wholes[i] && framed(parts, out.height, out.width)) {
			out.value, out.saved, out.parts = nil, nil, parts
			return
		}
	}
	c.overwrite(i, in, out)
	var s *step
	switch n.Op {
	case spec.OpConv2D:
		s = c.conv(n, in, out)
	case spec.OpBatchNorm:
		s = c.batchNorm(n, in, out)
		s.gradInPlace = c.onlyReader(i)
		c.applyEarly(i, in, s)
	case spec.OpActivation:
		s = c.activation(n.Func, in, out)
		c.applyEarly(i, in, s)
	case spec.OpMaxPool, spec.OpAvgPool:
		s = c.pool(n, in, out)
	case spec.OpGlobalAvgPool:
		s = c.globalPool(in, out)
	case spec.OpConcat:
		s = c.concat(pieces(ins, out.height, out.width), out)
	case spec.OpPad:
		s = c.concat(pieces(ins, out.height, out.width), out)
	case spec.OpAdd:
		s = c.add(ins, out)
	case spec.OpElemMult:
		s = c.product(ins, out)
	case spec.OpMean:
		s = c.mean(n.Rate, ins, out)
	case spec.OpOneMinus:
		s = c.oneMinus(in, out)
	case spec.OpDense:
		s = c.dense(n, in, out)
	case spec.OpDropout:
		s = c.dropout(n, in, out)
	case spec.OpRecurrent:
		c.recurrent(n, in, out)
		return
	case spec.OpEmbedding:
		s = c.embedding(n, out)
	default:
		panic("child: an operation is unknown")
	}
	c.append(s)
}

// append adds s to the program.
func (c *compiler) append(s *step) {
	out := s.output
	wanted := s.learns
	for _, in := range s.inputs {
		wanted = wanted || in.grad != nil
	}
	buffers := []*buffer{s.carried}
	switch {
	case s.gradInPlace && s.inputs[0].grad != nil:
		out.grad = s.inputs[0].grad
	case wanted && !c.options.Inference:
		out.grad = newBuffer(out.size())
		buffers = append(buffers, out.grad)
	}
	if c.makers[out.value] == nil {
		buffers = append(buffers, out.value)
	}
	if out.saved != out.value {
		buffers = append(buffers, out.saved)
	}
	for _, b := range buffers {
		if b != nil {
			c.program.buffers = append(c.program.buffers, b)
		}
	}
	c.makers[out.value] = s
	c.program.steps = append(c.program.steps, s)
}

// fuse reports whether the node at position i is a ReLU that the batch
// normalisation before it can do as well, and makes it do so: nobody else reads
// what is between.
func (c *compiler) fuse(i int, in *tensor) bool {
	maker := c.makers[in.value]
	if maker == nil || c.nodes[i].Func != spec.FuncReLU || c.readersOfInput(i) > 1 {
		return false
	}
	l, ok := maker.layer.(*batchNorm)
	if !ok || l.relu {
		return false
	}
	l.relu = true
	return true
}

// applyEarly has the convolution or dense layer that makes the input of s, the
// step of the node at position i, do what s would do, if that is a ReLU in place
// or a batch normalisation, and nobody else reads what is between.
func (c *compiler) applyEarly(i int, in *tensor, s *step) {
	maker := c.makers[in.value]
	if maker == nil || maker.ending() == nil || !c.onlyReader(i) {
		return
	}
	e := maker.ending()
	switch l := s.layer.(type) {
	case *batchNorm:
		e.norm, l.early = l, true
	case *activation:
		if l.fn == spec.FuncReLU && l.out.value == in.value {
			e.relu, l.early = true, true
		}
	}
}

// overwrite lets the node at position i put its output where its input is, if
// it may work in place and nobody needs the input afterwards.
func (c *compiler) overwrite(i int, in, out *tensor) {
	n, maker := &c.nodes[i], c.makers[in.value]
	inPlace := n.Op == spec.OpBatchNorm || n.Op == spec.OpActivation
	if !inPlace || maker == nil || c.readersOfInput(i) > 1 || in.saved != in.value {
		return
	}
	readsInput := n.Op == spec.OpBatchNorm || n.Func == spec.FuncSin
	if c.options.Inference || !maker.keepOutput && !readsInput {
		out.value, out.saved = in.value, in.value
	}
}

// onlyReader reports whether nobody else reads the value that is the first
// input of the node at position i.
func (c *compiler) onlyReader(i int) bool {
	from := c.plan.Nodes[i].Inputs[0]
	return from != spec.FromInput && c.readers[from] == 1
}

// readersOfInput is how often the value is read that is the first input of the
// node at position i, which is another node.
func (c *compiler) readersOfInput(i int) int { return c.readers[c.plan.Nodes[i].Inputs[0]] }

// weight adds a weight to the program; fanIn is the number of inputs that one
// of its outputs sums.
func (c *compiler) weight(node string, fanIn int, shape ...int) *param {
	p := c.param(node+".weight", roleWeight, shape...)
	p.fanIn = fanIn
	return p
}

// param adds a parameter or a statistic to the program.
func (c *compiler) param(name string, r role, shape ...int) *param {
	p := &param{name: name, role: r, shape: shape}
	c.program.params = append(c.program.params, p)
	return p
}

// schedule finds the instants at which each buffer is in use: 0 when the
// caller fills the input, 1 to S forward, S+1 the loss, S+2 to 2S+1 backward.
// It also finds who must clear a gradient or restore a value, being the first
// to use it.
func (c *compiler) schedule() {
	p := c.program
	p.input.value.touch(0) // no value: of token ids
	for i, s := range p.steps {
		s.output.value.touch(i + 1)
		if e := s.ending(); e != nil && e.norm != nil {
			e.norm.out.value.touch(i + 1)
		}
		s.carried.touch(i + 1)
		for _, in := range s.inputs {
			in.value.touch(i + 1)
		}
	}
	loss := len(p.steps) + 1
	p.output.value.touch(loss)
	if c.options.Inference {
		return
	}
	p.output.grad.touch(loss)
	for i := len(p.steps) - 1; i >= 0; i-- {
		if s := p.steps[i]; s.output.grad != nil {
			c.scheduleBackward(s, 2*loss-1-i)
		}
	}
}

func (c *compiler) scheduleBackward(s *step, t int) {
	for _, in := range s.inputs {
		if in.grad != nil && !in.grad.used() {
			if s.passBack != nil {
				s.passBack.clears = append(s.passBack.clears, in.grad)
			} else {
				s.clears = append(s.clears, in.grad)
			}
		}
		in.grad.touch(t)
		if s.keepInputs {
			c.need(s, in, t)
		}
	}
	s.output.grad.touch(t)
	s.carried.touch(t)
	if s.keepOutput {
		s.output.saved.touch(t)
	}
}

// need notes that the backward of s, at the instant t, reads the value of in.
func (c *compiler) need(s *step, in *tensor, t int) {
	if in.saved != in.value && !in.saved.used() {
		l := c.makers[in.value].layer.(*concat)
		s.restores = append(s.restores, l)
		for _, part := range l.ins {
			part.saved.touch(t)
		}
	}
	in.saved.touch(t)
}
