package spec

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// clone copies a network deeply.
func clone(t testing.TB, n *Network) *Network {
	t.Helper()
	data, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	var c Network
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	return &c
}

func cloneCell(t testing.TB, c *Cell) *Cell {
	return clone(t, &Network{Nodes: []Node{{Cell: c}}}).Nodes[0].Cell
}

// renamed gives new names to everything.
func renamed(rng *rand.Rand, n *Network) {
	names := map[string]string{InputName: InputName, "": ""}
	for i := range n.Nodes {
		names[n.Nodes[i].Name] = "n" + strconv.FormatUint(rng.Uint64(), 36)
	}
	for i := range n.Nodes {
		node := &n.Nodes[i]
		node.Name, node.Tied = names[node.Name], names[node.Tied]
		for k, in := range node.Inputs {
			node.Inputs[k] = names[in]
		}
		if node.Cell != nil {
			renamedCell(rng, node.Cell)
		}
	}
	n.Output = names[n.Output]
}

func renamedCell(rng *rand.Rand, c *Cell) {
	c.Name = "another"
	names := map[string]string{CellInput: CellInput, HiddenState: HiddenState}
	rename := func(name *string) {
		if names[*name] == "" {
			names[*name] = "n" + strconv.FormatUint(rng.Uint64(), 36)
		}
		*name = names[*name]
	}
	for i := range c.States {
		rename(&c.States[i].Name)
		rename(&c.States[i].Next)
	}
	for i := range c.Nodes {
		rename(&c.Nodes[i].Name)
		for k := range c.Nodes[i].Inputs {
			rename(&c.Nodes[i].Inputs[k])
		}
	}
}

