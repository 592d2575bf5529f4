package report

import "strings"

// Column describes one column of a Table.
type Column struct {
	Title string
	// Right aligns to the right, as numbers want.
	Right bool
	// Drop orders what is left out where the screen is too narrow for all
	// columns: the highest goes first; 0 always stays.
	Drop int
	// Wrap continues on further lines where other columns would be cut.
	Wrap bool
}

// Table is rows of text under column titles.
type Table struct {
	Columns []Column
	Rows    [][]string // a short row leaves its last columns empty
}

// Render lays the table out: a column is as wide as its widest cell; where the
// screen is too narrow columns are dropped, then wrapped or cut.
func (t Table) Render(s Screen) string {
	g := grid{gap: 2}
	for _, column := range t.Columns {
		column.Title = s.clean(column.Title)
		g.columns = append(g.columns, column)
	}
	for _, row := range t.Rows {
		content := make([]cell, len(row))
		for i, text := range row {
			content[i] = textCell(s.clean(text))
		}
		g.rows = append(g.rows, content)
	}
	c := &canvas{screen: s}
	g.fit(s.width()).render(c)
	return c.String()
}

// grid is a table whose cells have styles, at a fixed gap between columns.
type grid struct {
	columns []Column
	rows    [][]cell
	gap     int
	bare    bool // no rule under the titles
}

func (g grid) at(row, column int) cell {
	if column < len(g.rows[row]) {
		return g.rows[row][column]
	}
	return nil
}

// widths are the natural widths of the columns in cells.
func (g grid) widths() []int {
	w := make([]int, len(g.columns))
	for i, column := range g.columns {
		w[i] = cells(column.Title)
		for r := range g.rows {
			w[i] = max(w[i], g.at(r, i).width())
		}
	}
	return w
}

// natural is the width of the table with nothing cut, in cells.
func (g grid) natural() int {
	n := g.gap * max(len(g.columns)-1, 0)
	for _, w := range g.widths() {
		n += w
	}
	return n
}

// wrapFrom is the width beyond which a wrapping column wraps rather than drive
// out another column, in cells.
const wrapFrom = 20

// needed is the width of the table with wrapping columns wrapped, in cells.
func (g grid) needed() int {
	n := g.natural()
	for i, w := range g.widths() {
		if g.columns[i].Wrap {
			n -= max(w-wrapFrom, 0)
		}
	}
	return n
}

// without leaves out one column.
func (g grid) without(column int) grid {
	out := grid{gap: g.gap, bare: g.bare}
	for i, c := range g.columns {
		if i != column {
			out.columns = append(out.columns, c)
		}
	}
	for r := range g.rows {
		var row []cell
		for i := range g.columns {
			if i != column {
				row = append(row, g.at(r, i))
			}
		}
		out.rows = append(out.rows, row)
	}
	return out
}

// fit drops columns until the rest is at most width cells wide or has to stay.
func (g grid) fit(width int) grid {
	for g.needed() > width {
		worst := -1
		for i, c := range g.columns {
			if c.Drop > 0 && (worst < 0 || c.Drop >= g.columns[worst].Drop) {
				worst = i
			}
		}
		if worst < 0 {
			break
		}
		g = g.without(worst)
	}
	return g
}

// minColumn is the width that columns are not squeezed below, in cells.
const minColumn = 6

// squeeze narrows columns until they fit: wrapping ones first, then the widest.
func (g grid) squeeze(width int) []int {
	w := g.widths()
	excess := g.natural() - width
	for i, c := range g.columns {
		if c.Wrap && excess > 0 {
			take := min(excess, max(w[i]-2*minColumn, 0))
			w[i] -= take
			excess -= take
		}
	}
	for excess > 0 {
		widest := 0
		for i := range w {
			if w[i] > w[widest] {
				widest = i
			}
		}
		if len(w) == 0 || w[widest] <= minColumn {
			break // the canvas cuts the line
		}
		w[widest]--
		excess--
	}
	return w
}

func (g grid) render(c *canvas) {
	w := g.squeeze(c.screen.width())
	titles := make([]cell, len(g.columns))
	total, titled := -g.gap, false
	for i, column := range g.columns {
		titles[i] = cell{{text: column.Title, style: dim}}
		total += g.gap + w[i]
		titled = titled || column.Title != ""
	}
	if titled {
		g.line(c, w, titles)
		if !g.bare && total > 0 {
			c.put(dim, strings.Repeat(c.screen.glyphs().rule, min(total, c.screen.width())))
			c.newline()
		}
	}
	for r := range g.rows {
		row := make([]cell, len(g.columns))
		for i := range g.columns {
			row[i] = g.at(r, i)
		}
		g.line(c, w, row)
	}
}

// line writes one row, on several lines where a wrapping cell needs them.
func (g grid) line(c *canvas, w []int, row []cell) {
	for more := true; more; {
		more = false
		column := 0
		for i, content := range row {
			now := content
			row[i] = nil
			if g.columns[i].Wrap && content.width() > w[i] {
				parts := wrap(content.text(), w[i])
				now = cell{{text: parts[0], style: content[0].style}}
				if len(parts) > 1 {
					row[i] = cell{{text: strings.Join(parts[1:], " "), style: content[0].style}}
					more = true
				}
			}
			now = c.screen.cutCell(now, w[i])
			start := column
			if g.columns[i].Right {
				start += w[i] - now.width()
			}
			c.to(start)
			c.putCell(now)
			column += w[i] + g.gap
		}
		c.newline()
	}
}

func (c cell) text() string {
	var b strings.Builder
	for _, s := range c {
		b.WriteString(s.text)
	}
	return b.String()
}

// cutCell shortens a cell to width; one that has to be cut loses its styles
// beyond the first.
func (s Screen) cutCell(c cell, width int) cell {
	if c.width() <= width {
		return c
	}
	return cell{{text: s.cut(c.text(), width), style: c[0].style}}
}
