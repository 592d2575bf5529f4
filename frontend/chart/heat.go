package chart

import "math"

// Heat is a table of numbers from 0 to 1, each a cell whose colour is the stronger the
// larger it is. Rows may differ in length.
type Heat struct {
	Title string
	Width float64
	Rows  []HeatRow
	Empty string // said where there is no row
}

// HeatRow is a row of cells.
type HeatRow struct {
	Name  string
	Cells []HeatCell
	Note  string // at the right end
}

// HeatCell is one number.
type HeatCell struct {
	Label  string // what the number is of
	Value  float64
	Chosen bool // drawn with a frame
}

const (
	heatRow  = 24.0
	heatGap  = 2.0
	heatName = 220.0 // the most that names may take
	// deepest is the strength of a cell whose value is 1: the darkest on which
	// labels can still be read, in light and in dark.
	deepest = .55
)

// Place is a cell of a drawn table.
type Place struct{ Row, Cell int }

// HeatFrame is a drawn table: where its cells lie.
type HeatFrame struct {
	left, width float64
	rows        []HeatRow
	columns     int
}

// Draw lays the table out.
func (h *Heat) Draw() (*Picture, *HeatFrame) {
	out := &Picture{Width: h.Width, Height: 2*margin + heatRow*float64(max(len(h.Rows), 1)), Title: h.Title}
	if len(h.Rows) == 0 {
		out.text(Faint, h.Width/2, out.Height/2+4, Middle, h.Empty)
		return out, &HeatFrame{}
	}
	names, notes, columns := 0.0, 0.0, 1
	for _, r := range h.Rows {
		names, notes = max(names, textWidth(r.Name)), max(notes, textWidth(r.Note))
		columns = max(columns, len(r.Cells))
	}
	names = min(names, heatName, h.Width/3)
	left := margin + names + 2*tickAir
	f := &HeatFrame{left: left, width: max(h.Width-left-margin-notes-2*tickAir, 1), rows: h.Rows, columns: columns}
	for i, r := range h.Rows {
		base := margin + heatRow*float64(i) + heatRow/2 + 4
		out.text(Ink, margin+names, base, End, squeeze(r.Name, names))
		f.row(out, i)
		if r.Note != "" {
			out.text(Faint, h.Width-margin, base, End, r.Note)
		}
	}
	return out, f
}

// cell is the width of a column. All rows have as many columns, so that equal
// options stand below each other.
func (f *HeatFrame) cell() float64 { return f.width / float64(f.columns) }

func (f *HeatFrame) row(out *Picture, i int) {
	cells, wide := f.rows[i].Cells, f.cell()
	y, tall := margin+heatRow*float64(i)+heatGap/2, heatRow-heatGap
	fill := Mark{Form: Rects, Role: Shade}
	frame := Mark{Form: Rects, Role: Grid, Width: 1}
	chosen := Mark{Form: Rects, Role: Focus, Width: 2}
	for j, c := range cells {
		box := []float64{f.left + wide*float64(j), y, max(wide-heatGap, 1), tall}
		fill.XY, fill.Values = append(fill.XY, box...), append(fill.Values, deepest*strength(c.Value))
		if c.Chosen {
			chosen.XY = append(chosen.XY, box...)
		} else {
			frame.XY = append(frame.XY, box...)
		}
	}
	for _, m := range []Mark{fill, frame, chosen} {
		if len(m.XY) > 0 {
			out.add(m)
		}
	}
	for j, c := range cells {
		if text := cut(c.Label, wide-heatGap-4); text != "" {
			out.add(Mark{Form: Text, Role: Ink, XY: []float64{f.left + wide*(float64(j)+.5), y + tall/2 + 4}, Anchor: Middle, Text: text, Bold: c.Chosen})
		}
	}
}

// At is the cell at a pixel.
func (f *HeatFrame) At(x, y float64) (Place, bool) {
	if f.columns == 0 {
		return Place{}, false
	}
	row, cell := int(math.Floor((y-margin)/heatRow)), int(math.Floor((x-f.left)/f.cell()))
	if row < 0 || row >= len(f.rows) || cell < 0 || cell >= len(f.rows[row].Cells) {
		return Place{}, false
	}
	return Place{Row: row, Cell: cell}, true
}

// squeeze shortens a text to a width in pixels by its middle: names of decisions
// differ at both ends.
func squeeze(text string, width float64) string {
	letters := []rune(text)
	room := int(width / Letter)
	if len(letters) <= room || room < 5 {
		return cut(text, width)
	}
	head := room / 2
	return string(letters[:head]) + "…" + string(letters[len(letters)-(room-1-head):])
}

// cut shortens a text to a width in pixels. What has no room for two letters is
// left out.
func cut(text string, width float64) string {
	letters := []rune(text)
	room := int(width / Letter)
	switch {
	case len(letters) <= room:
		return text
	case room < 2:
		return ""
	}
	return string(letters[:room-1]) + "…"
}
