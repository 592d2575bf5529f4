package ui

import (
	"fmt"
	"math"
	"strconv"

	"github.com/vugu/vugu"

	"github.com/espalier-nas/espalier/frontend/chart"
	"github.com/espalier-nas/espalier/frontend/view"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
)

// Curves are the figures of the training.
func (c *TrialPage) Curves() []vugu.Builder {
	list := make([]vugu.Builder, len(c.curves))
	for i, f := range c.curves {
		list[i] = component(f)
	}
	return list
}

// measured are the curves of the trial.
func (c *TrialPage) measured() view.Curves {
	t := c.row()
	if t == nil { // the study is on its way
		return view.CurvesOf(report.Reward, &event.Trial{})
	}
	return view.CurvesOf(report.StudyMetric(c.state()), t)
}

func (c *TrialPage) drawMetric(width, height float64) *chart.Picture {
	m := c.measured()
	return c.draw(width, height, metricAxis(m.Metric), m.Values)
}

func (c *TrialPage) drawLoss(width, height float64) *chart.Picture {
	return c.draw(width, height, chart.Axis{Title: "cross-entropy, nats"}, c.measured().Losses)
}

func (c *TrialPage) draw(width, height float64, y chart.Axis, lines []view.Line) *chart.Picture {
	t := c.row()
	if t == nil {
		return nil
	}
	p := &chart.Plot{
		Title: fmt.Sprintf("%s of trial %d after each epoch", y.Title, c.Trial), Width: width, Height: height,
		X: chart.Axis{Title: "epoch", Whole: true}, Y: y, Empty: c.measured().Empty(t),
	}
	for i, l := range lines {
		p.Series = append(p.Series, series(l, chart.Curve, i))
	}
	picture, _ := p.Draw()
	return picture
}

func (c *TrialPage) curveData() view.Data { return c.measured().Data() }

// plain writes a number in full, and nothing for one that is not known.
func plain(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
