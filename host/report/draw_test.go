package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

func TestDrawGolden(t *testing.T) {
	for name, net := range map[string]*spec.Network{
		"chain": chain(), "residual": residual(), "strided": strided(), "found": found(),
		"lstm": language(lstmCell()), "nascell": language(nasCell()),
	} {
		golden(t, "draw-"+name+"-80", Draw(net, DrawOptions{screen80}))
		golden(t, "draw-"+name+"-80-ascii", Draw(net, DrawOptions{screen80ASC}))
	}
	golden(t, "draw-found-120", Draw(found(), DrawOptions{screen120}))
	golden(t, "draw-found-40", Draw(found(), DrawOptions{screen40}))
	golden(t, "draw-strided-40", Draw(strided(), DrawOptions{screen40}))
}

// randomNetwork has convolutions of one or more earlier layers, sums and
// pools, all of the same shape, declared in order. It returns what each layer
// reads, by name.
func randomNetwork(r *rand.Rand, layers int) (net *spec.Network, reads map[string][]string) {
	b := newBuilder(spec.Task{Type: spec.TaskImage, Input: []int{8, 8, 8}, Classes: 3})
	reads = map[string][]string{}
	names := []string{spec.InputName}
	unread := map[string]bool{}
	density := r.Float64()
	for i := 1; i <= layers; i++ {
		name := fmt.Sprintf("layer%d", i)
		var inputs []string
		for _, earlier := range names[1:] {
			if r.Float64() < density {
				inputs = append(inputs, earlier)
			}
		}
		if len(inputs) == 0 {
			inputs = []string{names[r.IntN(len(names))]}
		}
		switch kind := r.IntN(6); {
		case kind == 0:
			inputs = inputs[:1]
			b.node(spec.Node{Name: name, Op: spec.OpMaxPool, Inputs: inputs, Kernel: [2]int{3, 3}})
		case kind == 1 && len(inputs) > 1:
			b.op(name+"/add", spec.OpAdd, inputs...)
			b.node(spec.Node{Name: name, Op: spec.OpActivation, Inputs: []string{name + "/add"}, Func: spec.FuncTanh})
		default:
			b.conv(name, [2]int{3, 3}, [2]int{1, 1}, 8, inputs...)
		}
		reads[name] = inputs
		for _, input := range inputs {
			delete(unread, input)
		}
		unread[name] = true
		names = append(names, name)
	}
	var outputs []string
	for _, name := range names {
		if unread[name] {
			outputs = append(outputs, name)
		}
	}
	reads["pool"], reads["classifier"] = outputs, []string{"pool"}
	return b.classify(outputs...), reads
}

func drawingOf(t *testing.T, net *spec.Network, s Screen) drawing {
	t.Helper()
	plan, err := net.Infer()
	if err != nil {
		t.Fatal(err)
	}
	d := drawing{screen: s, layers: s.layers(net, plan)}
	d.describe()
	return d
}

// TestLayersKeepConnections: folding nodes into layers keeps who reads whom,
// and shares out all parameters, in whatever order the nodes are declared.
func TestLayersKeepConnections(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for range 100 {
		net, want := randomNetwork(r, 1+r.IntN(25))
		r.Shuffle(len(net.Nodes), func(i, j int) { net.Nodes[i], net.Nodes[j] = net.Nodes[j], net.Nodes[i] })
		d := drawingOf(t, net, screen80)
		if len(d.layers) != len(want)+1 {
			t.Fatalf("%d layers, want %d", len(d.layers), len(want)+1)
		}
		params := int64(0)
		for i, l := range d.layers {
			params += l.params
			var names []string
			for _, j := range l.reads {
				if j >= i {
					t.Fatalf("layer %d reads layer %d", i, j)
				}
				names = append(names, d.layers[j].name)
			}
			slices.Sort(names)
			expected := slices.Sorted(slices.Values(want[l.name]))
			if !slices.Equal(names, expected) {
				t.Fatalf("%s reads %v, want %v", l.name, names, expected)
			}
		}
		if plan, _ := net.Infer(); params != plan.Params {
			t.Fatalf("the layers have %d parameters, the network %d", params, plan.Params)
		}
	}
}

// TestLayersInDeclaredOrder: a network declared in order is drawn in it.
func TestLayersInDeclaredOrder(t *testing.T) {
	for i, l := range drawingOf(t, found(), screen80).layers[1:16] {
		if want := fmt.Sprintf("layer%d", i+1); l.name != want {
			t.Errorf("line %d is %s, want %s", i+1, l.name, want)
		}
	}
}

// TestPicturesTellTheTruth reads the connections back from each kind of
// picture, as a person would.
func TestPicturesTellTheTruth(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	for range 150 {
		net, _ := randomNetwork(r, 1+r.IntN(30))
		d := drawingOf(t, net, screen80)
		pictures := map[string][][]int{
			"matrix": readMatrix(t, screen80.matrix(d.layers)),
			"list":   readList(t, screen80.list(d.layers)),
			"rails":  readRails(t, screen80.rails(d.layers, 1000)),
		}
		for name, got := range pictures {
			for i, l := range d.layers {
				if !slices.Equal(got[i], l.reads) {
					t.Fatalf("the %s says that layer %d reads %v, want %v\n%s", name, i, got[i], l.reads, Draw(net, DrawOptions{screen80}))
				}
			}
		}
	}
}

