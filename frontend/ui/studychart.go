package ui

import (
	"fmt"
	"strconv"

	"github.com/vugu/vugu"

	"github.com/espalier-nas/espalier/frontend/chart"
	"github.com/espalier-nas/espalier/frontend/view"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
)

// measured is the progress of the study and its control.
func (c *StudyPage) measured() view.Progress {
	axis := view.ByTrial
	if c.ByTime() {
		axis = view.ByTime
	}
	names, states := []string{c.Study}, []*event.State{c.state()}
	if f := c.App.Feed(c.Study + ":control"); f != nil && f.State != nil && !c.Play.On {
		names, states = append(names, "random control"), append(states, f.State)
	}
	return view.ProgressOf(c.metric(), axis, names, states)
}

func (c *StudyPage) metric() report.Metric {
	wanted := report.Metric(c.route.Query.Get("metric"))
	for _, m := range report.Metrics() {
		if m == wanted {
			return m
		}
	}
	return report.Reward
}

func (c *StudyPage) draw(width, height float64) *chart.Picture {
	p := c.measured()
	plot := &chart.Plot{
		Title: fmt.Sprintf("%s of the trials of %s", p.Metric.Name(), c.Study), Width: width, Height: height,
		X: chart.Axis{Title: p.XTitle(), Whole: p.Axis == view.ByTrial}, Y: metricAxis(p.Metric), Empty: p.Empty(),
	}
	if c.pointed > 0 {
		plot.Pointed = []int{c.pointed}
	}
	for i, side := range p.Sides {
		points := series(side.Points, chart.Scatter, i)
		if i > 0 {
			points.IDs = nil // a control's trials have numbers of their own
		}
		best := series(side.Best, chart.Steps, i)
		best.IDs = nil
		plot.Series = append(plot.Series, points, best)
	}
	picture, frame := plot.Draw()
	c.frame = frame
	return picture
}

// Progress is the chart.
func (c *StudyPage) Progress() vugu.Builder { return component(c.progress) }

// ByTime says whether the chart's axis is time.
func (c *StudyPage) ByTime() bool { return c.route.Query.Get("axis") == string(view.ByTime) }

// TimePressed is ByTime, for a screen reader.
func (c *StudyPage) TimePressed() string { return strconv.FormatBool(c.ByTime()) }

// ToggleTime changes the chart's axis.
func (c *StudyPage) ToggleTime() {
	if c.ByTime() {
		c.App.Go(c.route.With("axis", ""))
		return
	}
	c.App.Go(c.route.With("axis", string(view.ByTime)))
}

// Metric is a choice of what the chart shows.
type Metric struct{ Key, Title, Pressed string }

// Metrics are the choices.
func (c *StudyPage) Metrics() []Metric {
	var list []Metric
	for _, m := range []report.Metric{report.Reward, report.StudyMetric(c.state())} {
		list = append(list, Metric{string(m), m.Title(), strconv.FormatBool(m == c.metric())})
	}
	return list
}

// Measure shows another metric.
func (c *StudyPage) Measure(key string) { c.App.Go(c.route.With("metric", key)) }

// Pointer points at trials in the chart.
func (c *StudyPage) Pointer(id, what string, x, y float64) {
	if id != progressID || c.frame == nil {
		return
	}
	hit, ok := c.frame.Nearest(x, y)
	switch {
	case what == "press" && ok:
		c.Row(trialsID, strconv.Itoa(hit.ID))
	case what == "move" && ok:
		c.point(hit.ID)
	default:
		c.point(0)
	}
}

// point shows which trial is meant, in the chart and in the table.
func (c *StudyPage) point(trial int) {
	if trial == c.pointed {
		return
	}
	c.pointed = trial
	c.App.Text("pointed", c.aboutPointed())
	c.App.Soon()
}

// aboutPointed says what the trial is that is pointed at, "" without one.
func (c *StudyPage) aboutPointed() string {
	s := c.state()
	if s == nil || s.Trial(c.pointed) == nil {
		return ""
	}
	switch t := s.Trial(c.pointed); t.Status {
	case event.OK:
		return fmt.Sprintf("Trial %d: ok, reward %s", t.ID, report.Number(t.Reward.Reward))
	case event.Failed:
		return fmt.Sprintf("Trial %d: failed, %s", t.ID, t.Reason)
	default:
		return fmt.Sprintf("Trial %d: %s", t.ID, t.Status)
	}
}

// Step points at the trial before or after, by key, and opens it.
func (c *StudyPage) Step(_, key string) {
	s := c.state()
	if s == nil || len(s.Trials) == 0 {
		return
	}
	switch last := len(s.Trials); key {
	case "ArrowRight":
		c.point(min(c.pointed+1, last))
	case "ArrowLeft":
		c.point(max(c.pointed-1, 1))
	case "Home":
		c.point(1)
	case "End":
		c.point(last)
	case "Enter":
		if c.pointed > 0 {
			c.Row(trialsID, strconv.Itoa(c.pointed))
		}
		return
	}
	if about := c.aboutPointed(); about != "" {
		c.App.Announce(about)
	}
}

// Hover points at the trial of a row.
func (c *StudyPage) Hover(_, key string) {
	trial, _ := strconv.Atoi(key)
	c.point(trial)
}
