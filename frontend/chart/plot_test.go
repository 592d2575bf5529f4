package chart

import (
	"encoding/xml"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// plot is a study of five trials beside its control.
func plot() *Plot {
	return &Plot{
		Title: "Best reward so far", Width: 640, Height: 320, X: Axis{Title: "trials", Whole: true}, Y: Axis{Title: "reward"},
		Series: []Series{
			{Name: "trial", Kind: Scatter, Role: First, X: []float64{1, 2, 3, 4, 5}, Y: []float64{.5, .62, .4, math.NaN(), .71}, IDs: []int{1, 2, 3, 4, 5}},
			{Name: "best", Kind: Steps, Role: First, X: []float64{1, 2, 5}, Y: []float64{.5, .62, .71}},
			{Name: "control", Kind: Band, Role: Second, X: []float64{1, 3, 5}, Low: []float64{.4, .45, .5}, High: []float64{.5, .6, .6}},
		},
		Pointed: []int{5}, Empty: "no trial has ended",
	}
}

// marks are those of a form and role.
func marks(p *Picture, form Form, role Role) []Mark {
	var found []Mark
	for _, m := range p.Marks {
		if m.Form == form && m.Role == role {
			found = append(found, m)
		}
	}
	return found
}

func TestPlot(t *testing.T) {
	picture, frame := plot().Draw()
	var dots []Mark
	for _, m := range marks(picture, Dots, First) {
		if m.Size == dotSize {
			dots = append(dots, m)
		}
	}
	if len(dots) != 1 || len(dots[0].XY) != 8 {
		t.Fatalf("the four finite points were drawn as %+v", dots)
	}
	if rings := marks(picture, Dots, Focus); len(rings) != 1 || rings[0].XY[0] != dots[0].XY[6] || rings[0].XY[1] != dots[0].XY[7] {
		t.Errorf("the ring %v is not around the last point %v", rings, dots[0].XY)
	}
	for i := 0; i+3 < len(dots[0].XY); i += 2 {
		if dots[0].XY[i] >= dots[0].XY[i+2] {
			t.Errorf("later trials are not further right: %v", dots[0].XY)
		}
	}
	if dots[0].XY[1] <= dots[0].XY[3] {
		t.Errorf("a larger reward is not higher up: %v", dots[0].XY)
	}
	x, y := dots[0].XY[2], dots[0].XY[3]
	if vx, vy := frame.Value(x, y); math.Abs(vx-2) > 1e-9 || math.Abs(vy-.62) > 1e-9 {
		t.Errorf("the pixel of (2, 0.62) has the value (%v, %v)", vx, vy)
	}
	if hit, ok := frame.Nearest(x+5, y-5); !ok || hit.ID != 2 || hit.X != float64(float32(x)) {
		t.Errorf("nearest to trial 2 is %+v, %v", hit, ok)
	}
	if hit, ok := frame.Nearest(x+5, y-60); ok {
		t.Errorf("far from everything is %+v", hit)
	}
	if hit, ok := frame.Find(3); !ok || hit.Point != 2 {
		t.Errorf("trial 3 is %+v, %v", hit, ok)
	}
	if _, ok := frame.Find(4); ok {
		t.Error("trial 4, which has no value, was found")
	}
}

// TestPlotInside: nothing is drawn outside of the picture, whatever its size.
func TestPlotInside(t *testing.T) {
	for _, size := range [][2]float64{{640, 320}, {320, 200}, {90, 60}} {
		p := plot()
		p.Width, p.Height = size[0], size[1]
		picture, _ := p.Draw()
		for _, m := range picture.Marks {
			if m.Form == Rects || m.Form == Text {
				continue // a text's width is only reckoned
			}
			for i := 0; i+1 < len(m.XY); i += 2 {
				if x, y := m.XY[i], m.XY[i+1]; !(x >= 0 && x <= size[0] && y >= 0 && y <= size[1]) && size[0] > 100 {
					t.Errorf("size %v: %+v leaves the picture", size, m)
				}
			}
		}
	}
}

func TestEmptyPlot(t *testing.T) {
	p := &Plot{Width: 300, Height: 200, Empty: "nothing yet"}
	picture, frame := p.Draw()
	texts := marks(picture, Text, Faint)
	if !slices.ContainsFunc(texts, func(m Mark) bool { return m.Text == "nothing yet" }) {
		t.Errorf("an empty plot says %+v", texts)
	}
	if _, ok := frame.Nearest(100, 100); ok {
		t.Error("an empty plot has a nearest point")
	}
}

// TestDensePlot: twenty thousand points cost what there are pixels for.
func TestDensePlot(t *testing.T) {
	p := &Plot{Width: 200, Height: 100, Series: []Series{{Kind: Scatter}}}
	s := &p.Series[0]
	for i := range 20000 {
		s.X, s.Y, s.IDs = append(s.X, float64(i)), append(s.Y, float64(i%7)), append(s.IDs, i)
	}
	picture, frame := p.Draw()
	dots := marks(picture, Dots, Ink)
	if len(dots) != 1 || len(dots[0].XY) > 2*200*8 || len(dots[0].XY) < 200 {
		t.Errorf("%d numbers for the dots", len(dots[0].XY))
	}
	if hit, ok := frame.Find(19999); !ok || hit.Point != 19999 {
		t.Errorf("the last point is %+v, %v", hit, ok)
	}
}

func TestSteps(t *testing.T) {
	p := &Plot{Width: 200, Height: 100, Series: []Series{{Kind: Steps, Role: First, X: []float64{0, 10, 20}, Y: []float64{0, 1, 1}}}}
	picture, _ := p.Draw()
	xy := marks(picture, Line, First)[0].XY
	for i := 0; i+3 < len(xy); i += 2 {
		if xy[i] != xy[i+2] && xy[i+1] != xy[i+3] {
			t.Errorf("a step is slanted: %v", xy)
		}
	}
}

func TestBand(t *testing.T) {
	picture, _ := plot().Draw()
	xy := marks(picture, Area, Second)[0].XY
	if len(xy) != 12 || xy[0] != xy[10] || xy[4] != xy[6] || xy[1] >= xy[11] {
		t.Errorf("the band's outline is %v", xy)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		axis Axis
		want []float64
	}{
		{Axis{Min: 0, Max: 10}, []float64{0, 2, 4, 6, 8, 10}},
		{Axis{Min: .61, Max: .64}, []float64{.61, .62, .63, .64}},
		{Axis{Min: 1, Max: 3, Whole: true}, []float64{1, 2, 3}},
		{Axis{Min: 1, Max: 1e6, Log: true}, []float64{1, 100, 1e4, 1e6}},
		{Axis{Min: 3, Max: 40, Log: true}, []float64{5, 10, 20}},
		{Axis{Min: 80, Max: 84, Log: true}, []float64{80, 81, 82, 83, 84}},
	} {
		got := c.axis.ticks(5)
		if len(got) != len(c.want) {
			t.Errorf("%+v: %v, want %v", c.axis, got, c.want)
			continue
		}
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > 1e-9*math.Abs(c.want[i]) {
				t.Errorf("%+v: %v, want %v", c.axis, got, c.want)
			}
		}
	}
}

