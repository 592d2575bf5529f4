package chart

import (
	"math"
	"slices"
)

// Kind is how a series is drawn.
type Kind uint8

const (
	Scatter Kind = iota // a dot for each point
	Curve               // points joined by straight lines
	Steps               // a value holds until the next point
	Band                // the area from Low to High
)

// Series is data of one meaning.
type Series struct {
	Name string
	Kind Kind
	Role Role
	// X and Y are the points, as many of each; a Band has Low and High instead
	// of Y. What is not finite is left out.
	X, Y      []float64
	Low, High []float64
	// IDs are what the points are told apart by when one is pointed at; nil if
	// that cannot be done.
	IDs    []int
	Shape  Shape
	Dashed bool
}

// Plot is a chart of one or more series over two axes.
type Plot struct {
	Title         string
	Width, Height float64
	X, Y          Axis
	Series        []Series
	// Pointed are IDs to be drawn with a ring around them.
	Pointed []int
	// Empty is said in the middle of a plot without data.
	Empty string
}

const (
	margin    = 8.0
	tickAir   = 6.0
	legendRow = 20.0
	dotSize   = 5.0
)

// Frame is a drawn plot: where its axes lie.
type Frame struct {
	plot *Plot
	x, y Axis
	near index
}

// Draw lays the plot out. The plot's series must not change while the frame is
// used.
func (p *Plot) Draw() (*Picture, *Frame) {
	out := &Picture{Width: p.Width, Height: p.Height, Title: p.Title}
	f := &Frame{plot: p, x: p.X, y: p.Y}
	known := f.measure()
	top := p.legend(out)
	f.layout(top)
	f.axes(out)
	if !known {
		out.text(Faint, (f.x.from+f.x.to)/2, (f.y.from+f.y.to)/2, Middle, p.Empty)
		return out, f
	}
	for i := range p.Series {
		f.series(out, &p.Series[i])
	}
	f.near = p.index(f)
	f.rings(out)
	return out, f
}

// measure finds the range of both axes, and whether there is data at all.
func (f *Frame) measure() bool {
	freeX, freeY := f.x.Min == 0 && f.x.Max == 0, f.y.Min == 0 && f.y.Max == 0
	if freeX {
		f.x.Min, f.x.Max = math.Inf(1), math.Inf(-1)
	}
	if freeY {
		f.y.Min, f.y.Max = math.Inf(1), math.Inf(-1)
	}
	some := false
	for _, s := range f.plot.Series {
		some = some || len(s.X) > 0
		if freeX {
			cover(&f.x, s.X)
		}
		if freeY {
			cover(&f.y, s.Y, s.Low, s.High)
		}
	}
	some = (!freeX || f.x.settle()) && some
	return (!freeY || f.y.settle()) && some
}

func cover(a *Axis, lists ...[]float64) {
	for _, list := range lists {
		for _, v := range list {
			a.cover(v)
		}
	}
}

// legend writes the names of the series on top, and returns where the plot may
// begin.
func (p *Plot) legend(out *Picture) float64 {
	x, y, any := margin, margin, false
	for _, s := range p.Series {
		if s.Name == "" {
			continue
		}
		width := 26 + textWidth(s.Name)
		if any && x+width > p.Width-margin {
			x, y = margin, y+legendRow
		}
		any = true
		middle := y + legendRow/2
		switch s.Kind {
		case Scatter:
			out.add(Mark{Form: Dots, Role: s.Role, Shape: s.Shape, Size: dotSize + 2, Width: 1.5, XY: []float64{x + 8, middle}})
		case Band:
			out.add(Mark{Form: Rects, Role: s.Role, Opacity: .3, XY: []float64{x, middle - 5, 16, 10}})
		default:
			out.add(Mark{Form: Line, Role: s.Role, Width: 2, Dashed: s.Dashed, XY: []float64{x, middle, x + 16, middle}})
		}
		out.text(Ink, x+22, middle+4, Start, s.Name)
		x += width + 14
	}
	if !any {
		return margin
	}
	return y + legendRow + 2
}

// layout gives the axes their pixels, so that the labels of the vertical one
// have room.
func (f *Frame) layout(top float64) {
	p := f.plot
	bottom := p.Height - margin - TextHeight - tickAir
	if f.x.Title != "" {
		bottom -= TextHeight + 4
	}
	if f.y.Title != "" {
		top += TextHeight + 2
	}
	f.y.from, f.y.to = bottom, min(top+6, bottom-1)
	wide := 0.0
	for _, v := range f.y.ticks(f.rows()) {
		wide = max(wide, textWidth(f.y.label(v)))
	}
	f.x.from = margin + wide + tickAir
	f.x.to = max(p.Width-margin-6, f.x.from+1)
}

// rows is how many ticks the vertical axis has room for.
func (f *Frame) rows() int { return int(min(max((f.y.from-f.y.to)/36, 3), 8)) }