func readMatrix(t *testing.T, w wiring) [][]int {
	t.Helper()
	var reads [][]int
	above := map[int]bool{} // columns with a number on top
	for i, c := range w.cells {
		var row []int
		for x, mark := range []rune(c.text()) {
			if mark == '●' {
				row = append(row, x/2)
			}
			if (mark == '●' || mark == '│') && (x%2 != 0 || !above[x/2]) {
				t.Fatalf("line %d has a mark in column %d, which has no number on top: %q", i, x, c.text())
			}
		}
		above[i] = strings.HasSuffix(c.text(), fmt.Sprint(" ", i)) || c.text() == fmt.Sprint(i)
		reads = append(reads, row)
	}
	return reads
}

func readRails(t *testing.T, w wiring) [][]int {
	t.Helper()
	var reads [][]int
	lanes := map[int]int{} // the layer that runs in a lane
	for i, c := range w.cells {
		var row []int
		picture := []rune(c.text())
		if picture[0] == '●' && i > 0 {
			row = append(row, i-1)
		}
		for x := 2; x < len(picture); x += 2 {
			from, running := lanes[x]
			switch picture[x] {
			case '┤', '┼':
				row = append(row, from)
			case '╯', '┴':
				row = append(row, from)
				delete(lanes, x)
			case '╮', '┬':
				lanes[x] = i
				running = !running
			case '│':
			default:
				running = !running
			}
			if !running {
				t.Fatalf("line %d: %q does not continue lane %d of the line above", i, c.text(), x/2)
			}
		}
		slices.Sort(row)
		reads = append(reads, row)
	}
	if len(lanes) > 0 {
		t.Fatalf("lanes %v never end", lanes)
	}
	return reads
}

func readList(t *testing.T, w wiring) [][]int {
	t.Helper()
	var reads [][]int
	for _, c := range w.cells {
		var row []int
		for _, part := range strings.Fields(c.text()) {
			from, to := 0, 0
			if _, err := fmt.Sscanf(part, "%d–%d", &from, &to); err != nil {
				if _, err := fmt.Sscanf(part, "%d", &from); err != nil {
					t.Fatalf("%q is no number", part)
				}
				to = from
			}
			for ; from <= to; from++ {
				row = append(row, from)
			}
		}
		reads = append(reads, row)
	}
	return reads
}

func TestDrawLayout(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 42))
	for range 60 {
		net, _ := randomNetwork(r, 1+r.IntN(40))
		checkLayout(t, 1+r.IntN(160), func(s Screen) string { return Draw(net, DrawOptions{s}) })
	}
	for _, net := range []*spec.Network{chain(), residual(), strided(), found(), language(lstmCell()), language(nasCell())} {
		for width := 1; width < 130; width += 13 {
			checkLayout(t, width, func(s Screen) string { return Draw(net, DrawOptions{s}) })
		}
	}
}

// TestDrawEdgesAt80: the paper's network shows each of its connections, and
// its 15 layers, within 80 columns.
func TestDrawEdgesAt80(t *testing.T) {
	got := Draw(found(), DrawOptions{screen80})
	if !strings.Contains(got, "4,201,630 parameters, 4.30G multiply-accumulates per 32×32×3 image, 65 of 105") {
		t.Errorf("the totals are missing in\n%s", got)
	}
	dots := strings.Count(got, "●") - 1 // one in the legend
	if want := 65 + 3; dots != want {   // and image to layer 1, layer 15 to pool, pool to classifier
		t.Errorf("%d dots, want %d", dots, want)
	}
}

func TestDrawNothing(t *testing.T) {
	if got := Draw(nil, DrawOptions{screen80}); got != "There is no network to draw.\n" {
		t.Errorf("%q", got)
	}
	cycle := &spec.Network{Task: image32, Output: "a", Nodes: []spec.Node{{Name: "a", Op: spec.OpConcat, Inputs: []string{"a", "b"}}, {Name: "b", Op: "\x1b[2J"}}}
	for _, net := range []*spec.Network{{}, cycle} {
		if got := Draw(net, DrawOptions{screen80}); !strings.HasPrefix(got, "This network cannot be drawn: network: ") {
			t.Errorf("%q", got)
		}
		checkLayout(t, 33, func(s Screen) string { return Draw(net, DrawOptions{s}) })
	}
}

