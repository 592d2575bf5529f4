package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// DrawOptions says how a network is drawn.
type DrawOptions struct {
	Screen
}

// Draw draws a network, a line for each layer, with its kernel and stride, the
// shape of its output (height × width × filters), its parameters and its
// multiply-accumulates for one example, and which layers it reads; recurrent
// cells follow as formulas. Networks with few skip connections get arcs beside
// a trunk, others a dot for each connection, and where the screen is too narrow
// for that the numbers of the layers. Of a network that is not legal the
// problem is shown instead.
func Draw(net *spec.Network, o DrawOptions) string {
	c := &canvas{screen: o.Screen}
	if net == nil {
		c.paragraph(plain, 0, "There is no network to draw.")
		return c.String()
	}
	plan, err := net.Infer()
	if err != nil {
		c.paragraph(plain, 0, o.clean("This network cannot be drawn: "+err.Error()+"."))
		return c.String()
	}
	d := drawing{screen: o.Screen, layers: o.layers(net, plan)}
	d.describe()
	legend := d.table(c)
	c.newline()
	d.totals(c, plan.Params, plan.MACs, net.Task)
	d.notes(c, legend, o.maskNote(net, plan))
	for _, u := range cellUses(net, plan) {
		c.newline()
		o.drawCell(c, u)
	}
	return c.String()
}

// drawing is a network being drawn.
type drawing struct {
	screen   Screen
	layers   []layer
	ops      []string // the operation of each layer in words
	convNote string   // what surrounds every convolution
}

// describe writes what each layer does. What surrounds every convolution alike
// is said once, below the drawing.
func (d *drawing) describe() {
	var common string
	convs, same := 0, true
	for _, l := range d.layers {
		if l.conv {
			around := strings.Join(l.before, ", ") + "|" + strings.Join(l.then, ", ")
			same = same && (convs == 0 || around == common)
			common = around
			convs++
		}
	}
	if before, then, _ := strings.Cut(common, "|"); same && convs > 1 && common != "|" {
		d.convNote = "every conv is "
		if before != "" {
			d.convNote += "preceded by " + before
		}
		if before != "" && then != "" {
			d.convNote += " and "
		}
		if then != "" {
			d.convNote += "followed by " + then
		}
	}
	for _, l := range d.layers {
		text := l.op
		if !l.conv || d.convNote == "" {
			text = strings.Join(append(append(append([]string(nil), l.before...), l.op), l.then...), ", ")
		}
		d.ops = append(d.ops, text)
	}
}

// Few skip connections are drawn as arcs, up to sparseLanes at a time; where
// the matrix does not fit, up to denseLanes.
const (
	sparseLanes = 3
	denseLanes  = 10
)

// table picks the wiring that fits the screen, draws the layers with it, and
// returns the wiring's legend.
func (d *drawing) table(c *canvas) (legend string) {
	width := d.screen.width()
	rails := d.screen.rails(d.layers, denseLanes)
	if rails.lanes <= sparseLanes {
		d.railGrid(rails).fit(width).render(c)
		return rails.legend
	}
	if 2*len(d.layers) < width {
		matrix := d.screen.matrix(d.layers)
		for _, g := range d.matrixGrids(matrix) {
			if g.natural() <= width {
				g.render(c)
				return matrix.legend
			}
		}
	}
	if rails.lanes <= denseLanes {
		if g := d.railGrid(rails).fit(width); g.natural() <= width {
			g.render(c)
			return rails.legend
		}
	}
	d.listGrid(d.screen.list(d.layers)).fit(width).render(c)
	return ""
}

// notes explains the signs of the drawing and what it leaves out.
func (d *drawing) notes(c *canvas, legend, masks string) {
	var notes []string
	for _, note := range []string{legend, d.joinNote(), d.convNote, masks} {
		if note != "" {
			notes = append(notes, note)
		}
	}
	if len(notes) > 0 {
		c.paragraph(dim, 0, strings.Join(notes, "; "))
	}
}

// maskNote says which dropout nodes are variational, if any are.
func (s Screen) maskNote(net *spec.Network, plan *spec.Plan) string {
	var names []string
	all := true
	for _, p := range plan.Nodes {
		switch node := &net.Nodes[p.Index]; {
		case node.Op != spec.OpDropout:
		case node.Variational:
			names = append(names, s.clean(node.Name))
		default:
			all = false
		}
	}
	if len(names) == 0 {
		return ""
	}
	if all {
		names = []string{"every dropout"}
	}
	return "one mask serves a whole sequence in " + and(names)
}

