package chart

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// hostile are numbers that nobody expects.
var hostile = []float64{
	math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, math.Copysign(0, -1),
	0, 1, -1, 1e-300, 1e300, -1e300, 1e17, 1e17 + 16, 1 << 53,
}

// finite fails if a mark lies nowhere.
func finite(t *testing.T, name string, p *Picture) {
	t.Helper()
	for _, m := range p.Marks {
		for _, v := range append(append([]float64{m.Size, m.Width, m.Opacity}, m.Values...), m.XY...) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("%s: a mark of form %d (%q) is at %v", name, m.Form, m.Text, m.XY)
			}
		}
	}
	if numbers, _ := Commands(p); len(numbers) < len(p.Marks) {
		t.Errorf("%s: %d numbers for %d marks", name, len(numbers), len(p.Marks))
	}
	if svg := SVG(p); strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
		t.Errorf("%s: the document has no number somewhere", name)
	}
}

// TestHostileNumbers: whatever the numbers, a picture can be drawn.
func TestHostileNumbers(t *testing.T) {
	for _, a := range hostile {
		for _, b := range hostile {
			for _, axis := range []Axis{{}, {Log: true}, {Whole: true}} {
				name := fmt.Sprintf("%v and %v, %+v", a, b, axis)
				p := &Plot{Width: 360, Height: 200, X: axis, Y: axis, Pointed: []int{2}, Empty: "nothing"}
				for _, kind := range []Kind{Scatter, Curve, Steps, Band} {
					p.Series = append(p.Series, Series{
						Name: "s", Kind: kind, X: []float64{a, b, 1}, Y: []float64{b, a, 2}, Low: []float64{a, b, 1}, High: []float64{b, a, 3}, IDs: []int{1, 2, 3},
					})
				}
				picture, frame := p.Draw()
				finite(t, name, picture)
				frame.Nearest(a, b)
				frame.Value(a, b)
				bars := &Bars{Width: 360, Max: max(a, 0), Rows: []Bar{{Name: "x", Before: a, After: b}, {Before: b, After: 1}}}
				if math.IsNaN(a) || math.IsInf(a, 0) {
					bars.Max = 0
				}
				finite(t, name, bars.Draw())
				heat, _ := (&Heat{Width: 360, Rows: []HeatRow{{Name: "x", Cells: []HeatCell{{Value: a}, {Value: b, Chosen: true}}}}}).Draw()
				finite(t, name, heat)
			}
		}
	}
}

// TestNarrow: a picture fits the narrowest telephone, and no width at all.
func TestNarrow(t *testing.T) {
	long := strings.Repeat("a name without end ", 9)
	for _, width := range []float64{0, 1, 30, 120, 320} {
		plot := &Plot{Width: width, Height: width / 2, Title: long, X: Axis{Title: long}, Y: Axis{Title: long}, Series: []Series{{Name: long, X: []float64{1, 2}, Y: []float64{3, 4}}}}
		picture, _ := plot.Draw()
		finite(t, fmt.Sprint("plot of ", width), picture)
		finite(t, fmt.Sprint("bars of ", width), (&Bars{Width: width, Before: long, Rows: []Bar{{Name: long, Before: -1, After: 1, Note: long}}}).Draw())
		heat, _ := (&Heat{Width: width, Rows: []HeatRow{{Name: long, Note: long, Cells: []HeatCell{{Label: long, Value: 1}}}}}).Draw()
		finite(t, fmt.Sprint("heat of ", width), heat)
	}
}
