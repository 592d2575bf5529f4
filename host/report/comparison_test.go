package report

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestComparisonGolden(t *testing.T) {
	c := Compare(simulated(5, 100, 0.1, 1), simulated(5, 100, 0, 2), DefaultCompare())
	golden(t, "comparison-80", c.Text(screen80))
	golden(t, "comparison-80-ascii", c.Text(screen80ASC))
	golden(t, "comparison-120", c.Text(screen120))
	golden(t, "comparison-40", c.Text(screen40))
	reward := DefaultCompare()
	reward.Metric = Reward
	golden(t, "comparison-unpaired", Compare(simulated(5, 100, 0.02, 1), simulated(4, 90, 0, 2), reward).Text(screen80))
	golden(t, "comparison-no-control", Compare(simulated(5, 100, 0.1, 1), nil, DefaultCompare()).Text(screen80))
}

func TestComparisonLayout(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 60 {
		o := DefaultCompare()
		o.A = strings.Repeat("reinforce-层 ", r.IntN(4))
		o.B = []string{"random", "", "a very long name for a control \x1b[2J"}[r.IntN(3)]
		if r.IntN(2) == 0 {
			o.Metric = Reward
		}
		c := Compare(simulated(r.IntN(4), r.IntN(40), r.Float64(), r.Uint64()), simulated(r.IntN(4), r.IntN(40), 0, r.Uint64()), o)
		width := 1 + r.IntN(150)
		checkLayout(t, width, c.Text)
		checkLayout(t, width, c.Chart)
	}
}

// TestForest: the marks stand where the numbers say.
func TestForest(t *testing.T) {
	s := Screen{Unicode: true}
	f := forest{half: 5, scale: 10}
	for _, c := range []struct {
		i    Interval
		want string
	}{
		{Interval{6, 2, 10}, "     │├─●─┤"},
		{Interval{-6, -10, -2}, "├─●─┤│     "},
		{Interval{0, -10, 10}, "├────●────┤"},
		{Interval{4, -4, 10}, "   ├─│─●──┤"},
		{Interval{4, Float(nan), Float(nan)}, "     │ ●   "},
		{Interval{Float(nan), Float(nan), Float(nan)}, "     │     "},
	} {
		if got := f.draw(s, c.i); got != c.want {
			t.Errorf("%v is drawn %q, want %q", c.i, got, c.want)
		}
	}
	if got := (forest{half: 2}).draw(s, Interval{0, 0, 0}); got != "  ●  " {
		t.Errorf("a scale of 0 draws %q", got)
	}
}

// TestComparisonSummary: the summary is the text without its table.
func TestComparisonSummary(t *testing.T) {
	c := Compare(simulated(5, 100, 0.1, 1), simulated(5, 100, 0, 2), DefaultCompare())
	table := c.Table(screen80)
	text := c.Text(screen80)
	if !strings.Contains(text, table) {
		t.Fatal("the text does not hold the table")
	}
	if got, want := c.Summary(screen80), strings.Replace(text, table+"\n", "", 1); got != want {
		t.Errorf("Summary is\n%s\nwant\n%s", got, want)
	}
	alone := Comparison{Sentence: "There is nothing to say.", ImprovementA: Interval{Mean: Float(math.NaN())}}
	if got := alone.Summary(screen80); got != "There is nothing to say.\n" {
		t.Errorf("a sentence alone is %q", got)
	}
}

func TestParagraph(t *testing.T) {
	got := Paragraph("one two three four five six", Screen{Width: 20})
	if want := "one two three four\nfive six\n"; got != want {
		t.Errorf("Paragraph = %q, want %q", got, want)
	}
}
