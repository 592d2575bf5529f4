package report

import (
	"slices"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Sizes of the tree of a cell.
const (
	svgLeaf  = 62 // from one leaf to the next
	svgLevel = 46 // from one level to the next
)

// twig is a node of a cell in its place: a value that the cell computes, or a
// use of its input or of a state's previous value. Those are leaves, drawn anew
// for each reader, so that no line crosses the tree to reach them.
type twig struct {
	name  string // of the node; of a leaf that a state's previous value is, none
	label string
	level int     // 0 for leaves; above all that it reads
	x     float64 // middle
	reads []*twig
}

// cellTree lays a cell out: leaves below, from left to right in the order in which
// the next states come to them, and each node above what it reads.
type cellTree struct {
	screen Screen
	nodes  map[string]*spec.CellNode
	placed map[string]*twig
	all    []*twig
	leaves int
}

// cell draws one step of a network's i-th cell.
func (p *picture) cell(i int, u cellUse) {
	p.height += svgMargin
	title := "one step of " + and(u.nodes)
	if u.cell.Name != "" {
		title += " (" + u.cell.Name + ")"
	}
	p.text("name", svgMargin, p.height+24, p.screen.clean(title))
	t := &cellTree{screen: p.screen, nodes: map[string]*spec.CellNode{}, placed: map[string]*twig{}}
	for j := range u.cell.Nodes {
		t.nodes[u.cell.Nodes[j].Name] = &u.cell.Nodes[j]
	}
	for _, state := range u.cell.States {
		t.out(state)
	}
	t.spread()
	p.twigs(i, t)
}

// out places what a state becomes, above the node that it takes.
func (t *cellTree) out(state spec.CellState) {
	from := t.place(state.Next)
	next := &twig{label: t.screen.clean("next " + state.Name), level: from.level + 1, x: from.x, reads: []*twig{from}}
	t.all = append(t.all, next)
}

// place places a node after all that it reads.
func (t *cellTree) place(name string) *twig {
	if b := t.placed[name]; b != nil {
		return b
	}
	n := t.nodes[name]
	if n == nil || n.Op == spec.CellLinear && t.nodes[n.Inputs[0]] == nil {
		return t.leaf(name, n)
	}
	b := &twig{name: name, label: t.label(n)}
	t.placed[name] = b
	sum := 0.0
	for _, input := range n.Inputs {
		from := t.place(input)
		b.reads = append(b.reads, from)
		b.level = max(b.level, from.level+1)
		sum += from.x
	}
	b.x = sum / float64(max(len(b.reads), 1))
	t.all = append(t.all, b)
	return b
}

// leaf places a source, or a matrix product of one.
func (t *cellTree) leaf(name string, n *spec.CellNode) *twig {
	b := &twig{label: t.screen.clean(name), x: svgLeaf * float64(t.leaves)}
	if n != nil {
		b.name = name
		b.label = matrixOf(n) + " " + t.screen.clean(n.Inputs[0])
		if n.Bias {
			b.label += " + b"
		}
		t.placed[name] = b
	}
	t.leaves++
	t.all = append(t.all, b)
	return b
}

// label is a node's operation in few letters.
func (t *cellTree) label(n *spec.CellNode) string {
	switch n.Op {
	case spec.CellLinear:
		if n.Bias {
			return matrixOf(n) + " + b"
		}
		return matrixOf(n)
	case spec.CellAdd:
		return "+"
	case spec.CellElemMult:
		return t.screen.glyphs().compose
	case spec.CellMax:
		return "max"
	case spec.CellOneMinus:
		return "1 -"
	case spec.CellAct:
		return t.screen.clean(string(n.Func))
	}
	return t.screen.clean(string(n.Op))
}

// spread moves the nodes of each level apart where they would overlap.
func (t *cellTree) spread() {
	levels := map[int][]*twig{}
	top := 0
	for _, b := range t.all {
		levels[b.level] = append(levels[b.level], b)
		top = max(top, b.level)
	}
	for level := 1; level <= top; level++ {
		row := levels[level]
		slices.SortStableFunc(row, func(a, b *twig) int {
			switch {
			case a.x < b.x:
				return -1
			case a.x > b.x:
				return 1
			}
			return 0
		})
		for i := 1; i < len(row); i++ {
			row[i].x = max(row[i].x, row[i-1].x+svgLeaf)
		}
	}
}

// twigs draws the tree of a network's i-th cell, its top level first, below
// everything.
func (p *picture) twigs(i int, t *cellTree) {
	top := 0
	for _, b := range t.all {
		top = max(top, b.level)
	}
	base := p.height + 24 + svgLevel*float64(top)
	at := func(b *twig) (x, y float64) { return svgMargin + svgLeaf/2 + b.x, base - svgLevel*float64(b.level) }
	for _, b := range t.all {
		for _, from := range b.reads {
			x1, y1 := at(from)
			x2, y2 := at(b)
			p.add(`<path d="M%.7g %.7gL%.7g %.7g"/>`, x1, y1, x2, y2)
		}
	}
	for _, b := range t.all {
		x, y := at(b)
		label := p.screen.cut(b.label, 10)
		w := svgLetter*float64(cells(label)) + 10
		p.add(`<rect%s x="%.7g" y="%.7g" width="%.7g" height="22" rx="11"/>`, p.mark(twigKey(i, b.name)), x-w/2, y-11, w)
		p.text("", x-w/2+5, y+4, label)
		p.reach(x+w/2, y+11)
	}
}
