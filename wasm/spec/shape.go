package spec

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// tensor is the shape of one example's worth of a value: (H, W, C), (T, C) or
// (C), or (T) token ids.
type tensor struct {
	shape  []int
	tokens bool
}

func (t tensor) channels() int { return t.shape[len(t.shape)-1] }

// layer is a node whose inputs are known.
type layer struct {
	node  *Node // with defaults
	task  *Task
	in    []tensor
	table *Node     // the embedding that a dense layer is tied to, if any
	out   *PlanNode // Shape, Params and MACs are written
}

// refuse makes a problem of its arguments.
func refuse(what string) *Problem { return &Problem{What: what} }

func tooLarge(what string) *Problem { return &Problem{What: what, Large: true} }

// infer fills in what the node makes of its inputs.
func (l *layer) infer() *Problem {
	if problem := l.accepts(); problem != nil {
		return problem
	}
	x := l.in[0]
	var problem *Problem
	switch l.node.Op {
	case OpConv2D:
		problem = l.conv()
	case OpMaxPool, OpAvgPool:
		problem = l.window(x.channels())
	case OpGlobalAvgPool:
		l.out.Shape = []int{x.channels()}
	case OpConcat:
		problem = l.concat()
	case OpAdd, OpElemMult, OpMean:
		problem = l.elementwise()
	case OpPad:
		problem = l.pad()
	case OpDense:
		problem = l.dense()
	case OpFlatten:
		l.out.Shape = []int{x.shape[0] * x.shape[1] * x.shape[2]}
	case OpEmbedding:
		problem = l.embedding()
	case OpRecurrent:
		problem = l.recurrent()
	case OpBatchNorm:
		l.out.Shape = x.shape
		l.out.Params = 2 * int64(x.channels())
	default: // activation, dropout, one_minus
		l.out.Shape = x.shape
	}
	if problem != nil {
		return problem
	}
	elements := int64(1)
	for _, size := range l.out.Shape {
		elements = product(elements, int64(size))
	}
	if elements > MaxElements {
		return tooLarge("its output " + shapeText(l.out.Shape) + " has more than " + strconv.Itoa(MaxElements) + " numbers")
	}
	return nil
}

// accepts checks that the node's op takes inputs of this rank.
func (l *layer) accepts() *Problem {
	op := l.node.Op
	for _, x := range l.in {
		switch {
		case op == OpEmbedding && !x.tokens:
			return refuse("an embedding takes the token ids, " + wire.Quote(InputName) + " of a text task")
		case op != OpEmbedding && x.tokens:
			return refuse("it takes token ids; send them through an embedding first")
		}
		rank := len(x.shape)
		switch op {
		case OpConv2D, OpMaxPool, OpAvgPool, OpGlobalAvgPool, OpFlatten:
			if rank != 3 {
				return refuse(string(op) + " takes a feature map (H, W, C), not " + shapeText(x.shape))
			}
		case OpRecurrent:
			if rank != 2 {
				return refuse("recurrent takes a sequence (T, C), not " + shapeText(x.shape))
			}
		}
	}
	if l.node.Variational && len(l.in[0].shape) != 2 {
		return refuse("variational dropout takes a sequence (T, C), not " + shapeText(l.in[0].shape))
	}
	return nil
}

// window infers a sliding window that yields the given number of channels.
func (l *layer) window(channels int) *Problem {
	n, x := l.node, l.in[0].shape
	dilation := n.Dilation
	if n.Op != OpConv2D {
		dilation = [2]int{1, 1}
	}
	h, _ := Window(x[0], n.Kernel[0], n.Stride[0], dilation[0], n.Padding)
	w, _ := Window(x[1], n.Kernel[1], n.Stride[1], dilation[1], n.Padding)
	if h == 0 || w == 0 {
		return refuse("its window does not fit into " + shapeText(x) + "; use a smaller kernel or padding same")
	}
	l.out.Shape = []int{h, w, channels}
	return nil
}

func (l *layer) conv() *Problem {
	n, in := l.node, l.in[0].channels()
	if in%n.Groups != 0 || n.Filters%n.Groups != 0 {
		return refuse(strconv.Itoa(n.Groups) + " groups do not divide " + strconv.Itoa(in) + " input channels and " + strconv.Itoa(n.Filters) + " filters")
	}
	if problem := l.window(n.Filters); problem != nil {
		return problem
	}
	weights := product(int64(n.Kernel[0]), int64(n.Kernel[1]), int64(in/n.Groups), int64(n.Filters))
	l.out.Params = weights
	if n.Bias {
		l.out.Params += int64(n.Filters)
	}
	l.out.MACs = product(int64(l.out.Shape[0]), int64(l.out.Shape[1]), weights)
	return nil
}

