package spec

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestInferOps checks shape, parameters and multiply-accumulates of each op.
func TestInferOps(t *testing.T) {
	image := Task{Type: TaskImage, Input: []int{10, 8, 4}, Classes: 5}
	text := Task{Type: TaskText, Input: []int{7}, Classes: 20}
	pre := Node{Name: "pre", Op: OpConv2D, Inputs: []string{"input"}, Filters: 6, Kernel: [2]int{1, 1}}
	half := Node{Name: "half", Op: OpMaxPool, Inputs: []string{"pre"}, Kernel: [2]int{2, 2}, Stride: [2]int{2, 2}}
	embed := Node{Name: "embed", Op: OpEmbedding, Inputs: []string{"input"}, Units: 3, Vocabulary: 20}
	for _, test := range []struct {
		name   string
		task   Task
		before []Node
		node   Node
		shape  []int
		params int64
		macs   int64
	}{
		{"conv", image, nil, Node{Op: OpConv2D, Filters: 6, Kernel: [2]int{3, 5}}, []int{10, 8, 6}, 3 * 5 * 4 * 6, 80 * 3 * 5 * 4 * 6},
		{"conv with all attributes", image, nil, Node{Op: OpConv2D, Filters: 6, Kernel: [2]int{3, 3}, Stride: [2]int{2, 3}, Dilation: [2]int{2, 1}, Padding: Valid, Groups: 2, Bias: true},
			[]int{3, 2, 6}, 9*2*6 + 6, 6 * 9 * 2 * 6},
		{"batchnorm", image, []Node{pre}, Node{Op: OpBatchNorm, Inputs: []string{"pre"}}, []int{10, 8, 6}, 12, 0},
		{"activation", image, []Node{pre}, Node{Op: OpActivation, Func: FuncTanh, Inputs: []string{"pre"}}, []int{10, 8, 6}, 0, 0},
		{"maxpool", image, nil, Node{Op: OpMaxPool, Kernel: [2]int{3, 2}, Stride: [2]int{3, 3}}, []int{4, 3, 4}, 0, 0},
		{"avgpool", image, nil, Node{Op: OpAvgPool, Kernel: [2]int{3, 2}, Padding: Valid}, []int{8, 7, 4}, 0, 0},
		{"global_avgpool", image, nil, Node{Op: OpGlobalAvgPool}, []int{4}, 0, 0},
		{"flatten", image, nil, Node{Op: OpFlatten}, []int{320}, 0, 0},
		{"dropout", image, nil, Node{Op: OpDropout, Rate: 0.5}, []int{10, 8, 4}, 0, 0},
		{"concat pads", image, []Node{pre, half}, Node{Op: OpConcat, Inputs: []string{"half", "pre", "input"}}, []int{10, 8, 16}, 0, 0},
		{"add", image, []Node{pre}, Node{Op: OpAdd, Inputs: []string{"pre", "pre", "pre"}}, []int{10, 8, 6}, 0, 0},
		{"elem_mult", image, []Node{pre}, Node{Op: OpElemMult, Inputs: []string{"pre", "pre"}}, []int{10, 8, 6}, 0, 0},
		{"mean", image, []Node{pre}, Node{Op: OpMean, Rate: 0.15, Inputs: []string{"pre", "pre", "pre"}}, []int{10, 8, 6}, 0, 0},
		{"one_minus", image, nil, Node{Op: OpOneMinus}, []int{10, 8, 4}, 0, 0},
		{"pad", image, nil, Node{Op: OpPad, Filters: 9}, []int{10, 8, 9}, 0, 0},
		{"dense on a map", image, nil, Node{Op: OpDense, Units: 9, Bias: true}, []int{10, 8, 9}, 45, 80 * 36},
		{"embedding", text, nil, Node{Op: OpEmbedding, Units: 3, Vocabulary: 20}, []int{7, 3}, 60, 0},
		{"dense on a sequence", text, []Node{embed}, Node{Op: OpDense, Units: 20, Inputs: []string{"embed"}}, []int{7, 20}, 60, 7 * 60},
		{"tied dense", text, []Node{embed}, Node{Op: OpDense, Units: 20, Bias: true, Tied: "embed", Inputs: []string{"embed"}}, []int{7, 20}, 20, 7 * 60},
		{"concat of sequences", text, []Node{embed}, Node{Op: OpConcat, Inputs: []string{"embed", "embed"}}, []int{7, 6}, 0, 0},
		{"recurrent", text, []Node{embed}, Node{Op: OpRecurrent, Units: 5, Layers: 3, Cell: gru(), Inputs: []string{"embed"}}, []int{7, 5},
			3*(3+5+1)*5 + 2*3*(5+5+1)*5, 7 * (3*(3+5)*5 + 2*3*(5+5)*5)},
	} {
		node := test.node
		node.Name = "it"
		if node.Inputs == nil {
			node.Inputs = []string{"input"}
		}
		n := &Network{Task: test.task, Nodes: append(slices.Clone(test.before), node), Output: "out"}
		// A tail that turns any shape into logits.
		if test.task.Type == TaskImage && len(test.shape) == 3 {
			n.Nodes = append(n.Nodes, Node{Name: "mean", Op: OpGlobalAvgPool, Inputs: []string{"it"}}, Node{Name: "out", Op: OpDense, Units: 5, Inputs: []string{"mean"}})
		} else {
			n.Nodes = append(n.Nodes, Node{Name: "out", Op: OpDense, Units: test.task.Classes, Inputs: []string{"it"}})
		}
		plan, err := n.Infer()
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		i := slices.IndexFunc(plan.Nodes, func(p PlanNode) bool { return n.Nodes[p.Index].Name == "it" })
		if p := plan.Nodes[i]; !slices.Equal(p.Shape, test.shape) || p.Params != test.params || p.MACs != test.macs {
			t.Errorf("%s: %v, %d parameters, %d MACs; want %v, %d, %d", test.name, p.Shape, p.Params, p.MACs, test.shape, test.params, test.macs)
		}
		var params, macs int64
		for _, p := range plan.Nodes {
			params, macs = params+p.Params, macs+p.MACs
		}
		if plan.Params != params || plan.MACs != macs {
			t.Errorf("%s: totals %d and %d, the nodes sum to %d and %d", test.name, plan.Params, plan.MACs, params, macs)
		}
	}
}

