package spec

import (
	"strconv"
	"testing"
)

var cifar = Task{Type: TaskImage, Input: []int{32, 32, 3}, Classes: 10}

type convLayer struct {
	height, width, filters int
	inputs                 []int // earlier layers, from 1; none: the image
}

// found is the network of Zoph & Le 2017, appendix A, figure 7.
var found = []convLayer{
	{3, 3, 36, nil},
	{3, 3, 48, []int{1}},
	{3, 3, 36, []int{1, 2}},
	{5, 5, 36, []int{1, 2, 3}},
	{3, 7, 48, []int{3, 4}},
	{7, 7, 48, []int{2, 3, 4, 5}},
	{7, 7, 48, []int{2, 3, 4, 5, 6}},
	{7, 3, 36, []int{1, 6, 7}},
	{7, 1, 36, []int{1, 5, 6, 8}},
	{7, 7, 36, []int{1, 3, 4, 5, 6, 7, 8, 9}},
	{5, 7, 36, []int{1, 2, 5, 6, 7, 8, 9, 10}},
	{7, 7, 48, []int{1, 2, 3, 4, 6, 11}},
	{7, 5, 48, []int{1, 3, 6, 7, 8, 9, 10, 11, 12}},
	{7, 5, 48, []int{3, 7, 12, 13}},
	{7, 5, 48, []int{6, 7, 11, 12, 13, 14}},
}

// convNetwork writes the layers as conv-BN-ReLU; the last feeds the classifier.
func convNetwork(layers []convLayer) *Network {
	n := &Network{Task: cifar, Output: "logits"}
	add := func(node Node, inputs ...string) string {
		node.Inputs = inputs
		n.Nodes = append(n.Nodes, node)
		return node.Name
	}
	for i, l := range layers {
		id := strconv.Itoa(i + 1)
		in := InputName
		var inputs []string
		for _, j := range l.inputs {
			inputs = append(inputs, "relu"+strconv.Itoa(j))
		}
		if len(inputs) == 1 {
			in = inputs[0]
		} else if len(inputs) > 1 {
			in = add(Node{Name: "join" + id, Op: OpConcat}, inputs...)
		}
		in = add(Node{Name: "conv" + id, Op: OpConv2D, Filters: l.filters, Kernel: [2]int{l.height, l.width}}, in)
		in = add(Node{Name: "norm" + id, Op: OpBatchNorm}, in)
		add(Node{Name: "relu" + id, Op: OpActivation, Func: FuncReLU}, in)
	}
	add(Node{Name: "pool", Op: OpGlobalAvgPool}, "relu"+strconv.Itoa(len(layers)))
	add(Node{Name: "logits", Op: OpDense, Units: 10, Bias: true}, "pool")
	return n
}

// rewired returns the layers with other inputs.
func rewired(layers []convLayer, inputs func(i int) []int) []convLayer {
	var out []convLayer
	for i, l := range layers {
		l.inputs = inputs(i)
		out = append(out, l)
	}
	return out
}

func allBefore(i int) []int {
	var list []int
	for j := 1; j <= i; j++ {
		list = append(list, j)
	}
	return list
}

func onlyBefore(i int) []int {
	if i == 0 {
		return nil
	}
	return []int{i}
}

// TestFoundNetwork pins the counts that the published figures imply (the paper
// gives 4.2M parameters) and checks them against the formula.
func TestFoundNetwork(t *testing.T) {
	for _, test := range []struct {
		name               string
		layers             []convLayer
		params             int64
		millions, gigaMACs string
	}{
		{"found", found, 4201630, "4.20", "4.30"},
		{"no skips", rewired(found, onlyBefore), 809134, "0.81", "0.83"},
		{"all skips", rewired(found, allBefore), 6630910, "6.63", "6.79"},
	} {
		plan, err := convNetwork(test.layers).Infer()
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		var weights, norms int64
		for i, l := range test.layers {
			in := 0
			for _, j := range l.inputs {
				in += test.layers[j-1].filters
			}
			if i == 0 {
				in = 3
			}
			weights += int64(l.height * l.width * in * l.filters)
			norms += 2 * int64(l.filters)
		}
		if want := weights + norms + 48*10 + 10; plan.Params != test.params || plan.Params != want {
			t.Errorf("%s: %d parameters, want %d; the formula gives %d", test.name, plan.Params, test.params, want)
		}
		if want := 32*32*weights + 48*10; plan.MACs != want {
			t.Errorf("%s: %d MACs, the formula gives %d", test.name, plan.MACs, want)
		}
		millions := strconv.FormatFloat(float64(plan.Params)/1e6, 'f', 2, 64)
		gigaMACs := strconv.FormatFloat(float64(plan.MACs)/1e9, 'f', 2, 64)
		if millions != test.millions || gigaMACs != test.gigaMACs {
			t.Errorf("%s: %sM parameters and %s GMAC, published %sM and %s", test.name, millions, gigaMACs, test.millions, test.gigaMACs)
		}
	}
}
