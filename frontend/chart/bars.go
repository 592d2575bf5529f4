package chart

import "math"

// Bars compares two numbers for each of several things: what was, and what is.
type Bars struct {
	Title string
	Width float64
	Rows  []Bar
	// Before and After name the two in the legend.
	Before, After string
	// Max is the largest absolute value of the scale; 0: that of the rows, so
	// that several charts can share a scale.
	Max float64
}

// Bar is a pair of numbers.
type Bar struct {
	Name          string
	Before, After float64
	Note          string // at the right end
	Chosen        bool   // the name is bold
}

const barRow = 26.0

// Draw lays the bars out: to the right of the middle what is above 0, to the
// left what is below.
func (b *Bars) Draw() *Picture {
	out := &Picture{Width: b.Width, Title: b.Title}
	top := b.legend(out)
	out.Height = top + barRow*float64(len(b.Rows)) + margin
	names, notes, most, negative := 0.0, 0.0, b.Max, false
	for _, r := range b.Rows {
		names, notes = max(names, textWidth(r.Name)), max(notes, textWidth(r.Note))
		if b.Max == 0 {
			most = max(most, magnitude(r.Before), magnitude(r.After))
		}
		negative = negative || r.Before < 0 || r.After < 0
	}
	if most == 0 {
		most = 1
	}
	names = min(names, b.Width/3)
	left, right := margin+names+tickAir, b.Width-margin-notes-tickAir
	zero := left
	if negative {
		zero = (left + right) / 2
	}
	unit := max(right-zero, 1) / most
	out.line(Faint, 1, zero, top-2, zero, out.Height-margin)
	for i, r := range b.Rows {
		y := top + barRow*float64(i)
		out.add(Mark{Form: Text, Role: Ink, XY: []float64{margin + names, y + barRow/2 + 4}, Anchor: End, Text: cut(r.Name, names+1), Bold: r.Chosen})
		bar(out, Second, zero, y+4, unit*r.Before)
		bar(out, First, zero, y+13, unit*r.After)
		if r.Note != "" {
			out.text(Faint, b.Width-margin, y+barRow/2+4, End, r.Note)
		}
	}
	return out
}

func (b *Bars) legend(out *Picture) float64 {
	x := margin
	for _, entry := range []struct {
		role Role
		name string
	}{{Second, b.Before}, {First, b.After}} {
		if entry.name == "" {
			continue
		}
		out.add(Mark{Form: Rects, Role: entry.role, XY: []float64{x, margin + 3, 16, 8}})
		out.text(Ink, x+22, margin+11, Start, entry.name)
		x += 22 + textWidth(entry.name) + 14
	}
	if x == margin {
		return margin
	}
	return margin + legendRow
}

// bar is a rectangle from zero, however thin so that it can be seen.
func bar(out *Picture, role Role, zero, y, length float64) {
	if !(magnitude(length) > 0) {
		return
	}
	from, wide := zero, length
	if length < 0 {
		from, wide = zero+length, -length
	}
	out.add(Mark{Form: Rects, Role: role, XY: []float64{from, y, max(wide, 1), 8}})
}

// magnitude is the absolute value of a finite number, and 0 otherwise.
func magnitude(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return math.Abs(v)
}
