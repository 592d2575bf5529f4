package cells

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// stemFactor times the filters are those of the convolution before the cells.
const stemFactor = 3

func (s *space) Build(answers spec.Answers, task spec.Task) (*spec.Network, error) {
	if err := guest.CheckPrefix(s.info, answers, s.decision); err != nil {
		return nil, err
	}
	if len(answers) < s.info.MaxSteps {
		return nil, guest.BadPrefix(len(answers), "the episode is not over; it has "+strconv.Itoa(s.info.MaxSteps)+" answers")
	}
	if task.Type != spec.TaskImage || len(task.Input) != 3 {
		return nil, guest.Unsupported("the space builds networks for images of shape (height, width, channels) only")
	}
	b := &builder{space: s, network: &spec.Network{Task: task}}
	stem := b.node("stem/conv", spec.OpConv2D, spec.InputName)
	stem.Filters, stem.Kernel = stemFactor*s.filters, [2]int{3, 3}
	b.last = b.node("stem/norm", spec.OpBatchNorm, stem.Name).Name
	b.before = b.last
	filters := s.filters
	normal, reduction := s.cell(answers, 0), s.cell(answers, s.cells-1)
	for stage := range s.reductions + 1 {
		if stage > 0 {
			filters *= 2
			b.cell("reduce"+strconv.Itoa(stage), reduction, filters, true)
		}
		for repeat := range s.repeats {
			b.cell("cell"+strconv.Itoa(stage*s.repeats+repeat+1), normal, filters, false)
		}
	}
	b.node("classifier/pool", spec.OpGlobalAvgPool, b.relu(b.last))
	dense := b.node("classifier/dense", spec.OpDense, "classifier/pool")
	dense.Units, dense.Bias = task.Classes, true
	b.network.Output = dense.Name
	return b.network, nil
}

// block is two operations on hidden states of its cell: 0 and 1 are the cell's
// inputs, 2 is its first block.
type block struct {
	operation [2]*operation
	input     [2]int
	combine   string
}

// cell decodes the answers about a predicted cell.
func (s *space) cell(answers spec.Answers, cell int) []block {
	blocks := make([]block, s.blocks)
	for i := range blocks {
		a := answers[(cell*s.blocks+i)*s.asked:]
		b := &blocks[i]
		for side := range b.operation {
			b.operation[side] = s.operations[a[leftOperation+side].Index]
			b.input[side] = a[leftInput+side].Index - s.firstAnchor(cell)
		}
		b.combine = s.combinations[0]
		if s.asked > combination {
			b.combine = s.combinations[a[combination].Index]
		}
	}
	return blocks
}

// builder writes a network cell by cell.
type builder struct {
	space   *space
	network *spec.Network
	// What the coming cell reads: the outputs of the cell before it, and of
	// the one before that.
	last, before string
	halved       bool // the cell before halved the height and width
}

// node adds a node; the attributes are set through the pointer, which is good
// until the next one is added.
//
//go:noinline
func (b *builder) node(name string, op spec.Op, from ...string) *spec.Node {
	b.network.Nodes = append(b.network.Nodes, spec.Node{Name: name, Op: op, Inputs: from})
	return &b.network.Nodes[len(b.network.Nodes)-1]
}

// cell adds a cell. Its inputs are first brought to its number of filters, and
// to one height and width.
func (b *builder) cell(label string, blocks []block, filters int, reduces bool) {
	before := b.before
	if b.halved {
		pool := b.node(label+"/before/pool", spec.OpAvgPool, before)
		pool.Kernel, pool.Stride = [2]int{2, 2}, [2]int{2, 2}
		before = pool.Name
	}
	states := []string{
		b.convolve(label+"/last", b.last, square(1), filters, 1),
		b.convolve(label+"/before", before, square(1), filters, 1),
	}
	read := make([]bool, inputs+len(blocks))
	for i := range blocks {
		for _, state := range blocks[i].input {
			read[state] = true
		}
		states = append(states, b.block(label+"/block"+strconv.Itoa(i+1), &blocks[i], states, filters, reduces))
	}
	var outputs []string
	for i, state := range states[inputs:] {
		if b.space.wholeCells || !read[inputs+i] {
			outputs = append(outputs, state)
		}
	}
	b.before, b.last, b.halved = b.last, outputs[0], reduces
	if len(outputs) > 1 {
		b.last = b.node(label+"/concat", spec.OpConcat, outputs...).Name
	}
}

// block adds a block. In a cell that reduces, what is done to the cell's inputs
// has stride 2.
func (b *builder) block(label string, blk *block, states []string, filters int, reduces bool) string {
	var results [2]string
	for side, name := range [...]string{"/left", "/right"} {
		stride := 1
		if reduces && blk.input[side] < inputs {
			stride = 2
		}
		results[side] = b.apply(blk.operation[side], label+name, states[blk.input[side]], filters, stride)
	}
	if blk.combine == combineAdd {
		return b.node(label+"/add", spec.OpAdd, results[0], results[1]).Name
	}
	joined := b.node(label+"/concat", spec.OpConcat, results[0], results[1]).Name
	return b.convolve(label+"/project", joined, square(1), filters, 1)
}