func shuffle[T any](rng *rand.Rand, list []T) {
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

// disguise changes all that an ID must not depend on.
func disguise(rng *rand.Rand, n *Network) {
	n.Nodes = append(n.Nodes, Node{Name: "unused", Op: OpActivation, Func: FuncReLU, Inputs: []string{n.Nodes[rng.IntN(len(n.Nodes))].Name}})
	renamed(rng, n)
	shuffle(rng, n.Nodes)
	for i := range n.Nodes {
		node := &n.Nodes[i]
		if node.Op.commutes() {
			shuffle(rng, node.Inputs)
		}
		if rng.IntN(2) == 0 {
			*node = node.WithDefaults()
		}
		if c := node.Cell; c != nil {
			c.Nodes = append(c.Nodes, CellNode{Name: "unused", Op: CellLinear, Inputs: []string{"x"}})
			shuffle(rng, c.Nodes)
			shuffle(rng, c.States)
			for k := range c.Nodes {
				if c.Nodes[k].Op.commutes() {
					shuffle(rng, c.Nodes[k].Inputs)
				}
			}
		}
	}
}

// TestIDOfOrder: what the order of its inputs means to each op that has several.
func TestIDOfOrder(t *testing.T) {
	for op, counts := range map[Op]bool{OpAdd: false, OpElemMult: false, OpMean: false, OpConcat: true} {
		n := &Network{Task: Task{Type: TaskImage, Input: []int{2, 2, 1}, Classes: 2}, Output: "d", Nodes: []Node{
			{Name: "a", Op: OpActivation, Func: FuncReLU, Inputs: []string{"input"}}, {Name: "b", Op: op, Inputs: []string{"a", "input"}},
			{Name: "g", Op: OpGlobalAvgPool, Inputs: []string{"b"}}, {Name: "d", Op: OpDense, Inputs: []string{"g"}, Units: 2}}}
		id := n.ID()
		n.Nodes[1].Inputs = []string{"input", "a"}
		if got := n.ID(); id == "" || (got != id) != counts {
			t.Errorf("%s: %q and %q", op, id, got)
		}
	}
}

func TestIDIgnoresDisguise(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	all := examples()
	for i := range 40 {
		all["random"+strconv.Itoa(i)] = randomNetwork(rng)
	}
	for name, n := range all {
		id := n.ID()
		if len(id) != 32 {
			t.Fatalf("%s: ID %q", name, id)
		}
		for range 10 {
			c := clone(t, n)
			disguise(rng, c)
			if got := c.ID(); got != id {
				t.Errorf("%s: ID %s in disguise, want %s", name, got, id)
			}
		}
	}
}

// randomNetwork is an image network with adds, concats and shared subgraphs.
func randomNetwork(rng *rand.Rand) *Network {
	n := &Network{Task: cifar, Output: "logits"}
	names := []string{InputName}
	channels := map[string]int{InputName: 3}
	put := func(node Node, c int) {
		node.Name = "v" + strconv.Itoa(len(n.Nodes))
		n.Nodes = append(n.Nodes, node)
		names = append(names, node.Name)
		channels[node.Name] = c
	}
	for range 12 {
		a, b := names[rng.IntN(len(names))], names[rng.IntN(len(names))]
		switch kind := rng.IntN(4); {
		case kind == 0 && channels[a] == channels[b]:
			put(Node{Op: OpAdd, Inputs: []string{a, b}}, channels[a])
		case kind == 1 && channels[a]+channels[b] < 40:
			put(Node{Op: OpConcat, Inputs: []string{a, b}}, channels[a]+channels[b])
		case kind == 2:
			put(Node{Op: OpActivation, Func: FuncTanh, Inputs: []string{a}}, channels[a])
		default:
			put(Node{Op: OpConv2D, Inputs: []string{a}, Filters: 3 + rng.IntN(2), Kernel: [2]int{1, 3}}, 0)
			channels[names[len(names)-1]] = n.Nodes[len(n.Nodes)-1].Filters
		}
	}
	n.Nodes = append(n.Nodes, Node{Name: "mean", Op: OpGlobalAvgPool, Inputs: []string{names[len(names)-1]}},
		Node{Name: "logits", Op: OpDense, Inputs: []string{"mean"}, Units: 10})
	return n
}

// TestIDSeesEveryAttribute changes one thing at a time.
func TestIDSeesEveryAttribute(t *testing.T) {
	seen := map[string]string{}
	note := func(name string, n *Network) {
		t.Helper()
		id := n.ID()
		if id == "" {
			t.Errorf("%s: %v", name, n.Validate())
		}
		if before, taken := seen[id]; taken {
			t.Errorf("%s has the ID of %s", name, before)
		}
		seen[id] = name
	}
	note("image", everyImageOp())
	for name, edit := range map[string]func(n *Network){
		"task size":    func(n *Network) { n.Task.Input[0] = 18 },
		"classes":      func(n *Network) { n.Task.Classes, n.Nodes[12].Units = 4, 4 },
		"filters":      func(n *Network) { n.Nodes[0].Filters, n.Nodes[6].Filters = 4, 8 },
		"kernel":       func(n *Network) { n.Nodes[0].Kernel = [2]int{5, 5} },
		"kernel axes":  func(n *Network) { n.Nodes[4].Kernel = [2]int{3, 1} },
		"kernel axis":  func(n *Network) { n.Nodes[4].Kernel = [2]int{1, 3} },
		"stride":       func(n *Network) { n.Nodes[0].Stride[0] = 1 },
		"dilation":     func(n *Network) { n.Nodes[0].Dilation[0] = 2 },
		"padding":      func(n *Network) { n.Nodes[0].Padding = Same },
		"pool padding": func(n *Network) { n.Nodes[3].Padding = "" },
		"groups":       func(n *Network) { n.Nodes[0].Groups = 4 },
		"bias":         func(n *Network) { n.Nodes[0].Bias = false },
		"func":         func(n *Network) { n.Nodes[2].Func = FuncReLU },
		"pool kind":    func(n *Network) { n.Nodes[3].Op = OpAvgPool },
		"rate":         func(n *Network) { n.Nodes[8].Rate = 0.26 },
		"dense bias":   func(n *Network) { n.Nodes[12].Bias = false },
		"concat order": func(n *Network) { slices.Reverse(n.Nodes[5].Inputs) },
		"wiring":       func(n *Network) { n.Nodes[2].Inputs[0] = "conv" },
		"pad":          func(n *Network) { n.Nodes[13].Filters = 21 },
		"drop-path":    func(n *Network) { n.Nodes[16].Rate = 0 },
		"product":      func(n *Network) { n.Nodes[15].Op = OpAdd },
		"one less op":  func(n *Network) { n.Nodes[9].Inputs[0] = "sum" },
	} {
		n := everyImageOp()
		edit(n)
		note(name, n)
	}
	note("text", language(gru(), 200, 2))
	for name, edit := range map[string]func(n *Network){
		"steps":       func(n *Network) { n.Task.Input[0] = 36 },
		"variational": func(n *Network) { n.Nodes[1].Variational = false },
		"state rate":  func(n *Network) { n.Nodes[2].Rate, n.Nodes[2].Variational = 0.5, true },
		"lower rate":  func(n *Network) { n.Nodes[2].Rate, n.Nodes[2].Variational = 0.25, true },
		"layers":      func(n *Network) { n.Nodes[2].Layers = 3 },
		"tied":        func(n *Network) { n.Nodes[3].Tied = "" },
		"units":       func(n *Network) { n.Nodes[0].Units, n.Nodes[2].Units = 201, 201 },
		"cell bias":   func(n *Network) { n.Nodes[2].Cell.Nodes[0].Bias = false },
		"cell func":   func(n *Network) { n.Nodes[2].Cell.Nodes[3].Func = FuncTanh },
		"cell op":     func(n *Network) { n.Nodes[2].Cell.Nodes[2].Op = CellMax },
		"cell wiring": func(n *Network) { n.Nodes[2].Cell.Nodes[15].Inputs[1] = "n" },
		"cell":        func(n *Network) { n.Nodes[2].Cell = lstm() },
		"nascell":     func(n *Network) { n.Nodes[2].Cell = nasCell() },
	} {
		n := language(gru(), 200, 2)
		edit(n)
		note(name, n)
	}
}

// TestIDSeesSharing tells one node read twice from two equal nodes: the second
// has twice the weights.
func TestIDSeesSharing(t *testing.T) {
	conv := func(name string) Node {
		return Node{Name: name, Op: OpConv2D, Inputs: []string{"input"}, Filters: 4, Kernel: [2]int{3, 3}}
	}
	network := func(inputs ...string) *Network {
		n := &Network{Task: cifar, Output: "logits", Nodes: []Node{conv("a"), conv("b"), conv("c"),
			{Name: "sum", Op: OpAdd, Inputs: inputs[:2]}, {Name: "join", Op: OpConcat, Inputs: []string{"sum", inputs[2]}},
			{Name: "mean", Op: OpGlobalAvgPool, Inputs: []string{"join"}}, {Name: "logits", Op: OpDense, Inputs: []string{"mean"}, Units: 10}}}
		return n
	}
	same := func(a, b *Network) bool { return a.ID() == b.ID() }
	if same(network("a", "a", "a"), network("a", "b", "a")) || same(network("a", "b", "a"), network("a", "b", "c")) {
		t.Error("one node and two equal nodes have the same ID")
	}
	// The two convolutions are told apart by what else reads them, so the
	// order of the add's inputs does not matter even here.
	if !same(network("a", "b", "a"), network("a", "b", "b")) || !same(network("a", "b", "a"), network("b", "a", "b")) {
		t.Error("the order of equal inputs of an add changes the ID")
	}
	// Two states with equal updates are two states.
	cell := func(second string) *Cell {
		return &Cell{States: []CellState{{"h", "out"}, {"a", "next_a"}, {"b", "next_b"}}, Nodes: []CellNode{
			{Name: "out", Op: CellAdd, Inputs: []string{"a", second}},
			{Name: "next_a", Op: CellLinear, Inputs: []string{"x"}},
			{Name: "next_b", Op: CellLinear, Inputs: []string{"x"}},
		}}
	}
	if cell("a").ID() == cell("b").ID() {
		t.Error("a state read twice and two states have the same ID")
	}
}

// TestCellID renames and reorders cells whose states feed each other.
func TestCellID(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	swap := &Cell{States: []CellState{{"h", "out"}, {"a", "from_b"}, {"b", "from_a"}}, Nodes: []CellNode{
		{Name: "out", Op: CellMax, Inputs: []string{"wa", "b", "h"}},
		{Name: "wa", Op: CellLinear, Inputs: []string{"a"}},
		{Name: "from_b", Op: CellAct, Func: FuncTanh, Inputs: []string{"b"}},
		{Name: "from_a", Op: CellElemMult, Inputs: []string{"a", "wx"}},
		{Name: "wx", Op: CellLinear, Inputs: []string{"x"}},
	}}
	for _, c := range []*Cell{lstm(), gru(), nasCell(), swap} {
		id := c.ID()
		for range 20 {
			d := cloneCell(t, c)
			renamedCell(rng, d)
			shuffle(rng, d.Nodes)
			shuffle(rng, d.States)
			for k := range d.Nodes {
				if d.Nodes[k].Op.commutes() {
					shuffle(rng, d.Nodes[k].Inputs)
				}
			}
			if got := d.ID(); got != id || id == "" {
				t.Errorf("%s: ID %q in disguise, want %q", c.Name, got, id)
			}
		}
	}
}

// TestIDPinned keeps IDs stable: runs on disk and duplicate caches hold them.
func TestIDPinned(t *testing.T) {
	for name, want := range map[string]string{
		"found":   "f77799de3ee2caef0da31b34fadebdaa",
		"nascell": "05a4794c70b076f417ecd216bd8557f8",
		"gru":     "3937ba070ad15f55224f043506385fb6",
		"lstm":    "fcc7e38038e32357d9b663f6110b2423",
	} {
		if got := examples()[name].ID(); got != want {
			t.Errorf("%s: ID %s, want %s; a change of IDs orphans what studies have recorded", name, got, want)
		}
	}
}

// TestIDOfLargeGraphs takes a chain that has exponentially many paths.
func TestIDOfLargeGraphs(t *testing.T) {
	chain := &Network{Task: cifar, Output: "logits"}
	last := InputName
	for i := range MaxNodes - 2 {
		name := "v" + strconv.Itoa(i)
		chain.Nodes = append(chain.Nodes, Node{Name: name, Op: OpAdd, Inputs: []string{last, last}})
		last = name
	}
	chain.Nodes = append(chain.Nodes, Node{Name: "mean", Op: OpGlobalAvgPool, Inputs: []string{last}}, Node{Name: "logits", Op: OpDense, Inputs: []string{"mean"}, Units: 10})
	if id := chain.ID(); len(id) != 32 {
		t.Errorf("ID %q, %v", id, chain.Validate())
	}
}

// TestSweeps: in a zigzag a difference travels one edge a sweep, back and
// forth, so there are about half as many as feet; a hostile one does not keep
// the host busy for longer than maxSweeps.
func TestSweeps(t *testing.T) {
	for feet, want := range map[int]int{2: 2, 10: 5, 2000: maxSweeps} {
		c := canon{vertices: make([]vertex, 2*feet)}
		for i := range feet {
			c.vertices[i].inputs = []int{FromInput}
			c.vertices[feet+i] = vertex{commutes: true, inputs: []int{i, min(i+1, feet-1)}}
		}
		if got := c.refine(); got != want {
			t.Errorf("%d feet: %d sweeps, want %d", feet, got, want)
		}
	}
}
