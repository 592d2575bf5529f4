package declared

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// maxWork bounds what the network's lists may take to run: an item takes
// itemWork, a node nodeWork, a value of its conditions and an input 1 each.
const (
	maxWork  = 40_000
	itemWork = 8
	nodeWork = 16
)

// flow is what a node yields: a feature map (h, w, c), a sequence of h vectors
// (h, c), or a vector (c).
type flow struct {
	name    string
	rank    int
	h, w, c int
}

// part is an iteration that is under way, or the whole network.
type part struct {
	start   flow   // what its first node reads
	outputs []flow // of the earlier iterations
	read    []bool // a later one has picked them
	entry   flow   // what the first iteration read
}

// builder writes a network node by node.
type builder struct {
	scope
	network *spec.Network
	taken   map[string]int   // how many nodes would have a name
	named   map[string]*flow // by the repeats around them, with numbers, and their own name
	prefix  string           // of names: "layer2/"
	last    flow
	part    *part
	work    int
	params  float64
	macs    float64
	at      int // offset of the item that is run
	problem string
}

// build writes the network of an episode that has been walked to its end.
func (w *walk) build(task spec.Task) (*spec.Network, error) {
	b := &builder{scope: scope{space: w.space, values: w.values}, network: &spec.Network{Task: task},
		taken: map[string]int{spec.InputName: 1}, named: map[string]*flow{}}
	b.last = flow{name: spec.InputName, h: task.Input[0]}
	if len(task.Input) == 3 {
		b.last = flow{spec.InputName, 3, task.Input[0], task.Input[1], task.Input[2]}
	}
	b.part = &part{start: b.last}
	b.run(w.space.root.get("network").items)
	if b.last.rank == 3 {
		b.add("pool", spec.OpGlobalAvgPool, 1, 1, b.last.c)
	} else if b.last.rank == 0 {
		b.fail("a network for text begins with an embedding")
	}
	b.dense("logits", task.Classes).Bias = true
	if b.problem != "" {
		s := w.space
		return nil, guest.Unsupported(place(s.text, &s.root, b.at) + ": " + b.problem)
	}
	b.network.Output = b.last.name
	return b.network, nil
}

//go:noinline
func (b *builder) fail(what string) {
	if b.problem == "" {
		b.problem = what
	}
}

// add adds a node that reads the last one, and makes it the last; the node is
// good until the next one is added.
//
//go:noinline
func (b *builder) add(name string, op spec.Op, h, w, c int) *spec.Node {
	return b.join(name, op, []flow{b.last}, h, w, c)
}

// join adds a node that reads several. Its rank is that of the first, but for
// those that make vectors of maps.
func (b *builder) join(name string, op spec.Op, from []flow, h, w, c int) *spec.Node {
	b.work += nodeWork
	full := b.prefix + name
	for plain := full; b.taken[full] > 0; {
		b.taken[plain]++
		full = plain + strconv.Itoa(b.taken[plain])
	}
	b.taken[full]++
	node := spec.Node{Name: full, Op: op}
	for _, f := range from {
		node.Inputs = append(node.Inputs, f.name)
	}
	rank := from[0].rank
	if op == spec.OpGlobalAvgPool || op == spec.OpFlatten {
		rank = 1
	}
	b.last = flow{full, rank, h, w, c}
	if len(b.network.Nodes) >= spec.MaxNodes {
		b.fail("the network has more than " + strconv.Itoa(spec.MaxNodes) + " nodes")
		b.network.Nodes = b.network.Nodes[:1]
	}
	if c > spec.MaxChannels || float64(h)*float64(w)*float64(c) > spec.MaxElements {
		b.fail("its output is too large")
	}
	b.network.Nodes = append(b.network.Nodes, node)
	return &b.network.Nodes[len(b.network.Nodes)-1]
}

// learn counts weights that are used at so many positions.
func (b *builder) learn(weights, positions float64) {
	b.params += weights
	b.macs += weights * positions
	if b.params > spec.MaxParams/2 || b.macs > spec.MaxMACs/2 {
		b.fail("with it the network is too large; use fewer filters or smaller maps")
	}
}

// run runs a list of the network.
func (b *builder) run(list []value) {
	for i := range list {
		v := &list[i]
		if b.problem != "" {
			return
		}
		b.at = v.at
		if b.work += itemWork + v.conditions(); b.work > maxWork {
			b.fail("the network has too many parts")
		}
		if !b.holds(v) {
			continue
		}
		if v.get("do") != nil {
			b.repeat(v)
			continue
		}
		b.node(v)
		if name := v.word("name", ""); name != "" {
			last := b.last
			b.named[b.prefix+name] = &last
		}
	}
}

// repeat runs an item with a list of its own.
func (b *builder) repeat(v *value) {
	scope, prefix, around := b.scope, b.prefix, b.part
	p := &part{entry: b.last}
	each := v.get("each")
	name := v.word("as", "copy")
	count := 0
	if each != nil {
		name = each.text
		if known := b.values[b.path+name+"#"]; known != nil {
			count = int(known.number)
		}
	} else {
		count = min(maxCount, int(b.eval(v.get("repeat"), 0)))
	}
	for i := range count {
		if b.problem != "" {
			return
		}
		if each != nil {
			b.scope = scope.enter(name, i)
		}
		b.prefix = prefix + name + strconv.Itoa(i+1) + "/"
		p.start = b.last
		b.part = p
		b.run(v.get("do").items)
		p.outputs, p.read = append(p.outputs, b.last), append(p.read, false)
	}
	b.scope, b.prefix, b.part = scope, prefix, around
	if v.word("output", "") == "unread" {
		var unread []flow
		for i, f := range p.outputs {
			if !p.read[i] {
				unread = append(unread, f)
			}
		}
		if len(unread) > 0 {
			b.prefix += name + "s/"
			b.concat(unread)
			b.prefix = prefix
		}
	}
}

// dense adds a dense layer.
func (b *builder) dense(name string, units int) *spec.Node {
	f := b.last
	positions := 1
	if f.rank != 1 {
		positions = f.h * max(f.w, 1)
	}
	b.learn(float64(f.c)*float64(units), float64(positions))
	node := b.add(name, spec.OpDense, f.h, f.w, units)
	node.Units = units
	return node
}
