package child

// tensor is a value of the program: for every example of the batch a map of
// (height, width, channels) numbers, row-major. A vector is a map of 1 x 1.
type tensor struct {
	height, width, channels int
	// value holds the numbers while forward needs them, saved while backward
	// does. They are the same buffer unless backward restores the value.
	value, saved *buffer
	// grad holds the gradient; nil if nothing learned lies before the tensor.
	grad *buffer
	// parts lie on each other in depth, in place of buffers of the tensor's own.
	parts []*tensor
}

// newTensor is a tensor of the given shape, (H, W, C) or (C).
func newTensor(shape []int) *tensor {
	t := &tensor{height: 1, width: 1, channels: shape[len(shape)-1]}
	if len(shape) == 3 {
		t.height, t.width = shape[0], shape[1]
	}
	t.value = newBuffer(t.height * t.width * t.channels)
	t.saved = t.value
	return t
}

// pieces are the tensors that hold the numbers of those given, which lie on
// each other in depth: their parts, or themselves.
func pieces(tensors []*tensor) []*tensor {
	var list []*tensor
	for _, t := range tensors {
		if t.parts != nil {
			list = append(list, t.parts...)
		} else {
			list = append(list, t)
		}
	}
	return list
}

// equalSizes reports whether all maps are equally high and wide.
func equalSizes(tensors []*tensor) bool {
	for _, t := range tensors {
		if t.height != tensors[0].height || t.width != tensors[0].width {
			return false
		}
	}
	return true
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
}

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