// concat joins in depth; maps are padded to the largest, sequences must agree.
func (l *layer) concat() *Problem {
	out := append([]int(nil), l.in[0].shape...)
	last := len(out) - 1
	for _, x := range l.in[1:] {
		if len(x.shape) != len(out) || last == 1 && x.shape[0] != out[0] {
			return refuse("it cannot join " + shapeText(l.in[0].shape) + " and " + shapeText(x.shape))
		}
		for axis := range last {
			out[axis] = max(out[axis], x.shape[axis])
		}
		out[last] += x.shape[last]
		if out[last] > MaxChannels {
			return tooLarge("it joins more than " + strconv.Itoa(MaxChannels) + " channels")
		}
	}
	l.out.Shape = out
	return nil
}

// elementwise joins equal shapes.
func (l *layer) elementwise() *Problem {
	verb := "add"
	switch l.node.Op {
	case OpElemMult:
		verb = "multiply"
	case OpMean:
		verb = "average"
	}
	for _, x := range l.in[1:] {
		if !equal(x.shape, l.in[0].shape) {
			return refuse("it cannot " + verb + " " + shapeText(l.in[0].shape) + " and " + shapeText(x.shape) + "; shapes must be equal")
		}
	}
	l.out.Shape = l.in[0].shape
	return nil
}

// pad adds channels.
func (l *layer) pad() *Problem {
	x := l.in[0]
	if l.node.Filters < x.channels() {
		return refuse("it pads to " + strconv.Itoa(l.node.Filters) + " channels, but its input has " + strconv.Itoa(x.channels()) + " already")
	}
	last := len(x.shape) - 1
	l.out.Shape = append(append([]int(nil), x.shape[:last]...), l.node.Filters)
	return nil
}

func (l *layer) dense() *Problem {
	n, x := l.node, l.in[0]
	last := len(x.shape) - 1
	l.out.Shape = append(append([]int(nil), x.shape[:last]...), n.Units)
	weights := product(int64(x.shape[last]), int64(n.Units))
	l.out.MACs = weights
	for _, size := range x.shape[:last] {
		l.out.MACs = product(l.out.MACs, int64(size))
	}
	if n.Tied == "" {
		l.out.Params = weights
	} else if l.table.Units != x.shape[last] || l.table.Vocabulary != n.Units {
		return refuse("it is tied to " + wire.Quote(n.Tied) + ", a table of shape " + shapeText([]int{l.table.Vocabulary, l.table.Units}) +
			"; that needs an input of " + strconv.Itoa(l.table.Units) + " channels, here " + strconv.Itoa(x.shape[last]) +
			", and " + strconv.Itoa(l.table.Vocabulary) + " units, here " + strconv.Itoa(n.Units))
	}
	if n.Bias {
		l.out.Params += int64(n.Units)
	}
	return nil
}

func (l *layer) embedding() *Problem {
	n := l.node
	if n.Vocabulary != l.task.Classes {
		return refuse("its vocabulary is " + strconv.Itoa(n.Vocabulary) + "; the task has " + strconv.Itoa(l.task.Classes) + " token ids")
	}
	l.out.Shape = []int{l.in[0].shape[0], n.Units}
	l.out.Params = product(int64(n.Vocabulary), int64(n.Units))
	return nil
}

// recurrent stacks layers: the first reads the input's channels, the others
// the units of the layer below.
func (l *layer) recurrent() *Problem {
	n, x := l.node, l.in[0].shape
	l.out.Shape = []int{x[0], n.Units}
	for layer, in := 0, x[1]; layer < min(n.Layers, 2); layer, in = layer+1, n.Units {
		plan, problem := n.Cell.infer(in, n.Units)
		if problem != nil {
			return problem
		}
		count := int64(1)
		if layer == 1 {
			count = int64(n.Layers - 1)
		}
		l.out.Params = sum(l.out.Params, product(count, plan.Params))
		l.out.MACs = sum(l.out.MACs, product(count, plan.MACs, int64(x[0])))
	}
	return nil
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// shapeText writes a shape as (32, 32, 3).
func shapeText(shape []int) string {
	s := "("
	for i, size := range shape {
		if i > 0 {
			s += ", "
		}
		s += strconv.Itoa(size)
	}
	return s + ")"
}