// TestPlanOrder checks that a plan can run from front to back, whatever the
// order of the nodes in the list.
func TestPlanOrder(t *testing.T) {
	n := convNetwork(found)
	slices.Reverse(n.Nodes)
	n.Nodes = append(n.Nodes, Node{Name: "unused", Op: OpFlatten, Inputs: []string{"input"}}, Node{Name: "unfit", Op: OpFlatten, Inputs: []string{"unused"}})
	plan, err := n.Infer()
	if err != nil {
		t.Fatal(err)
	}
	if plan.Params != 4201630 || len(plan.Nodes) != len(n.Nodes)-2 {
		t.Errorf("%d nodes with %d parameters; nodes that take no part must not count", len(plan.Nodes), plan.Params)
	}
	for i, p := range plan.Nodes {
		node := n.Nodes[p.Index]
		for k, in := range p.Inputs {
			name := InputName
			if in != FromInput {
				name = n.Nodes[plan.Nodes[in].Index].Name
			}
			if in >= i || name != node.Inputs[k] {
				t.Errorf("node %d %q reads %d, %q, as input %d, which is %q", i, node.Name, in, name, k, node.Inputs[k])
			}
		}
	}
	if last := n.Nodes[plan.Nodes[len(plan.Nodes)-1].Index].Name; last != n.Output {
		t.Errorf("the last node is %q", last)
	}
}

