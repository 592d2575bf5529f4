package child

import (
	"fmt"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Options of Compile.
type Options struct {
	// Inference leaves out everything that only training needs: gradients and
	// the values that backward reads.
	Inference bool
	BatchNorm BatchNorm
	// MemoryBytes is the largest memory that the program and ReserveBytes may
	// take together; 0: no limit.
	MemoryBytes int64
	// ReserveBytes is what the caller will hold beside the program, and
	// StateFloats the numbers that it will hold for each learned parameter.
	ReserveBytes int64
	StateFloats  int64
	// Streams are the texts that a text network reads side by side, at least 1;
	// an example is then a time step of all of them. Ignored for images.
	Streams int
	// SumSteps has Backward pass on the gradient of the loss summed over the
	// steps of a window, and averaged only over its streams.
	SumSteps bool
	// Threads work on a batch; 0: one. Results do not depend on their number.
	// SetThreads may choose others, up to MaxThreads if that is more.
	Threads, MaxThreads int

	unshared bool // no two buffers overlap: the memory plan's oracle in tests
	winograd bool // use Winograd's method where it does not pay, too
}

// Compile turns net into a program for batches of up to that many examples, or
// for windows of up to that many time steps of a text:
// dead nodes are dropped, nodes that change no number become aliases, most
// concatenations that only convolutions read are left in parts, a ReLU is done
// by the layer before it or in place where nobody else reads what is between,
// and so is a batch normalisation in evaluation; all activations and gradients
// get their places in one arena. If that needs too much memory, other
// concatenations are not kept for backward but made again from their parts,
// which then are kept, and fewer of a text's logits are made at a time.
//
// It returns a *FailedError for a network that is too large or has operations
// that cannot be trained here, and another error for an invalid network.
func Compile(net *spec.Network, batch int, o Options) (*Program, error) {
	p, _, err := outline(net, batch, o)
	if err != nil {
		return nil, err
	}
	p.allocate()
	return p, nil
}

// outline is a program that has no memory yet, and what it takes together with
// what the caller holds.
func outline(net *spec.Network, batch int, o Options) (p *Program, need int64, err error) {
	if batch < 1 {
		return nil, 0, fmt.Errorf("child: batch is %d, want at least 1", batch)
	}
	plan, err := net.Infer()
	if err != nil {
		return nil, 0, fmt.Errorf("child: %w", err)
	}
	if net.Task.Type == spec.TaskText && o.Streams < 1 {
		return nil, 0, fmt.Errorf("child: streams is %d, want at least 1 for a text", o.Streams)
	}
	for _, restore := range []bool{false, true} {
		if p, err = newCompiler(net, plan, o, restore).compile(net, batch); err != nil {
			return nil, 0, err
		}
		need = p.bytes + o.ReserveBytes + 4*o.StateFloats*p.Params()
		if o.MemoryBytes == 0 || need <= o.MemoryBytes {
			return p, need, nil
		}
	}
	if net.Task.Type == spec.TaskText {
		return nil, 0, failed("it needs %s with windows of %d steps of %d streams, the limit is %s", mebibytes(need), batch, o.Streams, mebibytes(o.MemoryBytes))
	}
	return nil, 0, failed("it needs %s at batch %d, the limit is %s", mebibytes(need), batch, mebibytes(o.MemoryBytes))
}

func mebibytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// compiler holds what is known while a network becomes a program. Values are
// known by the position in the plan of the node that yields them.
type compiler struct {
	plan    *spec.Plan
	nodes   []spec.Node // with defaults, by position
	options Options
	restore bool // save memory: make concatenations again in backward, and few logits at a time

	program *Program
	values  []*tensor         // by position
	origins []int             // by position: the node that yields the value if aliases are looked through
	readers []int             // by position: how often the value is read
	inParts []bool            // by position: whether all readers can take the value in parts
	wholes  []bool            // by position: whether a reader would rather take it whole than in parts of several sizes
	makers  map[*buffer]*step // the last step to write a value
	indices []indices
	sums    int // numbers that a convolution needs for the sums of its blocks
	fixed   []fixed
	tables  map[string]*param // of embeddings, by node
	last    int               // the position of the dense layer that is done with the loss; -1: none
}

// fixed is an array that does not grow with the batch.
type fixed struct {
	of   *[]float32
	size int
}

// indices is an integer array that a layer needs for each example.
type indices struct {
	of   *[]int32
	size int
}

func newCompiler(net *spec.Network, plan *spec.Plan, o Options, restore bool) *compiler {
	c := &compiler{plan: plan, options: o, restore: restore, makers: map[*buffer]*step{}, tables: map[string]*param{}}
	for _, n := range plan.Nodes {
		c.nodes = append(c.nodes, net.Nodes[n.Index].WithDefaults())
	}
	return c
}

func (c *compiler) compile(net *spec.Network, batch int) (*Program, error) {
	p := &Program{id: net.ID(), batch: batch, threads: max(1, c.options.Threads)}
	p.maxThreads = max(p.threads, c.options.MaxThreads)
	p.inference = c.options.Inference
	p.clearing, p.filter, p.filterBack = p.sweep(p.clearPart), p.sweep(p.makeFilters), p.sweep(p.makeFiltersBack)
	c.program = p
	if net.Task.Type == spec.TaskText {
		p.streams, p.sumSteps = c.options.Streams, c.options.SumSteps
		p.input = &tensor{}
		c.indices = append(c.indices, indices{&p.tokens, p.streams})
	} else {
		p.input = newTensor(net.Task.Input, 0)
		p.buffers = append(p.buffers, p.input.value)
	}
	c.findOrigins()
	c.countReaders()
	c.findParts()
	c.findLast()
	for i := range c.nodes {
		if c.nodes[i].Tied != "" && i != c.last {
			return nil, failed("the dense layer %q is tied to %q; only the one that yields the logits can be", c.nodes[i].Name, c.nodes[i].Tied)
		}
		c.lower(i)
	}
	p.output = c.values[len(c.values)-1]
	if !c.options.Inference && p.output.grad == nil {
		return nil, failed("the network has no parameters to train")
	}
	names := map[string]bool{}
	for _, q := range p.params {
		if names[q.name] {
			return nil, failed("two parameters would be called %q; rename a node", q.name)
		}
		names[q.name] = true
	}
	c.schedule()
	p.measure(c)
	return p, nil
}

// input is the value of the k-th input of the node at position i.
func (c *compiler) input(i, k int) *tensor {
	if from := c.plan.Nodes[i].Inputs[k]; from != spec.FromInput {
		return c.values[from]
	}
	return c.program.input
}

// findOrigins looks through the aliases.
func (c *compiler) findOrigins() {
	c.origins = make([]int, len(c.nodes))
	for i := range c.nodes {
		c.origins[i] = i
		if c.alias(i) {
			c.origins[i] = c.origin(c.plan.Nodes[i].Inputs[0])
		}
	}
}

// origin is the node, or FromInput, that yields the value of an input.
func (c *compiler) origin(from int) int {
	if from == spec.FromInput {
		return from
	}
	return c.origins[from]
}

// countReaders counts the nodes that read each value. The readers of an alias
// and those of its input read the same value. The output is read by the loss.
func (c *compiler) countReaders() {
	count := make([]int, len(c.nodes))
	read := func(from int) {
		if o := c.origin(from); o != spec.FromInput {
			count[o]++
		}
	}
	for i := range c.nodes {
		if !c.alias(i) {
			for _, from := range c.plan.Nodes[i].Inputs {
				read(from)
			}
		}
	}
	read(len(c.nodes) - 1)
	c.readers = make([]int, len(c.nodes))
	for i, o := range c.origins {
		if o != spec.FromInput {
			c.readers[i] = count[o]
		}
	}
}

// findParts finds the values that only convolutions of one group, global pools
// and concatenations read: a concatenation among them can be left in parts. It
// is better not if they are of several sizes and a convolution could go by
// Winograd's method.
func (c *compiler) findParts() {
	c.inParts, c.wholes = make([]bool, len(c.nodes)), make([]bool, len(c.nodes))
	for i := range c.inParts {
		c.inParts[i] = true
	}
	whole := func(from int) {
		if o := c.origin(from); o != spec.FromInput {
			c.inParts[o] = false
		}
	}
	for i := range c.nodes {
		n, inputs := &c.nodes[i], c.plan.Nodes[i].Inputs
		switch {
		case n.Op == spec.OpConv2D && n.Groups == 1:
			if o := c.origin(inputs[0]); o != spec.FromInput {
				g := geometry(n, newTensor(c.plan.Nodes[o].Shape, 0), newTensor(c.plan.Nodes[i].Shape, 0))
				c.wholes[o] = c.wholes[o] || c.winograd(&g, []int{g.InC}) != nil
			}
		case n.Op == spec.OpConcat || n.Op == spec.OpGlobalAvgPool || c.alias(i) && n.Op != spec.OpFlatten:
		default:
			for _, from := range inputs {
				whole(from)
			}
		}
	}
	whole(len(c.nodes) - 1)
}

// findLast finds the dense layer of a text network that can be done together
// with the loss, since nobody else reads its output.
func (c *compiler) findLast() {
	c.last = -1
	o := c.origin(len(c.nodes) - 1)
	if c.program.streams > 0 && c.nodes[o].Op == spec.OpDense && c.readers[o] == 1 {
		c.last = o
	}
}

// alias reports whether the node at position i leaves every number as it is.
func (c *compiler) alias(i int) bool {
	switch n := &c.nodes[i]; n.Op {
	case spec.OpFlatten:
		return true
	case spec.OpActivation:
		return n.Func == spec.FuncIdentity
	case spec.OpDropout:
		return c.options.Inference || n.Rate == 0
	}
	return false
}
