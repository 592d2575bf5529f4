//go:build !wasip1

package spec

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// This file is left out of guests, which need no IDs: crypto/sha256 would make
// each of them a quarter larger.

// ID returns 32 hexadecimal digits that are equal for networks that are the
// same graph: names, the order of the nodes, nodes that take no part, the
// order of the inputs of a sum, product or mean, and whether a default is spelled out do not
// matter; everything else does, the task included. It is the beginning of a
// SHA-256 over a canonical form. An invalid network has the ID "".
func (n *Network) ID() string {
	plan, err := n.Infer()
	if err != nil {
		return ""
	}
	var task wire.Encoder
	n.Task.Encode(&task)
	c := canon{roots: []int{len(plan.Nodes) - 1}}
	position := map[string]int{}
	for i, p := range plan.Nodes { // an embedding comes before those tied to it
		node := n.Nodes[p.Index]
		position[node.Name] = i
		v := vertex{inputs: p.Inputs, commutes: node.Op.commutes(), label: node.label()}
		if node.Tied != "" { // an edge like any other
			v.inputs = append(slices.Clone(p.Inputs), position[node.Tied])
		}
		c.vertices = append(c.vertices, v)
	}
	return c.id(task.Bytes())
}

// ID is Network.ID for a cell: the names of nodes and states and nodes that
// take no part do not matter, except that h is the output.
func (c *Cell) ID() string {
	plan, p := c.order()
	if p != nil {
		return ""
	}
	// Live states are vertices like the nodes, ahead of them.
	index := map[string]int{CellInput: FromInput}
	var g canon
	for i, s := range plan.States {
		index[c.States[s].Name] = i
		v := vertex{label: "state", next: -1, state: true}
		if c.States[s].Name == HiddenState {
			v.label = "output"
			g.roots = []int{i}
		}
		g.vertices = append(g.vertices, v)
	}
	for _, i := range plan.Nodes {
		index[c.Nodes[i].Name] = len(g.vertices)
		v := vertex{label: c.Nodes[i].label(), commutes: c.Nodes[i].Op.commutes()}
		for _, in := range c.Nodes[i].Inputs {
			v.inputs = append(v.inputs, index[in])
		}
		g.vertices = append(g.vertices, v)
	}
	for i, s := range plan.States {
		g.vertices[i].next = index[c.States[s].Next]
	}
	return g.id(nil)
}

// label is everything about the node but its name and its edges.
func (n Node) label() string {
	n = n.WithDefaults()
	cell := n.Cell
	n.Name, n.Inputs, n.Cell = "", nil, nil
	if n.Tied != "" {
		n.Tied = "tied"
	}
	var e wire.Encoder
	n.Encode(&e)
	if cell != nil {
		return string(e.Bytes()) + cell.ID()
	}
	return string(e.Bytes())
}

func (n CellNode) label() string {
	n.Name, n.Inputs = "", nil
	var e wire.Encoder
	n.Encode(&e)
	return string(e.Bytes())
}

// vertex is a node of a graph that is to be put into canonical form.
type vertex struct {
	label    string
	inputs   []int // negative: the input
	commutes bool  // the order of the inputs does not matter
	state    bool  // takes the value of next at the end of the step
	next     int
}

// canon puts a graph into canonical form. vertices that are no states come
// after their inputs.
type canon struct {
	vertices []vertex
	roots    []int
	colors   []color
}

type color [sha256.Size]byte

// sourceColor is the colour of the input.
var sourceColor = sha256.Sum256([]byte("input"))

func (c *canon) color(v int) color {
	if v < 0 {
		return sourceColor
	}
	return c.colors[v]
}

// maxSweeps bounds the work for a hostile graph. One sweep carries a difference
// along all edges of one direction, so that what people draw takes two or
// three; a zigzag of a thousand nodes would take five hundred, at a tenth of a
// second each. A graph that is cut short may have another ID when its nodes
// are listed in another order, and then is trained again.
const maxSweeps = 32

// mix replaces the colour of v by a hash of it and of others.
func (c *canon) mix(v int, others []color) {
	h := sha256.New()
	h.Write(c.colors[v][:])
	for _, o := range others {
		h.Write(o[:])
	}
	h.Sum(c.colors[v][:0])
}