// TestInvalid breaks a valid network in one way each; the error has to name the
// node and say what to do.
func TestInvalid(t *testing.T) {
	deep := func(n *Network) { n.Nodes = append(n.Nodes, slices.Repeat(n.Nodes[1:2], MaxNodes)...) }
	for _, test := range []struct {
		name string
		edit func(n *Network)
		want string
	}{
		{"unknown op", func(n *Network) { n.Nodes[2].Op = "relu6" }, `node "act": unknown op "relu6"; the ops are conv2d`},
		{"unknown input", func(n *Network) { n.Nodes[2].Inputs[0] = "nrom" }, `node "act": unknown input "nrom"; name another node`},
		{"cycle", func(n *Network) { n.Nodes[0].Inputs[0] = "act" }, `it depends on itself: conv -> norm -> act -> conv`},
		{"cycle outside of the plan", func(n *Network) {
			n.Nodes = append(n.Nodes, Node{Name: "me", Op: OpFlatten, Inputs: []string{"me"}})
		}, `node "me": it depends on itself: me -> me`},
		{"long cycle", func(n *Network) {
			n.Nodes = nil
			for i := range 17 {
				n.Nodes = append(n.Nodes, Node{Name: string(rune('a' + i)), Op: OpFlatten, Inputs: []string{string(rune('a' + (i+16)%17))}})
			}
			n.Output = "a"
		}, `node "a": it depends on itself: a -> b -> c -> d -> e -> f -> g -> h -> ... -> k -> l -> m -> n -> o -> p -> q -> a`},
		{"duplicate name", func(n *Network) { n.Nodes[2].Name = "norm" }, `node "norm": another node has the same name`},
		{"the input's name", func(n *Network) { n.Nodes[2].Name = "input" }, `taken by the network's input`},
		{"no name", func(n *Network) { n.Nodes[2].Name = "" }, `the name of node 2 is empty`},
		{"name with an escape sequence", func(n *Network) { n.Nodes[2].Name = "\x1b[2J" }, `the name of node 2 has a control character`},
		{"long name", func(n *Network) { n.Nodes[2].Name = strings.Repeat("x", 129) }, `longer than 128 bytes`},
		{"no output", func(n *Network) { n.Output = "logit" }, `the output "logit" is not a node`},
		{"output is the input", func(n *Network) { n.Output = "input" }, `the output "input" is not a node`},
		{"output of another shape", func(n *Network) { n.Output = "flat" }, `node "flat": the output has shape`},
		{"too few units", func(n *Network) { n.Nodes[12].Units = 2 }, `the task needs logits of shape (3)`},
		{"no nodes", func(n *Network) { n.Nodes = nil }, `it has no nodes`},
		{"too many nodes", deep, `at most 5000 are allowed`},
		{"two inputs", func(n *Network) { n.Nodes[2].Inputs = []string{"conv", "norm"} }, `node "act": activation takes exactly one input, not 2`},
		{"one input", func(n *Network) { n.Nodes[7].Inputs = []string{"conv"} }, `node "sum": add takes two or more inputs, not 1`},
		{"foreign attributes", func(n *Network) { n.Nodes[1].Kernel[0], n.Nodes[1].Func = 3, FuncReLU }, `node "norm": batchnorm has no kernel, func; remove it`},
		{"missing attributes", func(n *Network) { n.Nodes[0].Filters, n.Nodes[0].Kernel = 0, [2]int{} }, `node "conv": conv2d needs filters, kernel`},
		{"huge kernel", func(n *Network) { n.Nodes[0].Kernel[1] = 65 }, `node "conv": kernel width is 65; it must be in 1..64`},
		{"half a stride", func(n *Network) { n.Nodes[0].Stride = [2]int{0, 2} }, `node "conv": stride height is 0`},
		{"negative filters", func(n *Network) { n.Nodes[0].Filters = -8 }, `node "conv": filters is -8`},
		{"huge filters", func(n *Network) { n.Nodes[0].Filters = 65537 }, `node "conv": filters is 65537`},
		{"unknown padding", func(n *Network) { n.Nodes[0].Padding = "full" }, `unknown padding "full"; it is same or valid`},
		{"unknown func", func(n *Network) { n.Nodes[2].Func = "gelu" }, `node "act": unknown func "gelu"; the functions are identity relu`},
		{"rate of one", func(n *Network) { n.Nodes[8].Rate = 1 }, `node "drop": rate must be at least 0 and below 1`},
		{"groups", func(n *Network) { n.Nodes[0].Groups = 3 }, `node "conv": 3 groups do not divide 4 input channels and 8 filters`},
		{"window too large", func(n *Network) { n.Nodes[0].Kernel[0] = 17 }, `node "conv": its window does not fit into (16, 12, 4)`},
		{"shapes to add", func(n *Network) { n.Nodes[7].Inputs[1] = "act" }, `node "sum": it cannot add`},
		{"shapes to multiply", func(n *Network) { n.Nodes[15].Inputs[1] = "mean" }, `node "product": it cannot multiply (20) and (16)`},
		{"shapes to average", func(n *Network) { n.Nodes[16].Inputs[1] = "mean" }, `node "average": it cannot average (20) and (16)`},
		{"shrinking pad", func(n *Network) { n.Nodes[13].Filters = 15 }, `node "pad": it pads to 15 channels, but its input has 16 already`},
		{"pad without filters", func(n *Network) { n.Nodes[13].Filters = 0 }, `node "pad": pad needs filters`},
		{"drop-path of everything", func(n *Network) { n.Nodes[16].Rate = 1 }, `node "average": rate must be at least 0 and below 1`},
		{"shapes to join", func(n *Network) { n.Nodes[11].Inputs[1] = "drop" }, `node "both": it cannot join`},
		{"pool of a vector", func(n *Network) { n.Nodes[9].Inputs[0] = "mean" }, `node "flat": flatten takes a feature map (H, W, C), not (16)`},
		{"embedding of an image", func(n *Network) {
			n.Nodes[10] = Node{Name: "mean", Op: OpEmbedding, Inputs: []string{"input"}, Units: 4, Vocabulary: 3}
		}, `an embedding takes the token ids`},
		{"variational on maps", func(n *Network) { n.Nodes[8].Variational = true }, `variational dropout takes a sequence`},
		{"unknown task", func(n *Network) { n.Task.Type = "audio" }, `unknown task type "audio"; it is image or text`},
		{"rank of the task", func(n *Network) { n.Task.Input = []int{32} }, `the input of a task of type image has 3 dimensions, not 1`},
		{"empty image", func(n *Network) { n.Task.Input[1] = 0 }, `a dimension of the task's input is 0`},
		{"huge image", func(n *Network) { n.Task.Input = []int{65536, 65536, 65536} }, `more than 134217728 numbers`},
		{"classes", func(n *Network) { n.Task.Classes = 1 }, `number of classes is 1`},
	} {
		n := everyImageOp()
		test.edit(n)
		err := n.Validate()
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v\nwant %s", test.name, err, test.want)
		}
		if id := n.ID(); id != "" {
			t.Errorf("%s: an invalid network has the ID %q", test.name, id)
		}
	}
}

