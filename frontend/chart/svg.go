package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Palette is the colour of each role, as CSS writes it. Shade has none of its
// own.
type Palette [roles]string

// Light and Dark are the page's colours. Marks have a contrast of at least 3:1
// with the paper, texts of at least 4.5:1.
var (
	Light = Palette{
		Ink: "#1b1f24", Faint: "#57606a", Grid: "#e3e6ea", Paper: "#ffffff", First: "#1f5fbf", Second: "#b35900", Third: "#1a7f4b",
		Fourth: "#8a3ffc", Fifth: "#b3246b", Sixth: "#4d6b00", Good: "#1a7f37", Bad: "#c8211b", Focus: "#111111",
	}
	Dark = Palette{
		Ink: "#e6edf3", Faint: "#9aa4af", Grid: "#2b323b", Paper: "#0f1419", First: "#6cb0ff", Second: "#ffa657", Third: "#4cc38a",
		Fourth: "#c297ff", Fifth: "#ff8bc5", Sixth: "#b7d65c", Good: "#4cc36a", Bad: "#ff7b72", Focus: "#ffffff",
	}
)

// SVG writes a picture as a document that needs nothing else: with the colours
// of a light page, and those of a dark one where the viewer prefers it.
func SVG(p *Picture) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="%s" height="%s" viewBox="0 0 %[1]s %[2]s">`+"\n", number(p.Width), number(p.Height))
	fmt.Fprintf(&b, "<title>%s</title>\n<style>text{font:%dpx ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}\n", escape(p.Title), TextHeight-1)
	b.WriteString(Light.style() + "@media(prefers-color-scheme:dark){" + Dark.style() + "}\n</style>\n")
	fmt.Fprintf(&b, `<rect class="paper" width="%s" height="%s"/>`+"\n", number(p.Width), number(p.Height))
	for i := range p.Marks {
		p.Marks[i].svg(&b)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// style gives every role's class its colour: as fill, and as stroke where the
// class line is set, too.
func (c Palette) style() string {
	var b strings.Builder
	for r, name := range RoleNames {
		colour := c[r]
		if Role(r) == Shade {
			colour = c[First]
		}
		fmt.Fprintf(&b, ".%s{fill:%s}.%[1]s.line{fill:none;stroke:%[2]s}", name, colour)
	}
	return b.String()
}

func (m *Mark) svg(b *strings.Builder) {
	switch m.Form {
	case Line:
		fmt.Fprintf(b, `<path class="%s line"%s d="%s"/>`+"\n", m.class(), m.stroke(), path(m.XY))
	case Area:
		fmt.Fprintf(b, `<path class="%s"%s d="%sZ"/>`+"\n", m.class(), m.opacity(), path(m.XY))
	case Dots:
		m.svgDots(b)
	case Rects:
		m.svgRects(b)
	case Text:
		m.svgText(b)
	}
}

func (m *Mark) class() string { return RoleNames[m.Role] }

func (m *Mark) opacity() string {
	if m.Opacity == 0 || m.Opacity == 1 {
		return ""
	}
	return ` opacity="` + number(m.Opacity) + `"`
}

func (m *Mark) stroke() string {
	s := m.opacity()
	if m.Width > 0 && m.Width != 1 {
		s += ` stroke-width="` + number(m.Width) + `"`
	}
	if m.Dashed {
		s += ` stroke-dasharray="5 4"`
	}
	return s
}

func (m *Mark) svgDots(b *strings.Builder) {
	class, rest := m.class(), m.opacity()
	if m.Shape == Cross || m.Shape == Ring {
		class, rest = class+" line", m.stroke()
	}
	fmt.Fprintf(b, `<path class="%s"%s d="`, class, rest)
	for i := 0; i+1 < len(m.XY); i += 2 {
		b.WriteString(dot(m.Shape, m.XY[i], m.XY[i+1], m.Size/2))
	}
	b.WriteString("\"/>\n")
}

// dot is the outline of one dot with the radius r.
func dot(shape Shape, x, y, r float64) string {
	at := func(dx, dy float64) string { return number(x+dx*r) + " " + number(y+dy*r) }
	switch shape {
	case Cross:
		return "M" + at(-1, -1) + "L" + at(1, 1) + "M" + at(-1, 1) + "L" + at(1, -1)
	case Square:
		return "M" + at(-.9, -.9) + "L" + at(.9, -.9) + "L" + at(.9, .9) + "L" + at(-.9, .9) + "Z"
	case Diamond:
		return "M" + at(0, -1.2) + "L" + at(1.2, 0) + "L" + at(0, 1.2) + "L" + at(-1.2, 0) + "Z"
	case Triangle:
		return "M" + at(0, -1.2) + "L" + at(1.1, .9) + "L" + at(-1.1, .9) + "Z"
	}
	arc := "a" + number(r) + " " + number(r) + " 0 1 0 "
	return "M" + at(-1, 0) + arc + number(2*r) + " 0" + arc + number(-2*r) + " 0Z"
}

func (m *Mark) svgRects(b *strings.Builder) {
	class, rest := m.class(), m.opacity()
	if m.Width > 0 {
		class, rest = class+" line", m.stroke()
	}
	for i := 0; i+3 < len(m.XY); i += 4 {
		if i/4 < len(m.Values) {
			rest = ` opacity="` + number(strength(m.Values[i/4])) + `"`
		}
		fmt.Fprintf(b, `<rect class="%s"%s x="%s" y="%s" width="%s" height="%s"/>`+"\n", class, rest,
			number(m.XY[i]), number(m.XY[i+1]), number(m.XY[i+2]), number(m.XY[i+3]))
	}
}

// strength keeps a value within 0 and 1; what is no number has none.
func strength(v float64) float64 {
	if !(v > 0) {
		return 0
	}
	return min(v, 1)
}

func (m *Mark) svgText(b *strings.Builder) {
	attributes := m.opacity()
	if m.Anchor != Start {
		attributes += ` text-anchor="` + [...]string{"", "middle", "end"}[m.Anchor] + `"`
	}
	if m.Bold {
		attributes += ` font-weight="600"`
	}
	fmt.Fprintf(b, `<text class="%s"%s x="%s" y="%s">%s</text>`+"\n", m.class(), attributes, number(m.XY[0]), number(m.XY[1]), escape(m.Text))
}

// path writes the points of xy.
func path(xy []float64) string {
	var b strings.Builder
	for i := 0; i+1 < len(xy); i += 2 {
		command := byte('L')
		if i == 0 {
			command = 'M'
		}
		b.WriteByte(command)
		b.WriteString(number(xy[i]) + " " + number(xy[i+1]))
	}
	return b.String()
}

// number writes a coordinate to a hundredth of a pixel.
func number(v float64) string {
	return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func escape(text string) string { return escaper.Replace(text) }
