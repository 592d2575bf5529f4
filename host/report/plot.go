package report

import "math"

// plot is a chart being drawn.
type plot struct {
	screen        Screen
	options       ChartOptions
	series        []Series
	xMax          float64
	yMin, yMax    float64
	ticks         []float64 // of the vertical axis
	decimals      int       // of their labels
	columns, rows int       // of cells
	axis          int       // cells left of the vertical axis
	beside        bool      // the names stand right of the plot, else below
	dots          [][]int   // (rows*dotRows, columns*dotColumns): 0 or series+1
	dotRows       int       // dots of a cell
	dotColumns    int
	labels        []string // name and last value of each series
}

// minPlot is how many cells of plot the names must leave, or move below it.
const minPlot = 24

// seriesStyles and asciiMarks tell the lines apart by colour and by shape.
var (
	seriesStyles = []style{green, yellow, cyan, magenta, blue, red}
	asciiMarks   = []string{"*", "o", "+", "x", "#", "%"}
)

func newPlot(series []Series, o ChartOptions, s Screen) *plot {
	p := &plot{screen: s, options: o, dotRows: 1, dotColumns: 1, rows: max(o.Height, 4)}
	if o.Height == 0 {
		p.rows = 10
	}
	if s.Unicode {
		p.dotRows, p.dotColumns = 4, 2
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, one := range series {
		one = one.known()
		if len(one.Y) == 0 {
			continue
		}
		for _, y := range one.Y {
			low, high = min(low, y), max(high, y)
		}
		p.xMax = max(p.xMax, one.X[len(one.X)-1])
		p.series = append(p.series, one)
	}
	if len(p.series) == 0 {
		return nil
	}
	p.scale(low, high)
	p.size()
	return p
}

// size divides the screen among axis, plot and names.
func (p *plot) size() {
	width := p.screen.width()
	names := 0
	for _, t := range p.ticks {
		p.axis = max(p.axis, cells(p.label(t)))
	}
	for i, one := range p.series {
		p.labels = append(p.labels, p.screen.clean(one.Name)+" "+p.value(one.last()))
		names = max(names, cells(p.labels[i])+3)
	}
	p.columns = width - p.axis - 2 - names
	if p.beside = p.columns >= minPlot; !p.beside {
		p.columns = max(width-p.axis-2, 4)
	}
	p.dots = make([][]int, p.rows*p.dotRows)
	for i := range p.dots {
		p.dots[i] = make([]int, p.columns*p.dotColumns)
	}
}

func (s Series) last() float64 { return s.Y[len(s.Y)-1] }

// known leaves only points with finite coordinates.
func (s Series) known() Series {
	out := Series{Name: s.Name}
	for i, y := range s.Y {
		x := float64(i + 1)
		if s.X != nil {
			if i >= len(s.X) {
				break
			}
			x = s.X[i]
		}
		if finite(x) && finite(y) && x >= 0 {
			out.X, out.Y = append(out.X, x), append(out.Y, y)
		}
	}
	return out
}

// dotRow is the row of dots in which v lies, from the top.
func (p *plot) dotRow(v float64) int {
	height := p.rows * p.dotRows
	row := int(math.Round((p.yMax - v) / (p.yMax - p.yMin) * float64(height-1)))
	return min(max(row, 0), height-1)
}

// line draws one series as a step function, its jumps as vertical lines.
func (p *plot) line(i int) {
	width := p.columns * p.dotColumns
	one := p.series[i]
	at, before := 0, -1
	for x := range width {
		// The end of the axis is the last trial, so each column shows what was
		// known when the trial at its right edge had ended.
		trial := p.xMax * float64(x+1) / float64(width)
		for at < len(one.X) && one.X[at] <= trial*(1+1e-12) {
			at++
		}
		if at == 0 || at == len(one.X) && trial-one.X[at-1] > p.xMax/float64(width) && one.X[at-1] < p.xMax {
			continue // not begun, or ended before the others
		}
		row := p.dotRow(one.Y[at-1])
		from, to := row, row
		if before >= 0 {
			from, to = min(row, before), max(row, before)
		}
		for y := from; y <= to; y++ {
			// Lines after the first are dashed: every other cell.
			if i == 0 || p.dotColumns == 1 || x%4 < 2 || from < to && y%2 == 0 {
				p.dots[y][x] = i + 1
			}
		}
		before = row
	}
}

// brailleBits are the bits of a braille character's dots, (row, column), in
// the order of Unicode's block U+2800.
var brailleBits = [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

// cellAt is the character of one cell and the series that it belongs to; 0 is
// none.
func (p *plot) cellAt(row, column int) (text string, owner int) {
	var bits rune
	for dy := range p.dotRows {
		for dx := range p.dotColumns {
			if id := p.dots[row*p.dotRows+dy][column*p.dotColumns+dx]; id > 0 {
				bits |= brailleBits[dy][dx]
				if owner == 0 || id < owner {
					owner = id
				}
			}
		}
	}
	switch {
	case owner == 0:
		return " ", 0
	case p.dotRows == 1:
		return asciiMarks[(owner-1)%len(asciiMarks)], owner
	}
	return string(0x2800 + bits), owner
}

func (p *plot) style(i int) style { return seriesStyles[i%len(seriesStyles)] }

// key is the mark before a line's name.
func (p *plot) key(i int) string {
	switch {
	case !p.screen.Unicode:
		return asciiMarks[i%len(asciiMarks)]
	case i == 0:
		return "━"
	}
	return "┅"
}

func (p *plot) render() string {
	c := &canvas{screen: p.screen}
	if p.options.Title != "" {
		c.paragraph(dim, 0, p.screen.clean(p.options.Title))
	}
	g := p.screen.glyphs()
	ticks := map[int]string{}
	for _, t := range p.ticks {
		ticks[p.dotRow(t)/p.dotRows] = p.label(t)
	}
	names := p.nameRows()
	for row := range p.rows {
		label, mark := ticks[row], g.axis
		if label != "" {
			mark = g.tickY
		}
		c.to(p.axis - cells(label))
		c.put(dim, label)
		c.to(p.axis + 1)
		c.put(dim, mark)
		for column := range p.columns {
			text, owner := p.cellAt(row, column)
			if owner == 0 {
				c.put(plain, text)
			} else {
				c.put(p.style(owner-1), text)
			}
		}
		if i, ok := names[row]; ok {
			c.to(p.axis + 2 + p.columns + 1)
			c.put(p.style(i), p.key(i)+" "+p.labels[i])
		}
		c.newline()
	}
	p.floor(c)
	if !p.beside {
		for i, label := range p.labels {
			c.to(p.axis + 2)
			c.put(p.style(i), p.key(i)+" "+label)
			c.newline()
		}
	}
	return c.String()
}

// nameRows places each name as near as possible to its line's end, no two in
// one row: the first where it belongs, a lower line's name below it.
func (p *plot) nameRows() map[int]int {
	rows := map[int]int{}
	if !p.beside {
		return rows
	}
	place := func(i, row int) bool {
		_, taken := rows[row]
		if taken || row < 0 || row >= p.rows {
			return false
		}
		rows[row] = i
		return true
	}
	for i, one := range p.series {
		want, away := p.dotRow(one.last())/p.dotRows, 1
		if one.last() > p.series[0].last() {
			away = -1
		}
		for d := range p.rows {
			if place(i, want+d*away) || place(i, want-d*away) {
				break
			}
		}
	}
	return rows
}