func (f *Frame) axes(out *Picture) {
	for _, v := range f.y.ticks(f.rows()) {
		y := f.y.at(v)
		out.line(Grid, 1, f.x.from, y, f.x.to, y)
		out.text(Faint, f.x.from-tickAir, y+4, End, f.y.label(v))
	}
	f.floor(out)
	if f.y.Title != "" {
		out.text(Faint, margin, f.y.to-10, Start, f.y.Title)
	}
	if f.x.Title != "" {
		out.text(Faint, (f.x.from+f.x.to)/2, f.plot.Height-margin+2, Middle, f.x.Title)
	}
}

// floor is the horizontal axis. Labels that would touch are left out.
func (f *Frame) floor(out *Picture) {
	out.line(Faint, 1, f.x.from, f.y.from, f.x.to, f.y.from)
	free := math.Inf(-1)
	for _, v := range f.x.ticks(int(min(max((f.x.to-f.x.from)/80, 2), 10))) {
		x, text := f.x.at(v), f.x.label(v)
		out.line(Faint, 1, x, f.y.from, x, f.y.from+4)
		half := textWidth(text) / 2
		middle := min(max(x, half+2), f.plot.Width-half-2)
		if middle-half < free {
			continue
		}
		out.text(Faint, middle, f.y.from+tickAir+TextHeight, Middle, text)
		free = middle + half + 8
	}
}

func (f *Frame) series(out *Picture, s *Series) {
	switch s.Kind {
	case Scatter:
		f.scatter(out, s)
	case Band:
		f.band(out, s)
	default:
		f.curve(out, s)
	}
}

// scatter draws each point once: those that fall on the same pixel add nothing.
func (f *Frame) scatter(out *Picture, s *Series) {
	seen := make(map[[2]int32]bool, min(len(s.X), 4096))
	var xy []float64
	for i := range s.X {
		x, y, ok := f.point(s.X[i], s.Y[i])
		if !ok {
			continue
		}
		cell := [2]int32{int32(x), int32(y)}
		if seen[cell] {
			continue
		}
		seen[cell] = true
		xy = append(xy, x, y)
	}
	opacity := 0.0
	if len(xy) > 400 {
		opacity = .55
	}
	out.add(Mark{Form: Dots, Role: s.Role, Shape: s.Shape, Size: dotSize, Width: 1.5, Opacity: opacity, XY: xy})
}

// point is where a value lies, if it does at all.
func (f *Frame) point(vx, vy float64) (x, y float64, ok bool) {
	x, y = f.x.at(vx), f.y.at(vy)
	const air = 1.0
	ok = x >= f.x.from-air && x <= f.x.to+air && y <= f.y.from+air && y >= f.y.to-air
	return x, y, ok
}

// curve draws a line, broken where a value is missing and cut at the edges.
func (f *Frame) curve(out *Picture, s *Series) {
	var xy []float64
	flush := func() {
		if len(xy) >= 4 {
			out.add(Mark{Form: Line, Role: s.Role, Width: 2, Dashed: s.Dashed, XY: xy})
		} else if len(xy) == 2 {
			out.add(Mark{Form: Dots, Role: s.Role, Shape: s.Shape, Size: dotSize, Width: 1.5, XY: xy})
		}
		xy = nil
	}
	for i := range s.X {
		x, y := f.x.at(s.X[i]), f.y.at(s.Y[i])
		if math.IsNaN(x+y) || math.IsInf(x+y, 0) {
			flush()
			continue
		}
		x, y = f.clamp(x, y)
		if n := len(xy); s.Kind == Steps && n > 0 {
			xy = append(xy, x, xy[n-1])
		}
		if n := len(xy); n >= 4 && math.Abs(xy[n-2]-x) < .25 && math.Abs(xy[n-1]-y) < .25 {
			continue
		}
		xy = append(xy, x, y)
	}
	flush()
}

func (f *Frame) clamp(x, y float64) (float64, float64) {
	return min(max(x, f.x.from), f.x.to), min(max(y, f.y.to), f.y.from)
}

func (f *Frame) band(out *Picture, s *Series) {
	var upper, lower []float64
	for i := range s.X {
		x, low, high := f.x.at(s.X[i]), f.y.at(s.Low[i]), f.y.at(s.High[i])
		if math.IsNaN(x+low+high) || math.IsInf(x, 0) {
			continue
		}
		ux, uy := f.clamp(x, high)
		lx, ly := f.clamp(x, low)
		upper, lower = append(upper, ux, uy), append(lower, ly, lx)
	}
	if len(upper) < 4 {
		return
	}
	slices.Reverse(lower) // pairs were put in backwards
	out.add(Mark{Form: Area, Role: s.Role, Opacity: .18, XY: append(upper, lower...)})
}

// rings marks the points that are pointed at.
func (f *Frame) rings(out *Picture) {
	for i := range f.plot.Series {
		s := &f.plot.Series[i]
		for j, id := range s.IDs {
			if !slices.Contains(f.plot.Pointed, id) {
				continue
			}
			if x, y, ok := f.point(s.X[j], s.Y[j]); ok {
				out.add(Mark{Form: Dots, Role: Focus, Shape: Ring, Size: dotSize + 7, Width: 2, XY: []float64{x, y}})
			}
		}
	}
}
