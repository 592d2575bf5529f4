package controller

import "github.com/espalier-nas/espalier/kernels"

// lstm is one LSTM layer's part of a tape; every matrix has one row for each
// row of the tape.
type lstm struct {
	blocks lstmBlocks
	input  []float32 // (N, in+H): x then the previous hidden state
	gates  []float32 // (N, 4H): i f o g after their activations; overwritten by their gradients
	cell   []float32 // (N, H)
	tanh   []float32 // (N, H): of cell
	// carried from step to step while going backward
	dhidden []float32 // (B, H)
	dcell   []float32 // (B, H)
	dinput  []float32 // (B, in+H)
}

func (l *lstm) width() int { return l.blocks.w.cols / 4 }

// grow makes room for n rows, keeping what is there.
func (l *lstm) grow(n int) {
	h := l.width()
	l.input = extend(l.input, n*(l.blocks.in+h))
	l.gates = extend(l.gates, n*4*h)
	l.cell = extend(l.cell, n*h)
	l.tanh = extend(l.tanh, n*h)
}

// x is the part of row r's input that the caller writes.
func (l *lstm) x(r int) []float32 {
	cols := l.blocks.w.rows
	return l.input[r*cols : r*cols+l.blocks.in]
}

// hidden is the part of row r's input that holds the previous hidden state.
func (l *lstm) hidden(r int) []float32 {
	cols := l.blocks.w.rows
	return l.input[r*cols+l.blocks.in : (r+1)*cols]
}

// forward computes rows [at, at+n) whose inputs are written, from the cells of
// rows [before, before+n), or from zero cells if before is negative. It writes
// the new hidden states to h, (n, H).
func (l *lstm) forward(s *kernels.Scratch, weights []float32, at, before, n int, h []float32) {
	width, in := l.width(), l.blocks.w.rows
	gates := l.gates[at*4*width : (at+n)*4*width]
	if n == 1 { // sampling: too little work to pay for packing a matrix
		vecMat(gates, l.input[at*in:(at+1)*in], l.blocks.w.of(weights))
	} else {
		kernels.Gemm(s, false, false, n, 4*width, in, 1, l.input[at*in:], in, l.blocks.w.of(weights), 4*width, 0, gates, 4*width)
	}
	kernels.AddBias(gates, l.blocks.bias.of(weights), n, 4*width)
	for r := range n {
		g := gates[r*4*width : (r+1)*4*width]
		kernels.Sigmoid(g[:3*width], g[:3*width])
		kernels.Tanh(g[3*width:], g[3*width:])
		c := l.cell[(at+r)*width : (at+r+1)*width]
		kernels.Mul(c, g[:width], g[3*width:])
		if before >= 0 {
			kernels.MulAdd(c, g[width:2*width], l.cell[(before+r)*width:(before+r+1)*width])
		}
		t := l.tanh[(at+r)*width : (at+r+1)*width]
		kernels.Tanh(t, c)
		kernels.Mul(h[r*width:(r+1)*width], g[2*width:3*width], t)
	}
}

// dx is the gradient of the input from below of row i of the present step.
func (l *lstm) dx(i int) []float32 {
	cols := l.blocks.w.rows
	return l.dinput[i*cols : i*cols+l.blocks.in]
}

// start prepares to go backward over a batch of n episodes.
func (l *lstm) start(n int) {
	l.dhidden = zeroed(l.dhidden, n*l.width())
	l.dcell = zeroed(l.dcell, n*l.width())
	l.dinput = resize(l.dinput, n*l.blocks.w.rows)
}

// backward goes through rows [at, at+n): dh, (n, H), is the gradient of their
// hidden states from above, to which what the next step carried is added. It
// replaces the gates by their gradients before activation and dinput by the
// gradient of the input, and carries the state's gradient to the step before.
func (l *lstm) backward(s *kernels.Scratch, weights []float32, at, before, n int, dh []float32) {
	width, in := l.width(), l.blocks.w.rows
	kernels.Add(dh[:n*width], l.dhidden)
	for r := range n {
		var previous []float32
		if before >= 0 {
			previous = l.cell[(before+r)*width : (before+r+1)*width]
		}
		cellBackward(l.gates[(at+r)*4*width:(at+r+1)*4*width], l.dcell[r*width:(r+1)*width],
			dh[r*width:(r+1)*width], l.tanh[(at+r)*width:(at+r+1)*width], previous)
	}
	kernels.Gemm(s, false, true, n, in, 4*width, 1, l.gates[at*4*width:], 4*width, l.blocks.w.of(weights), 4*width, 0, l.dinput, in)
	for r := range n {
		copy(l.dhidden[r*width:(r+1)*width], l.dinput[r*in+l.blocks.in:(r+1)*in])
	}
}

// cellBackward is the backward pass of one cell of H units. gates, (4H), are
// replaced by their gradients before activation, and dc, (H), by the gradient of
// the previous cell state c, which is nil for zeros. dh and tanh are (H).
//
//	dc += dh∘o∘(1-tanh²);  di = dc∘g;  df = dc∘c;  do = dh∘tanh;  dg = dc∘i;  dc' = dc∘f
func cellBackward(gates, dc, dh, tanh, c []float32) {
	h := len(dc)
	in, forget, out, update := gates[:h], gates[h:2*h], gates[2*h:3*h], gates[3*h:4*h]
	dh, tanh = dh[:h], tanh[:h]
	for j := range dc {
		i, f, o, g := in[j], forget[j], out[j], update[j]
		d := dc[j] + float32(float32(dh[j]*o)*(1-float32(tanh[j]*tanh[j])))
		in[j] = float32(d*g) * float32(i*(1-i))
		forget[j] = 0
		if c != nil {
			forget[j] = float32(d*c[j]) * float32(f*(1-f))
		}
		out[j] = float32(dh[j]*tanh[j]) * float32(o*(1-o))
		update[j] = float32(d*i) * (1 - float32(g*g))
		dc[j] = d * f
	}
}

// finish adds the gradient of the layer's weights over all rows to dweights.
func (l *lstm) finish(s *kernels.Scratch, dweights []float32, rows int) {
	width, in := l.width(), l.blocks.w.rows
	kernels.Gemm(s, true, false, in, 4*width, rows, 1, l.input, in, l.gates, 4*width, 1, l.blocks.w.of(dweights), 4*width)
	kernels.ColumnSums(l.blocks.bias.of(dweights), l.gates, rows, 4*width)
}
