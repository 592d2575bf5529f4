package cells

import (
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// nasnetA are the cells of Zoph et al. 2018, figure 4, as they are also
// published in code: a block is two operations and the hidden states that they
// read, 0 for the cell before, 1 for the one before that, 2 for the first block.
var nasnetA = [2][]struct {
	left  string
	from  int
	right string
	with  int
}{
	{
		{"separable_5x5", 0, "separable_3x3", 1},
		{"separable_5x5", 1, "separable_3x3", 1},
		{"avg_pool_3x3", 0, "identity", 1},
		{"avg_pool_3x3", 1, "avg_pool_3x3", 1},
		{"separable_3x3", 0, "identity", 0},
	},
	{
		{"separable_5x5", 0, "separable_7x7", 1},
		{"max_pool_3x3", 0, "separable_7x7", 1},
		{"avg_pool_3x3", 0, "separable_5x5", 1},
		{"identity", 3, "avg_pool_3x3", 2},
		{"separable_3x3", 2, "max_pool_3x3", 0},
	},
}

// spell writes NASNet-A as answers of a space whose operations are the paper's.
func spell(s guest.Space) (answers spec.Answers) {
	k, _ := s.Info().Kind(kindOperation)
	option := func(name string) spec.Answer { return spec.Pick(slices.Index(k.Options, name)) }
	for cell, blocks := range nasnetA {
		first := cell * (inputs + len(blocks) - 1)
		for _, b := range blocks {
			answers = append(answers, option(b.left), option(b.right), spec.Pick(first+b.from), spec.Pick(first+b.with))
		}
	}
	return answers
}

// separableParams counts a separable convolution, applied twice, of F channels.
func separableParams(size, f int64) int64 { return 2 * (size*size*f + f*f + 2*f) }

// nasnetParams counts the parameters of NASNet-A by hand. Its normal cell has
// the output of 5 blocks; in the reduction cell the first two are read, so its
// output is that of 3.
func nasnetParams(repeats int, filters, classes int64) (count int64) {
	const normalOutputs, reductionOutputs = 5, 3
	count = 3*3*3*stemFactor*filters + 2*stemFactor*filters
	last, before := stemFactor*filters, stemFactor*filters
	adapt := func(f, outputs int64) {
		count += (last+before)*f + 4*f
		last, before = outputs*f, last
	}
	f := filters
	for stage := range 3 {
		if stage > 0 {
			f *= 2
			adapt(f, reductionOutputs)
			count += 2*separableParams(5, f) + 2*separableParams(7, f) + separableParams(3, f)
		}
		for range repeats {
			adapt(f, normalOutputs)
			count += 2*separableParams(5, f) + 3*separableParams(3, f)
		}
	}
	return count + last*classes + classes
}

// TestNASNetA builds the found network from its decisions, at the size of the
// paper's search and at that of NASNet-A (6 @ 768); see the package doc for how
// that differs from the published code.
func TestNASNetA(t *testing.T) {
	for _, test := range []struct {
		params  string
		repeats int
		filters int64
	}{
		{`{"blocks":5,"repeats":2,"reductions":2,"filters":32}`, 2, 32},
		{`{"blocks":5,"repeats":6,"reductions":2,"filters":32}`, 6, 32},
	} {
		s := mustOpen(t, test.params)
		n, err := s.Build(spell(s), cifar)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := n.Infer()
		if err != nil {
			t.Fatal(err)
		}
		if want := nasnetParams(test.repeats, test.filters, 10); plan.Params != want {
			t.Errorf("%s: %d parameters, by hand %d", test.params, plan.Params, want)
		}
		t.Logf("%s: %d parameters, %d multiply-accumulates, %d nodes", test.params, plan.Params, plan.MACs, len(n.Nodes))
	}
}

// describe writes a network as lines, with what convolutions and pools are like.
func describe(n *spec.Network) string {
	var lines []string
	for _, node := range n.Nodes {
		line := node.Name
		if node.Kernel != [2]int{} {
			d := node.WithDefaults()
			line += " " + string(rune('0'+d.Kernel[0])) + "x" + string(rune('0'+d.Kernel[1]))
			if d.Stride[0] > 1 {
				line += " stride 2"
			}
			if d.Dilation[0] > 1 {
				line += " dilated"
			}
			if d.Groups > 1 {
				line += " depthwise"
			}
		}
		lines = append(lines, line+"("+strings.Join(node.Inputs, " ")+")")
	}
	return strings.Join(lines, "\n")
}

// TestCells checks a network of two cells node by node, with every repair: maps
// of different sizes, the stride of what reads a cell's input, a combination by
// concatenation, and several unread blocks.
func TestCells(t *testing.T) {
	s := mustOpen(t, `{"blocks":2,"reductions":1,"filters":2,"combinations":["add","concat"],"operations":["identity","dilated_3x3","conv_1x3_3x1","separable_5x5","max_pool_3x3"]}`)
	const identity, dilated, rows, separable, pool = 0, 1, 2, 3, 4
	var answers spec.Answers
	for _, a := range []int{
		identity, dilated, 0, 1, 0,
		rows, pool, 1, 1, 1,
		identity, separable, 3, 4, 0,
		pool, identity, 5, 3, 0,
	} {
		answers = append(answers, spec.Pick(a))
	}
	n, err := s.Build(answers, spec.Task{Type: spec.TaskImage, Input: []int{5, 6, 3}, Classes: 4})
	if err != nil {
		t.Fatal(err)
	}
	const want = `stem/conv 3x3(input)
stem/norm(stem/conv)
stem/relu(stem/norm)
cell1/last/conv 1x1(stem/relu)
cell1/last/norm(cell1/last/conv)
cell1/before/conv 1x1(stem/relu)
cell1/before/norm(cell1/before/conv)
cell1/before/relu(cell1/before/norm)
cell1/block1/right/conv 3x3 dilated(cell1/before/relu)
cell1/block1/right/norm(cell1/block1/right/conv)
cell1/block1/add(cell1/last/norm cell1/block1/right/norm)
cell1/block2/left1/conv 1x3(cell1/before/relu)
cell1/block2/left1/norm(cell1/block2/left1/conv)
cell1/block2/left1/relu(cell1/block2/left1/norm)
cell1/block2/left2/conv 3x1(cell1/block2/left1/relu)
cell1/block2/left2/norm(cell1/block2/left2/conv)
cell1/block2/right/pool 3x3(cell1/before/norm)
cell1/block2/concat(cell1/block2/left2/norm cell1/block2/right/pool)
cell1/block2/concat/relu(cell1/block2/concat)
cell1/block2/project/conv 1x1(cell1/block2/concat/relu)
cell1/block2/project/norm(cell1/block2/project/conv)
cell1/concat(cell1/block1/add cell1/block2/project/norm)
cell1/concat/relu(cell1/concat)
reduce1/last/conv 1x1(cell1/concat/relu)
reduce1/last/norm(reduce1/last/conv)
reduce1/before/conv 1x1(stem/relu)
reduce1/before/norm(reduce1/before/conv)
reduce1/last/relu(reduce1/last/norm)
reduce1/block1/left/conv 1x1 stride 2(reduce1/last/relu)
reduce1/block1/left/norm(reduce1/block1/left/conv)
reduce1/before/relu(reduce1/before/norm)
reduce1/block1/right1/conv 5x5 stride 2 depthwise(reduce1/before/relu)
reduce1/block1/right1/point 1x1(reduce1/block1/right1/conv)
reduce1/block1/right1/norm(reduce1/block1/right1/point)
reduce1/block1/right1/relu(reduce1/block1/right1/norm)
reduce1/block1/right2/conv 5x5 depthwise(reduce1/block1/right1/relu)
reduce1/block1/right2/point 1x1(reduce1/block1/right2/conv)
reduce1/block1/right2/norm(reduce1/block1/right2/point)
reduce1/block1/add(reduce1/block1/left/norm reduce1/block1/right2/norm)
reduce1/block2/left/pool 3x3(reduce1/block1/add)
reduce1/block2/right/conv 1x1 stride 2(reduce1/last/relu)
reduce1/block2/right/norm(reduce1/block2/right/conv)
reduce1/block2/add(reduce1/block2/left/pool reduce1/block2/right/norm)
cell2/before/pool 2x2 stride 2(cell1/concat)
reduce1/block2/add/relu(reduce1/block2/add)
cell2/last/conv 1x1(reduce1/block2/add/relu)
cell2/last/norm(cell2/last/conv)
cell2/before/pool/relu(cell2/before/pool)
cell2/before/conv 1x1(cell2/before/pool/relu)`
	if got := describe(n); !strings.HasPrefix(got, want+"\n") {
		t.Errorf("got\n%s", got)
	}
	plan, err := n.Infer()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range plan.Nodes {
		size := []int{5, 6}
		if name := n.Nodes[p.Index].Name; strings.HasPrefix(name, "reduce1/block") || strings.HasPrefix(name, "cell2") {
			size = []int{3, 3}
		}
		if len(p.Shape) == 3 && !slices.Equal(p.Shape[:2], size) {
			t.Errorf("%s has shape %v", n.Nodes[p.Index].Name, p.Shape)
		}
	}
}

// TestSmallCount counts a small network by hand: one convolution in a block,
// one cell, 4 filters.
func TestSmallCount(t *testing.T) {
	s := mustOpen(t, `{"blocks":1,"reductions":0,"filters":4,"operations":["identity","conv_5x5"]}`)
	n, err := s.Build(spec.Answers{spec.Pick(0), spec.Pick(1), spec.Pick(1), spec.Pick(0)}, cifar)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := n.Infer()
	if err != nil {
		t.Fatal(err)
	}
	const (
		stem  = 3*3*3*12 + 2*12
		adapt = 2 * (12*4 + 2*4)
		conv  = 5*5*4*4 + 2*4
		dense = 4*10 + 10
		macs  = 32*32*(3*3*3*12+2*12*4+5*5*4*4) + 4*10
	)
	if plan.Params != stem+adapt+conv+dense || plan.MACs != macs {
		t.Errorf("%d parameters, %d multiply-accumulates; by hand %d, %d", plan.Params, plan.MACs, stem+adapt+conv+dense, macs)
	}
}