// TestDrawForeignNames: a plugin's names cannot move the cursor or the columns.
func TestDrawForeignNames(t *testing.T) {
	b := newBuilder(image32)
	at := spec.InputName
	for _, name := range []string{"層一", "right\u202eleft", "e\u0301e\u0301", strings.Repeat("long", 30), "🌳"} {
		at = b.conv(name, [2]int{1, 1}, [2]int{1, 1}, 4, at)
	}
	net := b.classify(at)
	for _, width := range []int{20, 80, 200} {
		checkLayout(t, width, func(s Screen) string { return Draw(net, DrawOptions{s}) })
	}
	golden(t, "draw-foreign", Draw(net, DrawOptions{screen120}))
}

// TestDrawUnreadNodes: what the output does not depend on is not drawn.
func TestDrawUnreadNodes(t *testing.T) {
	net := chain()
	want := Draw(net, DrawOptions{screen80})
	net.Nodes = append(net.Nodes, spec.Node{Name: "spare", Op: spec.OpActivation, Func: spec.FuncReLU, Inputs: []string{"layer1"}})
	if got := Draw(net, DrawOptions{screen80}); got != want {
		t.Errorf("an unread node changes the drawing:\n%s", got)
	}
}

func TestOperations(t *testing.T) {
	for _, c := range []struct {
		node spec.Node
		want string
	}{
		{spec.Node{Op: spec.OpConv2D, Kernel: [2]int{3, 7}}, "conv 3×7"},
		{spec.Node{Op: spec.OpConv2D, Kernel: [2]int{3, 3}, Stride: [2]int{2, 1}, Groups: 4, Dilation: [2]int{2, 2}, Padding: spec.Valid}, "conv 3×3 /2×1 dilated 2 in 4 groups valid"},
		{spec.Node{Op: spec.OpMaxPool, Kernel: [2]int{2, 2}, Stride: [2]int{2, 2}}, "max pool 2×2 /2"},
		{spec.Node{Op: spec.OpAvgPool, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Padding: spec.Same}, "avg pool 3×3"},
		{spec.Node{Op: spec.OpDropout, Rate: 0.25}, "dropout 0.25"},
		{spec.Node{Op: spec.OpEmbedding, Vocabulary: 10_000}, "embedding of 10,000"},
		{spec.Node{Op: spec.OpRecurrent}, "1 × cell"},
		{spec.Node{Op: spec.OpRecurrent, Layers: 3, Cell: &spec.Cell{Name: "gru"}}, "3 × gru"},
		{spec.Node{Op: spec.OpMean, Rate: 0.15}, "mean, drop-path 0.15"}, {spec.Node{Op: spec.OpMean}, "mean"},
		{spec.Node{Op: spec.OpOneMinus}, "1 - x"}, {spec.Node{Op: spec.OpPad, Filters: 32}, "pad channels"},
		{spec.Node{Op: spec.OpFlatten}, "flatten"}, {spec.Node{Op: spec.OpConcat}, "concat"},
	} {
		if got := screen80.opText(&c.node); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestGroupName(t *testing.T) {
	for _, c := range []struct{ nodes, want string }{
		{"layer3/concat:concat layer3/conv:conv2d layer3/norm:batchnorm layer3/relu:activation", "layer3"},
		{"layer3:conv2d layer3_bn:batchnorm", "layer3"},
		{"a/b/conv:conv2d a/b/bn:batchnorm", "a/b"},
		{"a/b/conv:conv2d a/c/bn:batchnorm", "a"},
		{"conv3:conv2d bn3:batchnorm", "conv3"},
		{"layer1:conv2d layer10:batchnorm", "layer1"},
		{"top/concat:concat top/pool:global_avgpool", "top/pool"},
		{"top/concat:concat", "top/concat"},
		{"x/bn:batchnorm x/relu:activation", "x"},
	} {
		var group []*spec.Node
		for _, part := range strings.Fields(c.nodes) {
			name, op, _ := strings.Cut(part, ":")
			group = append(group, &spec.Node{Name: name, Op: spec.Op(op)})
		}
		if got := groupName(group); got != c.want {
			t.Errorf("%s is named %q, want %q", c.nodes, got, c.want)
		}
	}
}

// TestDenseNet: batch norm and ReLU before a convolution belong to its line,
// and a concatenation that several layers read has a line of its own.
func TestDenseNet(t *testing.T) {
	b := newBuilder(image32)
	pre := func(name, input string) string {
		b.op(name+"/bn", spec.OpBatchNorm, input)
		b.node(spec.Node{Name: name + "/relu", Op: spec.OpActivation, Inputs: []string{name + "/bn"}, Func: spec.FuncReLU})
		return b.node(spec.Node{Name: name, Op: spec.OpConv2D, Inputs: []string{name + "/relu"}, Kernel: [2]int{3, 3}, Filters: 12})
	}
	one := pre("one", b.node(spec.Node{Name: "stem", Op: spec.OpConv2D, Inputs: []string{spec.InputName}, Kernel: [2]int{3, 3}, Filters: 16}))
	both := b.op("both", spec.OpConcat, "stem", one)
	two := pre("two", both)
	golden(t, "draw-densenet", Draw(b.classify(both, two), DrawOptions{screen80}))
}
