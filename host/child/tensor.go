package child

// tensor is a value of the program: for every example of the batch a map of
// (height, width, channels) numbers, row-major. A vector is a map of 1 x 1; the
// streams' vectors at a time step of a text are one of streams x 1.
type tensor struct {
	height, width, channels int
	// value holds the numbers while forward needs them, saved while backward
	// does. They are the same buffer unless backward restores the value.
	value, saved *buffer
	// grad holds the gradient; nil if nothing learned lies before the tensor.
	grad *buffer
	// parts lie on each other in depth, in place of buffers of the tensor's own.
	parts []piece
}

// newTensor is a tensor of the given shape, (H, W, C) or (C), or (T, C) with
// that many streams.
func newTensor(shape []int, streams int) *tensor {
	t := &tensor{height: 1, width: 1, channels: shape[len(shape)-1]}
	switch len(shape) {
	case 2:
		t.height = streams
	case 3:
		t.height, t.width = shape[0], shape[1]
	}
	t.value = newBuffer(t.height * t.width * t.channels)
	t.saved = t.value
	return t
}

// piece is a tensor that lies in a larger map, or fills it: its position (0, 0)
// is the map's position (top, left).
type piece struct {
	*tensor
	top, left int
}

// pieces are the tensors that hold the numbers of those given, or of their
// parts, which lie on each other in depth in a map of the given size: each is
// centred, and of an odd frame the larger half is at the bottom and the right.
func pieces(tensors []*tensor, height, width int) []piece {
	var list []piece
	for _, t := range tensors {
		top, left := (height-t.height)/2, (width-t.width)/2
		if t.parts == nil {
			list = append(list, piece{t, top, left})
		}
		for _, p := range t.parts {
			list = append(list, piece{p.tensor, top + p.top, left + p.left})
		}
	}
	return list
}

// framed reports whether some piece is smaller than the map.
func framed(list []piece, height, width int) bool {
	for _, p := range list {
		if p.height < height || p.width < width {
			return true
		}
	}
	return false
}

// tensors are those of the pieces.
func tensors(list []piece) []*tensor {
	var all []*tensor
	for _, p := range list {
		all = append(all, p.tensor)
	}
	return all
}

// positions is the number of rows of channels in n examples.
func (t *tensor) positions(n int) int { return n * t.height * t.width }

// size is how many numbers an example has.
func (t *tensor) size() int { return t.positions(1) * t.channels }

// x is the value of the examples [from, to) during forward.
func (t *tensor) x(from, to int) []float32 { return t.value.of(from, to) }

// kept is the value of the examples [from, to) during backward.
func (t *tensor) kept(from, to int) []float32 { return t.saved.of(from, to) }

// dx is the gradient of the examples [from, to).
func (t *tensor) dx(from, to int) []float32 { return t.grad.of(from, to) }

// param is one named tensor of a child: learned, or a running statistic.
type param struct {
	name  string
	shape []int
	role  role
	fanIn int // of a weight: inputs that one output sums
	value []float32
	grad  []float32 // nil for a statistic

	gradient gradient
}

// gradient says how a parameter's gradient comes about, and so what has to be
// cleared before a backward pass.
type gradient int

const (
	added     gradient = iota // cleared, then added to
	replaced                  // overwritten by the loss; then perhaps added to
	scattered                 // added to in a few rows, which its layer clears
)

type role int

const (
	roleWeight role = iota // He-initialised
	roleZero               // biases and beta: start at 0
	roleOne                // gamma: starts at 1
	roleMean               // running mean: starts at 0, not learned
	roleVar                // running variance: starts at 1, not learned
)

func (p *param) learned() bool { return p.role < roleMean }

func (p *param) size() int {
	n := 1
	for _, d := range p.shape {
		n *= d
	}
	return n
}
