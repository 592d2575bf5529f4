package report

import (
	"math"
	"strconv"
	"strings"
)

// scale puts a little air around the values and up to six round ticks on
// the axis.
func (p *plot) scale(low, high float64) {
	if low == high {
		air := max(math.Abs(low)*0.05, 1e-3)
		low, high = low-air, high+air
	}
	air := (high - low) * 0.04
	p.yMin, p.yMax = low-air, high+air
	step := niceStep((p.yMax - p.yMin) / float64(min(5, p.rows/2)))
	for i := math.Ceil(p.yMin / step); i*step <= p.yMax && len(p.ticks) < 10; i++ {
		p.ticks = append(p.ticks, i*step)
	}
	unit := step
	if p.options.Percent {
		unit *= 100
	}
	p.decimals = min(max(int(math.Ceil(-math.Log10(unit)-1e-9)), 0), 9)
	if half := unit * math.Pow(10, float64(p.decimals)); math.Abs(half-math.Round(half)) > 1e-6 {
		p.decimals++ // a step of 2.5
	}
}

// niceStep is the round number (1, 2, 2.5 or 5 times a power of ten) that is at
// least v.
func niceStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if v <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// label writes a tick of the vertical axis, value a number on the chart.
func (p *plot) label(v float64) string {
	if p.options.Percent {
		return fixed(100*v, p.decimals) + " %"
	}
	if math.Abs(v) >= 1e7 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return fixed(v, p.decimals)
}

func (p *plot) value(v float64) string {
	if p.options.Percent {
		return Percent(v)
	}
	return Number(v)
}

// floor draws the horizontal axis: round trial numbers from 0, and the last.
func (p *plot) floor(c *canvas) {
	g := p.screen.glyphs()
	marks := strings.Split(strings.Repeat(g.floor, p.columns), "")
	// at is the column, from the plot's left edge, where trial v ends; 0 lies
	// on the axis, at -1.
	at := func(v float64) int { return min(int(math.Round(v/p.xMax*float64(p.columns)))-1, p.columns-1) }
	start := func(v float64, text string) int { return max(at(v)-cells(text)/2, -1) }

	end := Grouped(int64(math.Round(p.xMax)))
	endStart := start(p.xMax, end)
	if p.options.XTitle != "" {
		end += " " + p.screen.clean(p.options.XTitle)
	}
	endStart = max(min(endStart, p.screen.width()-p.axis-2-cells(end)), -1)
	marks[p.columns-1] = g.tickX

	labels := &canvas{screen: p.screen}
	step := max(niceStep(p.xMax/6), 1)
	for v := 0.0; v < p.xMax-step/2; v += step {
		if at(v) >= 0 {
			marks[at(v)] = g.tickX
		}
		text := Grouped(int64(v))
		if from := start(v, text); from+cells(text) < endStart {
			labels.to(p.axis + 2 + from)
			labels.put(dim, text)
		}
	}
	labels.to(p.axis + 2 + endStart)
	labels.put(dim, end)
	labels.newline()

	c.to(p.axis + 1)
	c.put(dim, g.corner+strings.Join(marks, ""))
	c.newline()
	c.out.WriteString(labels.String())
}
