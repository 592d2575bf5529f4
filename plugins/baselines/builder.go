package baselines

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// builder writes a network node by node.
type builder struct{ network *spec.Network }

// node adds a node; the pointer is good until the next one is added.
//
//go:noinline
func (b *builder) node(name string, op spec.Op, inputs []string) *spec.Node {
	b.network.Nodes = append(b.network.Nodes, spec.Node{Name: name, Op: op, Inputs: inputs})
	return &b.network.Nodes[len(b.network.Nodes)-1]
}

// figures are the numbers of a block.
type figures struct {
	filters     int  // of a convolution, where the line says f
	wide        int  // w
	half        int  // h; c are the task's classes
	stride      int  // s; 0 is 1
	bias        bool // of convolutions
	rate        float64
	variational bool
	units       int // of an embedding and of recurrent layers
	state       float64
	cell        *spec.Cell
	tied        string
}

// parts are what the nodes of a block do, by their names without digits at the
// end.
var parts = [...]struct {
	name string
	op   spec.Op
	fn   spec.Func
}{
	{"conv", spec.OpConv2D, ""},
	{"gate", spec.OpConv2D, ""},
	{"shortcut", spec.OpConv2D, ""},
	{"norm", spec.OpBatchNorm, ""},
	{"relu", spec.OpActivation, spec.FuncReLU},
	{"transform", spec.OpActivation, spec.FuncSigmoid},
	{"dropout", spec.OpDropout, ""},
	{"maxpool", spec.OpMaxPool, ""},
	{"avgpool", spec.OpAvgPool, ""},
	{"pad", spec.OpPad, ""},
	{"add", spec.OpAdd, ""},
	{"carry", spec.OpOneMinus, ""},
	{"new", spec.OpElemMult, ""},
	{"old", spec.OpElemMult, ""},
	{"pool", spec.OpGlobalAvgPool, ""},
	{"dense", spec.OpDense, ""},
	{"embedding", spec.OpEmbedding, ""},
	{"layer", spec.OpRecurrent, ""},
}

// block adds the nodes of a line and returns the name of the last, which is the
// network's output so far. Their names begin with the label. The argument of a
// convolution is its kernel, its filters and, if it has one, its stride, each a
// digit or the letter of a figure; that of a pool, whose stride is 2, is its
// window; that of a pad is its filters. Dropout is left out at a rate of 0 or
// below, and batch normalization where convolutions have biases.
func (b *builder) block(label, in, line string, v *figures) string {
	s := scanner{line: line, label: label, source: in}
	for at := in; ; {
		if !s.next(at) {
			return at
		}
		bare := s.name
		for bare[len(bare)-1] <= '9' {
			bare = bare[:len(bare)-1]
		}
		i := 0
		for parts[i].name != bare {
			i++
		}
		op := parts[i].op
		if op == spec.OpDropout && v.rate <= 0 || op == spec.OpBatchNorm && v.bias {
			continue
		}
		n := b.node(s.label+s.name, op, s.inputs)
		at, n.Func = n.Name, parts[i].fn
		v.set(n, s.argument, b.network.Task.Classes)
		b.network.Output = at
	}
}

// set gives a node the figures that its argument names.
func (v *figures) set(n *spec.Node, argument string, classes int) {
	switch n.Op {
	case spec.OpConv2D:
		n.Bias = v.bias
	case spec.OpMaxPool, spec.OpAvgPool:
		n.Stride = [2]int{2, 2}
	case spec.OpDropout:
		n.Rate, n.Variational = v.rate, v.variational
	case spec.OpDense:
		n.Units, n.Bias, n.Tied = classes, true, v.tied
	case spec.OpEmbedding:
		n.Units, n.Vocabulary = v.units, classes
	case spec.OpRecurrent:
		n.Units, n.Cell = v.units, v.cell
		n.Rate, n.Variational = v.state, v.state != 0
	}
	for i := range len(argument) {
		switch c := argument[i]; c {
		case 'f':
			n.Filters = v.filters
		case 'w':
			n.Filters = v.wide
		case 'h':
			n.Filters = v.half
		case 'c':
			n.Filters = classes
		case 's':
			if v.stride > 1 {
				n.Stride = [2]int{v.stride, v.stride}
			}
		default:
			n.Kernel = [2]int{int(c - '0'), int(c - '0')}
		}
	}
}

// classifier ends the network with the mean over all positions and a dense
// layer.
//
//go:noinline
func (b *builder) classifier(in string) { b.block("classifier/", in, "pool dense", &figures{}) }

// number writes an integer. It is not inlined, which keeps the guest small.
//
//go:noinline
func number(i int) string { return strconv.Itoa(i) }

// label names the i-th block, from 1, of a stage, from 1.
//
//go:noinline
func label(stage, i int) string { return "block" + number(stage) + "." + number(i) + "/" }