// joinNote explains how layers read several others, if any does.
func (d *drawing) joinNote() string {
	for _, l := range d.layers {
		if l.joins && len(l.reads) > 1 {
			return "several inputs are concatenated in depth"
		}
	}
	return ""
}

// Titles of the columns that every kind of drawing has.
var (
	numberColumn  = Column{Title: "#", Right: true}
	nameColumn    = Column{Title: "layer", Drop: 1}
	opColumn      = Column{Title: "operation"}
	outputColumn  = Column{Title: "output", Drop: 2}
	paramsColumn  = Column{Title: "params", Right: true, Drop: 3}
	macsColumn    = Column{Title: "MACs", Right: true, Drop: 4}
	graphColumn   = Column{}
	readsColumn   = Column{Title: "reads", Wrap: true}
	detailColumns = []Column{opColumn, outputColumn, paramsColumn, macsColumn}
)

// details are the cells of detailColumns.
func (d *drawing) details(i int) []cell {
	l := d.layers[i]
	numbers := []string{Count(l.params), Count(l.macs)}
	for k := range numbers {
		if numbers[k] == "0" {
			numbers[k] = ""
		}
	}
	return []cell{textCell(d.ops[i]), textCell(d.screen.shape(l.output)), textCell(numbers[0]), textCell(numbers[1])}
}

func (d *drawing) name(i int) cell { return cell{{d.layers[i].name, bold}} }

func (d *drawing) railGrid(w wiring) grid {
	g := grid{gap: 2, columns: append([]Column{graphColumn, nameColumn}, detailColumns...)}
	for i := range d.layers {
		g.rows = append(g.rows, append([]cell{w.cells[i], d.name(i)}, d.details(i)...))
	}
	return g
}

func (d *drawing) listGrid(w wiring) grid {
	g := grid{gap: 2, columns: append(append([]Column{numberColumn, nameColumn}, detailColumns...), readsColumn)}
	for i := range d.layers {
		row := append([]cell{textCell(fmt.Sprint(i)), d.name(i)}, d.details(i)...)
		g.rows = append(g.rows, append(row, w.cells[i]))
	}
	return g
}

// matrixGrids are the layouts of a matrix, the most telling first: with names,
// with numbers in their place, closer together, and with less detail.
func (d *drawing) matrixGrids(w wiring) []grid {
	numbered := d.listGrid(w)
	last := len(numbered.columns) - 1
	numbered.columns[last] = Column{Title: "reads"}
	full := numbered
	if d.numberedNames() {
		full = numbered.without(0)
	}
	short := numbered.without(1)
	tight := short
	tight.gap = 1
	grids := []grid{full, short, tight}
	for range 3 { // MACs, parameters, output
		tight = tight.without(len(tight.columns) - 2)
		grids = append(grids, tight)
	}
	return grids
}

// numberedNames says that the names of all convolutions end in their line's
// number, so that a column of numbers would say it twice.
func (d *drawing) numberedNames() bool {
	for i, l := range d.layers {
		digits := fmt.Sprint(i)
		rest, ok := strings.CutSuffix(l.name, digits)
		if l.conv && (!ok || rest != "" && rest[len(rest)-1] >= '0' && rest[len(rest)-1] <= '9') {
			return false
		}
	}
	return true
}

// totals sums the network up.
func (d *drawing) totals(c *canvas, params, macs int64, task spec.Task) {
	example := "example"
	if task.Type == spec.TaskImage {
		example = d.screen.shape(task.Input) + " image"
	}
	parts := []string{
		Grouped(params) + " parameters",
		scaled(macs, 2) + " multiply-accumulates per " + example,
	}
	if convs, edges := d.connections(); convs > 1 && edges >= convs {
		parts = append(parts, fmt.Sprintf("%d of %d possible connections between %d convolutions", edges, convs*(convs-1)/2, convs))
	}
	c.paragraph(bold, 0, strings.Join(parts, ", "))
}

// connections counts the convolutions and the pairs of them that are connected
// directly. It counts none where other layers lie between them, since a
// connection through a pool or a sum is none of the pairs.
func (d *drawing) connections() (convs, edges int) {
	for _, l := range d.layers {
		if !l.conv {
			continue
		}
		convs++
		for _, j := range l.reads {
			switch {
			case d.layers[j].conv:
				edges++
			case j > 0:
				return math.MaxInt, 0
			}
		}
	}
	return convs, edges
}
