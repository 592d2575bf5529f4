package cnn

import (
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// layer is one row of a table of answers: sizes and earlier layers from 1.
type layer struct {
	height, width, filters int
	inputs                 []int
}

// found is the network of Zoph & Le 2017, appendix A, figure 7.
var found = []layer{
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

// answers spells the layers as answers of v1, or of a chain if skips is false.
func answers(layers []layer, skips bool) spec.Answers {
	sizes, filters := []int{1, 3, 5, 7}, []int{24, 36, 48, 64}
	var list spec.Answers
	for _, l := range layers {
		list = append(list, spec.Pick(slices.Index(sizes, l.height)), spec.Pick(slices.Index(sizes, l.width)), spec.Pick(slices.Index(filters, l.filters)))
		if !skips {
			continue
		}
		var anchors []int
		for _, i := range l.inputs {
			anchors = append(anchors, i-1)
		}
		list = append(list, spec.PickSet(anchors...))
	}
	return list
}

func everyEarlier(layers []layer) []layer {
	var out []layer
	for i, l := range layers {
		l.inputs = nil
		for j := range i {
			l.inputs = append(l.inputs, j+1)
		}
		out = append(out, l)
	}
	return out
}

// TestFoundNetwork builds the golden architecture and its two variants; the
// exact counts are pinned in package spec too, from a network written by hand.
func TestFoundNetwork(t *testing.T) {
	for _, test := range []struct {
		name, params   string
		answers        spec.Answers
		exact          int64
		millions, giga string
		concats        int
	}{
		{"found", ``, answers(found, true), 4201630, "4.20", "4.30", 13},
		{"no skips", `{"skips":false}`, answers(found, false), 809134, "0.81", "0.83", 0},
		{"all skips", ``, answers(everyEarlier(found), true), 6630910, "6.63", "6.79", 13},
	} {
		n, err := mustOpen(t, "v1", test.params).Build(test.answers, cifar)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := n.Infer()
		if err != nil {
			t.Fatal(err)
		}
		millions := strconv.FormatFloat(float64(plan.Params)/1e6, 'f', 2, 64)
		giga := strconv.FormatFloat(float64(plan.MACs)/1e9, 'f', 2, 64)
		if plan.Params != test.exact || millions != test.millions || giga != test.giga {
			t.Errorf("%s: %d parameters (%sM), %s GMAC; want %d (%sM), %s", test.name, plan.Params, millions, giga, test.exact, test.millions, test.giga)
		}
		concats := 0
		for _, node := range n.Nodes {
			if node.Op == spec.OpConcat {
				concats++
			}
		}
		if concats != test.concats {
			t.Errorf("%s: %d concats, want %d", test.name, concats, test.concats)
		}
	}
}

// TestFoundNetworkID compares with the network that package spec keeps as a
// file, where the nodes have other names.
func TestFoundNetworkID(t *testing.T) {
	data, err := os.ReadFile("../../wasm/spec/testdata/found.json")
	if err != nil {
		t.Fatal(err)
	}
	var byHand spec.Network
	if err := json.Unmarshal(data, &byHand); err != nil {
		t.Fatal(err)
	}
	built, err := mustOpen(t, "v1", ``).Build(answers(found, true), cifar)
	if err != nil {
		t.Fatal(err)
	}
	if byHand.ID() == "" || built.ID() != byHand.ID() {
		t.Errorf("the built network has ID %q, the one written by hand %q", built.ID(), byHand.ID())
	}
}

// describe writes a network as "name=op(inputs)" lines, without what every
// layer has.
func describe(n *spec.Network) string {
	var lines []string
	for _, node := range n.Nodes {
		if strings.HasSuffix(node.Name, "/norm") || strings.HasSuffix(node.Name, "/relu") {
			continue
		}
		inputs := strings.ReplaceAll(strings.Join(node.Inputs, " "), "/relu", "")
		lines = append(lines, node.Name+"("+inputs+")")
	}
	return strings.Join(lines, "\n")
}

// TestRepairs checks the four rules, and where pools lie, node by node.
func TestRepairs(t *testing.T) {
	c := spec.Pick(0)
	for _, test := range []struct {
		name, space, params string
		answers             spec.Answers
		want                string
	}{
		{"no input reads the image, the unread are joined", "v1", `{"layers":3}`,
			spec.Answers{c, c, c, spec.PickSet(), c, c, c, spec.PickSet(), c, c, c, spec.PickSet(0)},
			`layer1/conv(input)
layer2/conv(input)
layer3/conv(layer1)
classifier/concat(layer2 layer3)
classifier/pool(classifier/concat)
classifier/dense(classifier/pool)`},
		{"several inputs are joined", "v1", `{"layers":3}`,
			spec.Answers{c, c, c, spec.PickSet(), c, c, c, spec.PickSet(0), c, c, c, spec.PickSet(0, 1)},
			`layer1/conv(input)
layer2/conv(layer1)
layer3/concat(layer1 layer2)
layer3/conv(layer3/concat)
classifier/pool(layer3)
classifier/dense(classifier/pool)`},
		{"a chain", "v1", `{"layers":2,"skips":false}`,
			spec.Answers{c, c, c, c, c, c},
			`layer1/conv(input)
layer2/conv(layer1)
classifier/pool(layer2)
classifier/dense(classifier/pool)`},
		{"blocks", "v3", `{"layers":2,"expansion":2,"pools":[]}`,
			spec.Answers{c, c, c, spec.PickSet(), c, c, c, spec.PickSet(0)},
			`layer1.1/conv(input)
layer1.2/concat(input layer1.1)
layer1.2/conv(layer1.2/concat)
layer2.1/conv(layer1.2)
layer2.2/concat(layer1.2 layer2.1)
layer2.2/conv(layer2.2/concat)
classifier/pool(layer2.2)
classifier/dense(classifier/pool)`},
		{"whole blocks", "v3", `{"layers":2,"expansion":2,"pools":[],"block_output":"all"}`,
			spec.Answers{c, c, c, spec.PickSet(), c, c, c, spec.PickSet(0)},
			`layer1.1/conv(input)
layer1.2/concat(input layer1.1)
layer1.2/conv(layer1.2/concat)
layer2.1/concat(layer1.1 layer1.2)
layer2.1/conv(layer2.1/concat)
layer2.2/concat(layer1.1 layer1.2 layer2.1)
layer2.2/conv(layer2.2/concat)
classifier/concat(layer2.1 layer2.2)
classifier/pool(classifier/concat)
classifier/dense(classifier/pool)`},
		{"pools lie on what crosses them", "v1", `{"layers":4,"pools":[1,3,4]}`,
			spec.Answers{c, c, c, spec.PickSet(), c, c, c, spec.PickSet(), c, c, c, spec.PickSet(0), c, c, c, spec.PickSet(0, 1)},
			`layer1/conv(input)
image/pool1(input)
layer2/conv(image/pool1)
layer1/pool1(layer1)
layer3/conv(layer1/pool1)
layer1/pool3(layer1/pool1)
layer2/pool3(layer2)
layer4/concat(layer1/pool3 layer2/pool3)
layer4/conv(layer4/concat)
layer3/pool3(layer3)
classifier/concat(layer3/pool3 layer4)
classifier/pool(classifier/concat)
classifier/dense(classifier/pool)`},
	} {
		n, err := mustOpen(t, test.space, test.params).Build(test.answers, cifar)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := describe(n); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, test.want)
		}
		if err := n.Validate(); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestLayer checks the attributes of a layer's nodes.
func TestLayer(t *testing.T) {
	one := spec.Answers{spec.Pick(1), spec.Pick(3), spec.Pick(2), spec.Pick(0), spec.Pick(1), spec.PickSet()}
	n, err := mustOpen(t, "v2", `{"layers":1,"extra_filters":40}`).Build(one, cifar)
	if err != nil {
		t.Fatal(err)
	}
	conv, norm, relu, dense := n.Nodes[0], n.Nodes[1], n.Nodes[2], n.Nodes[4]
	if conv.Kernel != [2]int{3, 7} || conv.Stride != [2]int{3, 1} || conv.Filters != 76 || conv.Bias {
		t.Errorf("convolution %+v", conv)
	}
	if norm.Op != spec.OpBatchNorm || relu.Func != spec.FuncReLU || dense.Units != 10 || !dense.Bias {
		t.Errorf("nodes %+v", n.Nodes[1:])
	}
}

// TestStridesShrinkToOne strides a small image down to a single position.
func TestStridesShrinkToOne(t *testing.T) {
	s := mustOpen(t, "v2", `{"layers":6,"stride_heights":[3],"stride_widths":[3],"skips":false}`)
	var a spec.Answers
	for range 6 {
		a = append(a, spec.Pick(3), spec.Pick(3), spec.Pick(0), spec.Pick(0), spec.Pick(0))
	}
	n, err := s.Build(a, spec.Task{Type: spec.TaskImage, Input: []int{8, 5, 1}, Classes: 2})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := n.Infer()
	if err != nil {
		t.Fatal(err)
	}
	if last := plan.Nodes[len(plan.Nodes)-3].Shape; !slices.Equal(last, []int{1, 1, 24}) {
		t.Errorf("the last layer has shape %v", last)
	}
}

// TestV3 checks the shape of the default v3 chain: 39 convolutions, and maps
// halved after layers 13 and 24.
func TestV3(t *testing.T) {
	s := mustOpen(t, "v3", `{"skips":false}`)
	var a spec.Answers
	for range 13 {
		a = append(a, spec.Pick(1), spec.Pick(1), spec.Pick(0))
	}
	n, err := s.Build(a, cifar)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := n.Infer()
	if err != nil {
		t.Fatal(err)
	}
	var heights []int
	for _, p := range plan.Nodes {
		if node := n.Nodes[p.Index]; node.Op == spec.OpConv2D {
			heights = append(heights, p.Shape[0])
			if node.Filters != 6 {
				t.Errorf("%s has %d filters", node.Name, node.Filters)
			}
		}
	}
	want := slices.Concat(slices.Repeat([]int{32}, 13), slices.Repeat([]int{16}, 11), slices.Repeat([]int{8}, 15))
	if !slices.Equal(heights, want) {
		t.Errorf("heights %v, want %v", heights, want)
	}
}
