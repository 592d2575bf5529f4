package report

import (
	"math"
	"strings"
)

// Table lays the comparison out: for each k the mean of the k best of both
// sides at each checkpoint, their difference with its interval, as numbers and
// as a picture, and the p value.
func (c Comparison) Table(s Screen) string {
	out := &canvas{screen: s}
	g := c.grid(s, narrowForest)
	for half := narrowForest + 1; half <= wideForest; half++ {
		if wider := c.grid(s, half); wider.natural() <= s.width() {
			g = wider
		}
	}
	g.fit(s.width()).render(out)
	return out.String()
}

// grid is the table with forest plots of the given half width.
func (c Comparison) grid(s Screen, half int) grid {
	control := c.SeedsB > 0
	a, b := s.clean(c.A), s.clean(c.B)
	g := grid{gap: 2, columns: []Column{
		{Title: "mean of"}, {Title: "children", Right: true}, {Title: a, Right: true, Drop: 1},
	}}
	if control {
		g.columns = append(g.columns, Column{Title: b, Right: true, Drop: 1},
			Column{Title: "gain", Right: true}, Column{Title: levelText(c.Level) + " interval"},
			Column{Title: forestTitle(a, b, half), Drop: 3}, Column{Title: "p", Right: true, Drop: 2})
	}
	f := forest{half: half, scale: c.scale()}
	for _, k := range c.ks() {
		label := "best"
		if k > 1 {
			label = "best " + Grouped(int64(k))
		}
		for _, point := range c.Checkpoints {
			for _, top := range point.Tops {
				if top.K != k {
					continue
				}
				row := []cell{textCell(label), textCell(Grouped(int64(point.Trials))), textCell(c.value(top.A.Mean))}
				if control {
					row = append(row, c.contrast(s, top, f)...)
				}
				g.rows = append(g.rows, row)
				label = ""
			}
		}
	}
	return g
}

// contrast are the cells of a row about the difference of the two sides.
func (c Comparison) contrast(s Screen, top Top, f forest) []cell {
	color := plain
	if top.Difference.Excludes(0) {
		color = red
		if top.Difference.Mean > 0 {
			color = green
		}
	}
	p, bounds := Unknown, Unknown
	if top.Test.P.Known() {
		p = strings.TrimPrefix(pValue(top.Test.P), "= ")
	}
	if top.Difference.Known() {
		bounds = c.signed(top.Difference.Low) + " to " + c.signed(top.Difference.High)
	}
	return []cell{
		textCell(c.value(top.B.Mean)),
		{{c.signed(top.Difference.Mean), color}},
		{{bounds, color}},
		{{f.draw(s, top.Difference), color}},
		textCell(p),
	}
}

// Text is the whole comparison for a terminal: the sentence, the table, the
// improvement over the mean random architecture, and the notes.
func (c Comparison) Text(s Screen) string { return c.text(s, true) }

// Summary is Text without the table.
func (c Comparison) Summary(s Screen) string { return c.text(s, false) }

func (c Comparison) text(s Screen, table bool) string {
	out := &canvas{screen: s}
	out.paragraph(bold, 0, s.clean(c.Sentence))
	table = table && len(c.Checkpoints) > 0
	if table || c.ImprovementA.Mean.Known() || len(c.Notes) > 0 {
		out.newline()
	}
	if table {
		out.out.WriteString(c.Table(s))
		out.newline()
	}
	if c.ImprovementA.Mean.Known() {
		text := "Best child over the mean random one (Yang 2020): "
		if c.Metric.Lower() {
			text = "Reduction from the mean random child to the best (after Yang 2020): "
		}
		text += c.A + " " + c.improved(c.ImprovementA)
		if c.ImprovementB.Mean.Known() {
			text += ", " + c.B + " " + c.improved(c.ImprovementB)
		}
		out.paragraph(plain, 2, s.clean(text+"."))
	}
	for _, note := range c.Notes {
		out.paragraph(dim, 2, s.clean(note))
	}
	return out.String()
}

func (c Comparison) improved(i Interval) string {
	text := signed(100*float64(i.Mean), 1) + " %"
	if i.Known() {
		text += " (" + signed(100*float64(i.Low), 1) + " to " + signed(100*float64(i.High), 1) + ")"
	}
	return text
}

// ks are the k of the last checkpoint, which has all that any other has.
func (c Comparison) ks() []int {
	var ks []int
	if n := len(c.Checkpoints); n > 0 {
		for _, top := range c.Checkpoints[n-1].Tops {
			ks = append(ks, top.K)
		}
	}
	return ks
}

// scale is the largest bound of any interval: the end of the forest's axis.
func (c Comparison) scale() float64 {
	largest := 0.0
	for _, point := range c.Checkpoints {
		for _, top := range point.Tops {
			for _, v := range []Float{top.Difference.Mean, top.Difference.Low, top.Difference.High} {
				if v.Known() {
					largest = max(largest, math.Abs(float64(v)))
				}
			}
		}
	}
	return largest
}

// forest draws intervals on one axis around 0 (a forest plot).
type forest struct {
	half  int     // cells on each side of the 0
	scale float64 // the value at either end of the axis
}

// The half widths of forest plots, in cells, for narrow and wide screens.
const (
	narrowForest = 7
	wideForest   = 15
)

// forestTitle says which side of the 0 in the middle is whose.
func forestTitle(a, b string, half int) string {
	if max(cells(a), cells(b)) > half-1 {
		return strings.Repeat(" ", half) + "0" + strings.Repeat(" ", half)
	}
	return b + strings.Repeat(" ", half-cells(b)) + "0" + strings.Repeat(" ", half-cells(a)) + a
}

func (f forest) draw(s Screen, i Interval) string {
	g := s.glyphs()
	line := make([]string, 2*f.half+1)
	for x := range line {
		line[x] = " "
	}
	at := func(v Float) int {
		if f.scale == 0 {
			return f.half
		}
		return f.half + int(math.Round(float64(v)/f.scale*float64(f.half)))
	}
	if i.Known() {
		low, high := at(i.Low), at(i.High)
		for x := low; x <= high; x++ {
			line[x] = g.horizontal
		}
		line[low], line[high] = g.capLow, g.capHigh
	}
	line[f.half] = g.zero
	if i.Mean.Known() {
		line[at(i.Mean)] = g.point
	}
	return strings.Join(line, "")
}
