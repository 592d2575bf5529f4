package report

import (
	"fmt"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Sizes of a picture, in the units of its view box, which are pixels at its
// natural size.
const (
	svgLetter = 7.3 // width of a letter at the size of the text, monospaced
	svgRow    = 40  // from one layer to the next
	svgBox    = 28  // height of a layer
	svgLane   = 16  // from one arc to the next
	svgMargin = 16
)

// svgStyle gives the parts of a picture their looks, in light and dark pages. A
// page may give the classes others.
const svgStyle = `<style>
.espalier{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;--ink:#1b1f24;--faint:#6b7280;--box:#f3f4f6;--edge:#9ca3af;--skip:#2563eb}
@media(prefers-color-scheme:dark){.espalier{--ink:#e5e7eb;--faint:#9ca3af;--box:#1f2937;--edge:#6b7280;--skip:#60a5fa}}
.espalier text{fill:var(--ink)}.espalier .faint{fill:var(--faint)}.espalier .name{font-weight:600}
.espalier rect{fill:var(--box);stroke:var(--edge)}.espalier path{fill:none;stroke:var(--edge);stroke-width:1.5}
.espalier .skip{stroke:var(--skip)}.espalier .dot{fill:var(--skip);stroke:none}
</style>
`

// SVG draws a network as a picture: a box for each layer, from the input down, a
// line to each from the one above that it reads, an arc from each that lies
// further up, and below them every recurrent cell as a tree. Of a network that
// is not legal the problem is shown instead. The text is a whole SVG document,
// which may also stand within a page; it holds no script and names nothing
// outside of itself.
func SVG(net *spec.Network) string { return svg(net, svgStyle, nil) }

// Figure draws the same picture for a page whose own style sheet gives the
// classes of svgStyle their looks: it has no style in it, which a strict page
// would refuse.
func Figure(net *spec.Network) string { return svg(net, "", nil) }

// svg draws a network. marks are classes of layers and nodes of cells, by their
// keys.
func svg(net *spec.Network, style string, marks map[string]string) string {
	s := Screen{Unicode: true}
	p := &picture{screen: s, style: style, marks: marks}
	if net == nil {
		p.say("There is no network to draw.")
		return p.document("no network")
	}
	plan, err := net.Infer()
	if err != nil {
		p.say(s.clean("This network cannot be drawn: " + err.Error() + "."))
		return p.document("a network that is not legal")
	}
	d := drawing{screen: s, layers: s.layers(net, plan)}
	d.describe()
	p.layers(d)
	totals := Grouped(plan.Params) + " parameters, " + scaled(plan.MACs, 2) + " multiply-accumulates"
	p.say(totals)
	if d.convNote != "" {
		p.say(d.convNote)
	}
	for i, u := range cellUses(net, plan) {
		p.cell(i, u)
	}
	return p.document(fmt.Sprintf("a network of %d layers, %s", len(d.layers)-1, totals))
}

// picture is an SVG document that grows downwards.
type picture struct {
	screen        Screen
	style         string
	marks         map[string]string
	body          strings.Builder
	width, height float64
}

func (p *picture) add(format string, args ...any) { fmt.Fprintf(&p.body, format+"\n", args...) }

// text writes a line of clean text with its baseline at y.
func (p *picture) text(class string, x, y float64, text string) {
	p.add(`<text class="%s" x="%.7g" y="%.7g">%s</text>`, class, x, y, escapeXML(text))
	p.reach(x+svgLetter*float64(cells(text)), y)
}

// reach makes the picture large enough for a point.
func (p *picture) reach(x, y float64) {
	p.width, p.height = max(p.width, x), max(p.height, y)
}

// say adds a line of text below everything.
func (p *picture) say(text string) { p.text("faint", svgMargin, p.height+24, text) }

// mark is the class of a box.
func (p *picture) mark(key string) string {
	if class := p.marks[key]; class != "" {
		return ` class="` + class + `"`
	}
	return ""
}

func escapeXML(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;").Replace(text)
}

// document is the whole picture, with a title for those who cannot see it.
func (p *picture) document(title string) string {
	w, h := p.width+svgMargin, p.height+svgMargin
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" class="espalier" role="img" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f">`+
		"\n<title>%s</title>\n%s%s</svg>\n", w, h, w, h, escapeXML(title), p.style, p.body.String())
}

// layers draws the layers and what they read.
func (p *picture) layers(d drawing) {
	wide := 0
	for i, l := range d.layers {
		wide = max(wide, cells(layerText(d, i))+cells(l.name)+2)
	}
	w := svgLetter*float64(wide) + 2*svgMargin
	top := func(i int) float64 { return svgMargin + svgRow*float64(i) }
	middle := func(i int) float64 { return top(i) + svgBox/2 }
	last := lastReaders(d.layers)
	lane, lanes := assignLanes(d.layers, last)
	for i, l := range d.layers {
		for _, j := range l.reads {
			if j == i-1 {
				p.add(`<path d="M%.7g %.7gV%.7g"/>`, svgMargin+w/2, top(j)+svgBox, top(i))
				continue
			}
			x := svgMargin + w
			bend := x + svgLane*float64(lane[j]+1)
			p.add(`<path class="skip" d="M%.7g %.7gH%.7gQ%.7g %.7g %.7g %.7gV%.7gQ%.7g %.7g %.7g %.7gH%.7g"/>`, x, middle(j), bend-8, bend, middle(j), bend, middle(j)+8,
				middle(i)-8, bend, middle(i), bend-8, middle(i), x)
			p.add(`<circle class="dot" cx="%.7g" cy="%.7g" r="3"/>`, x, middle(i))
		}
	}
	for i, l := range d.layers {
		p.add(`<rect%s x="%d" y="%.7g" width="%.7g" height="%d" rx="5"/>`, p.mark(layerKey(l.name)), svgMargin, top(i), w, svgBox)
		p.text("name", 2*svgMargin, middle(i)+4, l.name)
		p.text("", 2*svgMargin+svgLetter*float64(cells(l.name)+2), middle(i)+4, layerText(d, i))
	}
	p.reach(svgMargin+w+svgLane*float64(lanes+1), top(len(d.layers)-1)+svgBox)
}

// layerText says what a layer does, what shape comes out, and how many
// parameters it has.
func layerText(d drawing, i int) string {
	l := d.layers[i]
	text := d.ops[i] + "  " + d.screen.glyphs().to + " " + d.screen.shape(l.output)
	if l.params > 0 {
		text += "  " + Count(l.params)
	}
	return text
}