func TestInvalidText(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(n *Network)
		want string
	}{
		{"tokens into dense", func(n *Network) { n.Nodes[3].Inputs[0], n.Nodes[3].Tied = "input", "" }, `node "logits": it takes token ids; send them through an embedding first`},
		{"vocabulary", func(n *Network) { n.Nodes[0].Vocabulary = 100 }, `node "embed": its vocabulary is 100; the task has 10000 token ids`},
		{"tied to nothing", func(n *Network) { n.Nodes[3].Tied = "emebd" }, `node "logits": it is tied to "emebd", which is not an embedding`},
		{"tied to another op", func(n *Network) { n.Nodes[3].Tied = "rnn" }, `it is tied to "rnn", which is not an embedding`},
		{"tied width", func(n *Network) { n.Nodes[2].Units = 100 }, `a table of shape (10000, 200); that needs an input of 200 channels, here 100`},
		{"bad cell", func(n *Network) { n.Nodes[2].Cell.Nodes[3].Func = "" }, `node "rnn": cell node "z": unknown func ""`},
		{"cell cycle", func(n *Network) {
			n.Nodes[2].Cell.Nodes[0] = CellNode{Name: "xz", Op: CellOneMinus, Inputs: []string{"z"}}
		},
			`node "rnn": cell node "xz": it depends on itself within a step: xz -> z_sum -> z -> xz`},
		{"recurrent on an image", func(n *Network) { n.Nodes[2].Inputs[0] = "input" }, `takes token ids`},
		{"state rate of one", func(n *Network) { n.Nodes[2].Rate, n.Nodes[2].Variational = 1, true }, `node "rnn": rate must be at least 0 and below 1`},
		{"a mask a step", func(n *Network) { n.Nodes[2].Rate = 0.5 }, `node "rnn": a recurrent node has both rate and variational, or neither`},
		{"variational at no rate", func(n *Network) { n.Nodes[2].Variational = true }, `node "rnn": a recurrent node has both rate and variational, or neither`},
		{"many layers", func(n *Network) { n.Nodes[2].Layers = 65 }, `node "rnn": layers is 65; it must be in 1..64`},
		{"many parameters", func(n *Network) { n.Nodes[2].Units, n.Nodes[3].Tied = 20000, "" }, `node "rnn": with it the network has more than 1e9 parameters`},
	} {
		n := language(gru(), 200, 1)
		test.edit(n)
		if err := n.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v\nwant %s", test.name, err, test.want)
		}
	}
}

// TestManyProblems reports them together, and not without end.
func TestManyProblems(t *testing.T) {
	n := everyImageOp()
	for i := range n.Nodes {
		n.Nodes[i].Op = "x"
	}
	err := n.Validate()
	if err == nil || strings.Count(err.Error(), "unknown op") != maxShown || !strings.HasSuffix(err.Error(), "and 9 more") {
		t.Errorf("got %v", err)
	}
}