// TestAxisOfOne: a single value lies inside of its axis.
func TestAxisOfOne(t *testing.T) {
	for _, a := range []Axis{{Min: 5, Max: 5}, {}, {Min: 5, Max: 5, Log: true}, {Min: 1, Max: 1, Whole: true}} {
		v := a.Min
		if !a.settle() || !(a.Min < v && v < a.Max) {
			t.Errorf("the axis of %v is from %v to %v", v, a.Min, a.Max)
		}
	}
}

func TestHeat(t *testing.T) {
	h := &Heat{Width: 500, Rows: []HeatRow{
		{Name: "layer1/filter", Cells: []HeatCell{{Label: "1", Value: .25}, {Label: "3", Value: .75, Chosen: true}}, Note: "0.56"},
		{Name: "a decision whose name is longer than there is room for it", Cells: []HeatCell{{Label: "yes", Value: math.NaN()}}},
	}}
	picture, frame := h.Draw()
	fills := marks(picture, Rects, Shade)
	if len(fills) != 2 || !slices.Equal(fills[0].Values, []float64{deepest * strength(.25), deepest * strength(.75)}) || fills[1].Values[0] != 0 {
		t.Fatalf("the cells are %+v", fills)
	}
	if chosen := marks(picture, Rects, Focus); len(chosen) != 1 || !slices.Equal(chosen[0].XY, fills[0].XY[4:8]) {
		t.Errorf("the chosen cell is %+v", chosen)
	}
	box := fills[0].XY[4:8]
	if at, ok := frame.At(box[0]+3, box[1]+3); !ok || at != (Place{0, 1}) {
		t.Errorf("the second cell is %+v, %v", at, ok)
	}
	if at, ok := frame.At(box[0]+3, box[1]+heatRow+3); ok {
		t.Errorf("where there is no cell is %+v", at)
	}
	empty, none := (&Heat{Width: 300, Empty: "no decision"}).Draw()
	if len(empty.Marks) != 1 || empty.Marks[0].Text != "no decision" {
		t.Errorf("an empty table is %+v", empty.Marks)
	}
	if _, ok := none.At(10, 10); ok {
		t.Error("an empty table has a cell")
	}
}

func TestBars(t *testing.T) {
	b := &Bars{Width: 400, Before: "before", After: "after", Rows: []Bar{{Name: "3", Before: 1, After: 2}, {Name: "5", Before: -1, After: math.Inf(1)}}}
	picture := b.Draw()
	before, after := marks(picture, Rects, Second)[1:], marks(picture, Rects, First)[1:]
	if len(before) != 2 || len(after) != 1 {
		t.Fatalf("bars %+v and %+v", before, after)
	}
	if after[0].XY[2] != 2*before[0].XY[2] || before[1].XY[0]+before[1].XY[2] != before[0].XY[0] {
		t.Errorf("the bars %+v and %+v are not to scale from one zero", before, after)
	}
}

