package report

// Series is one line of a Chart: a step function that keeps each value until
// the next, as the best so far does.
type Series struct {
	Name string
	X    []float64 // ascending, such as trial numbers; nil counts from 1
	Y    []float64 // NaN where nothing is known yet
}

// ChartOptions says what a chart shows besides its lines.
type ChartOptions struct {
	// Title stands above the vertical axis.
	Title string
	// XTitle stands beside the horizontal axis, such as "children".
	XTitle string
	// Height of the plot in lines; 0 means 10. At least 4 are drawn.
	Height int
	// Percent shows fractions as percentages.
	Percent bool
}

// BestSoFar is the running maximum of a run's values in trial order: NaN until
// the first that is known.
func BestSoFar(values []float64) []float64 { return bestSoFar(values) }

// Chart draws the mean best so far of both sides against the trials.
func (c Comparison) Chart(s Screen) string {
	series := []Series{bandSeries(c.A, c.BandsA)}
	if c.SeedsB > 0 {
		series = append(series, bandSeries(c.B, c.BandsB))
	}
	title := "best " + c.Metric.Name() + " so far"
	if n := max(c.SeedsA, c.SeedsB); n > 1 {
		title += ", mean over seeds"
	}
	return Chart(series, ChartOptions{Title: title, XTitle: "children", Percent: c.Metric == Accuracy}, s)
}

func bandSeries(name string, bands []Band) Series {
	out := Series{Name: name}
	for _, b := range bands {
		out.X, out.Y = append(out.X, float64(b.Trials)), append(out.Y, float64(b.Mean))
	}
	return out
}

// Chart draws the series over each other: in braille dots, the first solid and
// the others dotted, or in ASCII, each with its own mark. Each line's name and
// last value stand at its end.
func Chart(series []Series, o ChartOptions, s Screen) string {
	p := newPlot(series, o, s)
	if p == nil {
		c := &canvas{screen: s}
		c.paragraph(dim, 0, "There is nothing to draw yet.")
		return c.String()
	}
	for i := len(p.series) - 1; i >= 0; i-- {
		p.line(i) // the first over the others
	}
	return p.render()
}