// refine gives every vertex a colour that depends on its label and on how it
// is connected, and on nothing else: sweeps against and along the edges
// (Weisfeiler & Leman 1968, in the order of the graph) until no more vertices
// are told apart, or maxSweeps is reached. It returns how many there were.
func (c *canon) refine() (sweeps int) {
	c.colors = make([]color, len(c.vertices))
	for v := range c.vertices {
		c.colors[v] = sha256.Sum256([]byte(c.vertices[v].label))
	}
	classes := 0
	for ; sweeps < maxSweeps; sweeps++ {
		c.forward()
		c.backward()
		distinct := map[color]bool{}
		for _, k := range c.colors {
			distinct[k] = true
		}
		if len(distinct) <= classes {
			break
		}
		classes = len(distinct)
	}
	return sweeps
}

// forward mixes into every vertex what it reads.
func (c *canon) forward() {
	for v := range c.vertices {
		if c.vertices[v].state {
			continue
		}
		var in []color
		for _, u := range c.vertices[v].inputs {
			in = append(in, c.color(u))
		}
		if c.vertices[v].commutes {
			sortColors(in)
		}
		c.mix(v, in)
	}
	c.states(func(v *vertex) []color { return []color{c.colors[v.next]} })
}

// backward mixes into every vertex who reads it, and as which input.
func (c *canon) backward() {
	readers := make([][]color, len(c.vertices))
	for v := range c.vertices {
		if c.vertices[v].state {
			readers[c.vertices[v].next] = append(readers[c.vertices[v].next], c.colors[v])
		}
	}
	for v := len(c.vertices) - 1; v >= 0; v-- {
		if c.vertices[v].state {
			continue
		}
		sortColors(readers[v])
		c.mix(v, readers[v])
		for slot, u := range c.vertices[v].inputs {
			if u < 0 {
				continue
			}
			if c.vertices[v].commutes {
				slot = 0
			}
			as := binary.LittleEndian.AppendUint64(c.colors[v][:], uint64(slot))
			readers[u] = append(readers[u], sha256.Sum256(as))
		}
	}
	for v := range c.vertices {
		if c.vertices[v].state {
			sortColors(readers[v])
			c.mix(v, readers[v])
		}
	}
}

// states mixes into every state, all at once, what of returns.
func (c *canon) states(of func(v *vertex) []color) {
	others := make([][]color, len(c.vertices))
	for v := range c.vertices {
		if c.vertices[v].state {
			others[v] = of(&c.vertices[v])
		}
	}
	for v := range c.vertices {
		if c.vertices[v].state {
			c.mix(v, others[v])
		}
	}
}

// id hashes the canonical form after a prefix. The form lists the vertices that
// the roots need, each after its inputs and by its number in the list, in an
// order that follows from the colours alone.
func (c *canon) id(prefix []byte) string {
	c.refine()
	f := form{canon: c, number: make([]int, len(c.vertices))}
	f.text(string(prefix))
	for i := 0; i < len(c.roots); i++ { // writing a vertex may add states to the roots
		f.write(c.roots[i])
		if v := &c.vertices[c.roots[i]]; v.state {
			f.write(v.next)
			f.integer(f.number[v.next])
		}
	}
	hash := sha256.Sum256(f.buf)
	return hex.EncodeToString(hash[:16])
}

// form is a canonical form being written.
type form struct {
	canon  *canon
	number []int // of a vertex, from 1; 0: not written yet
	count  int
	buf    []byte
}

func (f *form) integer(v int) { f.buf = binary.LittleEndian.AppendUint64(f.buf, uint64(v)) }

func (f *form) text(s string) {
	f.integer(len(s))
	f.buf = append(f.buf, s...)
}

// write appends vertex v after its inputs, unless it has been written. A state
// that is met for the first time becomes a root.
func (f *form) write(v int) {
	if v < 0 || f.number[v] != 0 {
		return
	}
	at := &f.canon.vertices[v]
	inputs := slices.Clone(at.inputs)
	if at.commutes {
		slices.SortStableFunc(inputs, func(a, b int) int {
			ca, cb := f.canon.color(a), f.canon.color(b)
			return slices.Compare(ca[:], cb[:])
		})
	}
	for _, u := range inputs {
		f.write(u)
	}
	f.count++
	f.number[v] = f.count
	f.text(at.label)
	f.integer(len(inputs))
	for _, u := range inputs {
		if u < 0 {
			f.integer(0)
		} else {
			f.integer(f.number[u])
		}
	}
	if at.state && !slices.Contains(f.canon.roots, v) {
		f.canon.roots = append(f.canon.roots, v)
	}
}

func sortColors(list []color) {
	slices.SortFunc(list, func(a, b color) int { return slices.Compare(a[:], b[:]) })
}