// TestLarge: only a network that breaks no rule is merely large.
func TestLarge(t *testing.T) {
	maps := func(filters ...int) *Network {
		n := &Network{Task: Task{Type: TaskImage, Input: []int{2, 2, 1}, Classes: 2}, Output: "d"}
		join := Node{Name: "join", Op: OpConcat}
		for i, f := range filters {
			name := string(rune('p' + i))
			n.Nodes = append(n.Nodes, Node{Name: name, Op: OpConv2D, Inputs: []string{"input"}, Filters: f, Kernel: [2]int{1, 1}})
			join.Inputs = append(join.Inputs, name)
		}
		n.Nodes = append(n.Nodes, join, Node{Name: "g", Op: OpGlobalAvgPool, Inputs: []string{"join"}}, Node{Name: "d", Op: OpDense, Inputs: []string{"g"}, Units: 2})
		return n
	}
	if err := maps(MaxChannels-1, 1).Validate(); err != nil {
		t.Error(err)
	}
	long := maps(1, 1)
	for i := range MaxNodes {
		long.Nodes = append(long.Nodes, Node{Name: strconv.Itoa(i), Op: OpFlatten, Inputs: []string{"g"}})
	}
	wrong := maps(MaxChannels, 1)
	wrong.Nodes[0].Op = "x"
	longAndWrong := maps(1, 1)
	longAndWrong.Nodes, longAndWrong.Task.Classes = long.Nodes, 0
	for name, c := range map[string]struct {
		n     *Network
		large bool
		want  string
	}{
		"channels":       {maps(MaxChannels, 1), true, "it joins more than 65536 channels"},
		"nodes":          {long, true, "it has 5005 nodes; at most 5000 are allowed"},
		"an unknown op":  {wrong, false, "unknown op"},
		"long and wrong": {longAndWrong, false, "number of classes"},
	} {
		var invalid *Invalid
		if err := c.n.Validate(); !errors.As(err, &invalid) || invalid.Large() != c.large || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, large %v", name, err, invalid != nil && invalid.Large())
		}
	}
	var n Network
	if err := n.UnmarshalJSON([]byte(`{"nodes":[` + strings.Repeat("{},", MaxNodes) + `{}]}`)); err == nil || !strings.Contains(err.Error(), "at most 5000 nodes") {
		t.Errorf("%v", err)
	}
}

// TestSizesDoNotOverflow builds the largest sizes that attributes allow.
func TestSizesDoNotOverflow(t *testing.T) {
	n := &Network{Task: Task{Type: TaskImage, Input: []int{64, 64, 32768}, Classes: MaxClasses}, Output: "d", Nodes: []Node{
		{Name: "f", Op: OpFlatten, Inputs: []string{"input"}},
		{Name: "d", Op: OpDense, Inputs: []string{"f"}, Units: MaxClasses},
	}}
	if err := n.Validate(); err == nil || !strings.Contains(err.Error(), "1e9 parameters") {
		t.Errorf("a dense layer of 2^47 weights: %v", err)
	}
	n.Nodes[0] = Node{Name: "f", Op: OpConv2D, Inputs: []string{"input"}, Filters: 65536, Kernel: [2]int{64, 64}}
	if err := n.Validate(); err == nil || !strings.Contains(err.Error(), "more than 134217728 numbers") {
		t.Errorf("a convolution to 2^28 numbers: %v", err)
	}
	n = &Network{Task: Task{Type: TaskImage, Input: []int{4096, 4096, 8}, Classes: 2}, Output: "d", Nodes: []Node{
		{Name: "f", Op: OpConv2D, Inputs: []string{"input"}, Filters: 8, Kernel: [2]int{64, 64}},
		{Name: "m", Op: OpGlobalAvgPool, Inputs: []string{"f"}},
		{Name: "d", Op: OpDense, Inputs: []string{"m"}, Units: 2},
	}}
	if plan, err := n.Infer(); err != nil || plan.MACs != 4096*4096*64*64*64+16 {
		t.Errorf("the largest convolution: %v", err)
	}
	n.Nodes[0].Filters = 4
	n.Nodes = append(n.Nodes, Node{Name: "g", Op: OpConv2D, Inputs: []string{"f"}, Filters: 8, Kernel: [2]int{64, 64}},
		Node{Name: "h", Op: OpConv2D, Inputs: []string{"g"}, Filters: 8, Kernel: [2]int{64, 64}}, Node{Name: "i", Op: OpConv2D, Inputs: []string{"h"}, Filters: 8, Kernel: [2]int{64, 64}})
	n.Nodes[1].Inputs[0] = "i"
	if err := n.Validate(); err == nil || !strings.Contains(err.Error(), "1e13 multiply-accumulates") {
		t.Errorf("convolutions of more than 1e13: %v", err)
	}
	if p := product(1<<40, 1<<40, 3); p != 1<<63-1 {
		t.Errorf("product saturates at %d", p)
	}
	if p := product(0, 1<<62, 1<<62); p != 0 {
		t.Errorf("product with zero is %d", p)
	}
	if s := sum(1<<62, 1<<62); s != 1<<63-1 {
		t.Errorf("sum saturates at %d", s)
	}
}