// TestSVG: a picture is one well-formed document, whatever its texts say.
func TestSVG(t *testing.T) {
	p := plot()
	p.Title, p.Series[0].Name = `<script>&"`, "]]></svg>"
	picture, _ := p.Draw()
	svg := SVG(picture)
	d := xml.NewDecoder(strings.NewReader(svg))
	names := map[string]int{}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		if s, ok := token.(xml.StartElement); ok {
			names[s.Name.Local]++
		}
	}
	if names["svg"] != 1 || names["script"] != 0 || names["path"] < 10 || names["text"] < 10 {
		t.Errorf("elements %v", names)
	}
}

// TestColours: the page's style sheet has the colours of the palettes.
func TestColours(t *testing.T) {
	b, err := os.ReadFile("../web/style.css")
	if err != nil {
		t.Fatal(err)
	}
	for role, name := range RoleNames {
		if Role(role) == Shade {
			continue
		}
		if light := "--" + name + ": " + Light[role] + ";"; strings.Count(string(b), light) != 1 {
			t.Errorf("style.css does not say once that %s", light)
		}
		if dark := "--" + name + ": " + Dark[role] + ";"; strings.Count(string(b), dark) != 2 {
			t.Errorf("style.css does not say twice that %s", dark)
		}
		for _, palette := range []*Palette{&Light, &Dark} {
			least := 3.0
			switch Role(role) {
			case Paper, Grid:
				continue
			case Ink, Faint, Bad, Good:
				least = 4.5
			}
			if c := contrast(luminance(t, palette[role]), luminance(t, palette[Paper])); c < least {
				t.Errorf("%s has a contrast of %.2f with the paper, less than %v", name, c, least)
			}
		}
	}
}

// TestLabelsOnCells: labels can be read on the darkest cell.
func TestLabelsOnCells(t *testing.T) {
	for _, palette := range []*Palette{&Light, &Dark} {
		first, paper := channels(t, palette[First]), channels(t, palette[Paper])
		var mixed [3]float64
		for i := range mixed {
			mixed[i] = deepest*first[i] + (1-deepest)*paper[i]
		}
		if c := contrast(luminance(t, palette[Ink]), brightness(mixed)); c < 4.5 {
			t.Errorf("a label has a contrast of %.2f with the darkest cell", c)
		}
	}
}

// contrast is that of two relative luminances, and these those of WCAG 2.2.
func contrast(x, y float64) float64 { return (max(x, y) + .05) / (min(x, y) + .05) }

func luminance(t *testing.T, hex string) float64 { return brightness(channels(t, hex)) }

func brightness(rgb [3]float64) float64 {
	var sum float64
	for i, weight := range []float64{.2126, .7152, .0722} {
		v := rgb[i]
		if v <= .04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

// channels are red, green and blue, 0 to 1.
func channels(t *testing.T, hex string) (rgb [3]float64) {
	t.Helper()
	for i := range rgb {
		n := 0
		for _, digit := range hex[1+2*i : 3+2*i] {
			at := strings.IndexRune("0123456789abcdef", digit)
			if at < 0 {
				t.Fatalf("%q is no colour", hex)
			}
			n = 16*n + at
		}
		rgb[i] = float64(n) / 255
	}
	return rgb
}

// TestCommands: what the painter is given can be read back to the marks.
func TestCommands(t *testing.T) {
	picture, _ := plot().Draw()
	numbers, texts := Commands(picture)
	const header = 12
	at, said := 0, 0
	for i, m := range picture.Marks {
		head := numbers[at : at+header]
		values, count := int(head[10]), int(head[11])
		xy := numbers[at+header+values : at+header+values+count]
		if Form(head[0]) != m.Form || Role(head[1]) != m.Role || head[2] == 0 || !slices.Equal(xy, m.XY) {
			t.Fatalf("mark %d, %+v, was written as %v %v", i, m, head, xy)
		}
		if m.Form == Text {
			if texts[int(head[9])] != m.Text {
				t.Errorf("mark %d says %q, want %q", i, texts[int(head[9])], m.Text)
			}
			said++
		}
		at += header + values + count
	}
	if at != len(numbers) || said != len(texts) {
		t.Errorf("%d of %d numbers and %d of %d texts were read", at, len(numbers), said, len(texts))
	}
}

// TestPainter: the painter in JavaScript knows the same roles and header.
func TestPainter(t *testing.T) {
	b, err := os.ReadFile("../web/paint.js")
	if err != nil {
		t.Fatal(err)
	}
	roles := `const roles = ["` + strings.Join(RoleNames[:], `", "`) + `"];`
	for _, want := range []string{roles, "const header = 12;", "const forms = [line, area, dots, rects, text];"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("paint.js lacks %s", want)
		}
	}
}
