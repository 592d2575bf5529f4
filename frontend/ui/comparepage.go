package ui

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vugu/vugu"

	"github.com/espalier-nas/espalier/frontend/chart"
	"github.com/espalier-nas/espalier/frontend/client"
	"github.com/espalier-nas/espalier/frontend/view"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
)

// ComparePage is the view of several studies: those that are the same but for
// their seeds are taken together, such as searches on one side and their random
// controls on the other.
type ComparePage struct {
	App *App

	route   Route
	groups  []view.Group
	key     string             // of the states that the groups were made of
	versus  *report.Comparison // of the groups, once somebody has asked
	due     time.Time          // when the groups may be made anew
	waiting bool               // for that
	best    *Figure
	tops    *Figure
}

// comparePause is the least time between two comparisons of studies that run: a
// comparison draws thousands of samples.
const comparePause = 2 * time.Second

func (c *ComparePage) Name() string { return "Compare" }

// asked are the studies that the address names.
func (c *ComparePage) asked() []string {
	var ids []string
	for part := range strings.SplitSeq(c.route.Query.Get("studies"), ",") {
		id, err := url.PathUnescape(part)
		if err != nil {
			id = part
		}
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// comparison is the route of a comparison of studies, whose names may have
// commas.
func comparison(ids ...string) Route {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = url.PathEscape(id)
	}
	return To("compare").With("studies", strings.Join(parts, ","))
}

// Studies are those that are asked for, with their controls if these are, too.
func (c *ComparePage) Studies() []string {
	ids := c.asked()
	if !c.Controls() {
		return ids
	}
	for _, id := range slices.Clone(ids) {
		if control := id + ":control"; !strings.HasSuffix(id, ":control") && !slices.Contains(ids, control) {
			ids = append(ids, control)
		}
	}
	return ids
}

// Open compares the studies that the address names.
func (c *ComparePage) Open(r Route) {
	c.route, c.key, c.due = r, "", time.Time{}
	if c.best == nil {
		c.best = &Figure{App: c.App, ID: "compare-best", Caption: "Best so far by trials", Tall: true, Draw: c.draw, Data: func() view.Data { return view.BandsData(c.bands(), c.metric()) }}
		c.tops = &Figure{App: c.App, ID: "compare-tops", Caption: "Difference of the best trials, with its interval", Draw: c.drawTops, Data: func() view.Data { return view.ComparisonData(c.comparison()) }}
	}
}

// Refresh takes in what has come, and draws the charts.
func (c *ComparePage) Refresh() bool {
	key := ""
	var states []*event.State
	ids := c.Studies()
	for _, id := range ids {
		var s *event.State
		if f := c.App.Feed(id); f != nil {
			s = f.State
			key += fmt.Sprint(f.Status, " ")
		}
		if s != nil {
			key += fmt.Sprint(s.Seq, " ")
		}
		states = append(states, s)
	}
	fresh := key != c.key && c.mayCompare()
	if fresh {
		c.key, c.versus = key, nil
		c.groups = view.GroupsOf(ids, states)
		if len(c.groups) > 0 {
			c.due = c.App.Now().Add(comparePause)
		}
	}
	c.best.Refresh()
	if c.Two() {
		c.tops.Refresh()
	}
	return fresh
}

// mayCompare reports whether the pause is over; if not, the view is drawn anew
// once it is.
func (c *ComparePage) mayCompare() bool {
	left := c.due.Sub(c.App.Now())
	if left <= 0 {
		return true
	}
	if !c.waiting {
		c.waiting = true
		c.App.After(left, func() {
			c.waiting = false
			c.App.Redraw()
		})
	}
	return false
}

func (c *ComparePage) metric() report.Metric {
	wanted := report.Metric(c.route.Query.Get("metric"))
	if slices.Contains(report.Metrics(), wanted) {
		return wanted
	}
	return report.Reward
}

func (c *ComparePage) spread() view.Spread {
	switch s := view.Spread(c.route.Query.Get("band")); s {
	case view.MedianQuartiles, view.MedianRange:
		return s
	}
	return view.MeanInterval
}

func (c *ComparePage) bands() []view.Band {
	var list []view.Band
	for _, g := range c.groups {
		list = append(list, view.BandOf(g, c.metric(), c.spread()))
	}
	return list
}

func (c *ComparePage) draw(width, height float64) *chart.Picture {
	p := &chart.Plot{
		Title: "best " + c.metric().Name() + " so far", Width: width, Height: height, X: chart.Axis{Title: "trials", Whole: true},
		Y: metricAxis(c.metric()), Empty: "None of these studies has a result yet.",
	}
	for i, b := range c.bands() {
		if b.Low != nil {
			band := series(b.Line, chart.Band, i)
			band.Name = ""
			p.Series = append(p.Series, band)
		}
		p.Series = append(p.Series, series(b.Line, chart.Steps, i))
	}
	picture, _ := p.Draw()
	return picture
}

func (c *ComparePage) drawTops(width, height float64) *chart.Picture {
	comparison := c.comparison()
	p := &chart.Plot{
		Title: "difference of the mean of the best trials by budget", Width: width, Height: height, X: chart.Axis{Title: "trials", Whole: true},
		Y: chart.Axis{Title: "difference"}, Empty: "There is nothing to compare yet.",
	}
	var tops []int
	for _, at := range comparison.Checkpoints {
		for _, t := range at.Tops {
			if !slices.Contains(tops, t.K) {
				tops = append(tops, t.K)
			}
		}
	}
	for i, k := range tops {
		s := chart.Series{Name: fmt.Sprintf("mean of the best %d", k), Kind: chart.Curve, Role: seriesRoles[i%len(seriesRoles)], Dashed: i%2 == 1}
		band := chart.Series{Kind: chart.Band, Role: s.Role}
		for _, at := range comparison.Checkpoints {
			for _, t := range at.Tops {
				if t.K != k || !t.Difference.Mean.Known() {
					continue
				}
				s.X, s.Y = append(s.X, float64(at.Trials)), append(s.Y, float64(t.Difference.Mean))
				if t.Difference.Known() {
					band.X, band.Low, band.High = append(band.X, float64(at.Trials)), append(band.Low, float64(t.Difference.Low)), append(band.High, float64(t.Difference.High))
				}
			}
		}
		p.Series = append(p.Series, band, s)
	}
	picture, _ := p.Draw()
	return picture
}

// comparison is that of the first group with the second.
func (c *ComparePage) comparison() report.Comparison {
	if !c.Two() {
		return report.Comparison{}
	}
	if c.versus == nil {
		v := view.Versus(c.groups[0], c.groups[1])
		c.versus = &v
	}
	return *c.versus
}

// Two reports whether there are two groups to be compared.
func (c *ComparePage) Two() bool { return len(c.groups) == 2 }

// Many reports whether there are so many that none is compared with another.
func (c *ComparePage) Many() bool { return len(c.groups) > 2 }

// Nothing reports whether the address names no study.
func (c *ComparePage) Nothing() bool { return len(c.asked()) == 0 }

// Verdict is what can be said, which may be that nothing can.
func (c *ComparePage) Verdict() string { return c.comparison().Sentence }

// Notes are what else a reader has to know.
func (c *ComparePage) Notes() []string { return c.comparison().Notes }

// Problems are the studies that cannot be shown.
func (c *ComparePage) Problems() []string {
	var list []string
	for _, id := range c.Studies() {
		f := c.App.Feed(id)
		if f == nil || f.Problem == "" {
			continue
		}
		if f.Status == client.Gone && strings.HasSuffix(id, ":control") {
			list = append(list, strings.TrimSuffix(id, ":control")+" has no random control")
			continue
		}
		list = append(list, id+": "+f.Problem)
	}
	return list
}

// GroupView is a side of the comparison.
type GroupView struct {
	Name, Label string
	Studies     []Link
}

// Groups are the sides.
func (c *ComparePage) Groups() []GroupView {
	bands := c.bands()
	list := make([]GroupView, len(c.groups))
	for i, g := range c.groups {
		list[i] = GroupView{Name: g.Name, Label: bands[i].Label}
		for _, id := range g.IDs {
			list[i].Studies = append(list[i].Studies, Link{id, To("study", id).Href()})
		}
	}
	return list
}

// Best and Tops are the charts.
func (c *ComparePage) Best() vugu.Builder { return component(c.best) }

// Tops is described with Best.
func (c *ComparePage) Tops() vugu.Builder { return component(c.tops) }

// Row is a row of the table of settings.
type Row struct{ Cells []string }

// SettingNames head the table of settings in which the groups differ.
func (c *ComparePage) SettingNames() []string { return view.Differences(c.groups).Columns }

// Settings are its rows.
func (c *ComparePage) Settings() []Row {
	d := view.Differences(c.groups)
	rows := make([]Row, d.Rows)
	for i := range rows {
		rows[i] = Row{d.Row(i)}
	}
	return rows
}

// Controls says whether the random controls of the studies are taken in.
func (c *ComparePage) Controls() bool { return c.route.Query.Get("controls") == "1" }

// ControlsPressed is Controls, for a screen reader.
func (c *ComparePage) ControlsPressed() string { return strconv.FormatBool(c.Controls()) }

// ToggleControls takes the random controls in, or leaves them out.
func (c *ComparePage) ToggleControls() {
	next := "1"
	if c.Controls() {
		next = ""
	}
	c.App.Go(c.route.With("controls", next))
}

// Metrics are the choices of what is compared.
func (c *ComparePage) Metrics() []Metric {
	metrics := []report.Metric{report.Reward}
	if len(c.groups) > 0 {
		metrics = append(metrics, report.StudyMetric(c.groups[0].Studies[0]))
	}
	var list []Metric
	for _, m := range metrics {
		list = append(list, Metric{string(m), m.Title(), strconv.FormatBool(m == c.metric())})
	}
	return list
}

// Measure compares by another metric.
func (c *ComparePage) Measure(key string) { c.App.Go(c.route.With("metric", key)) }

// Bands are the choices of what line and band are.
func (c *ComparePage) Bands() []Metric {
	var list []Metric
	for _, s := range []view.Spread{view.MeanInterval, view.MedianQuartiles, view.MedianRange} {
		list = append(list, Metric{string(s), bandTitles[s], strconv.FormatBool(s == c.spread())})
	}
	return list
}

var bandTitles = map[view.Spread]string{
	view.MeanInterval: "Mean and interval", view.MedianQuartiles: "Median and quartiles", view.MedianRange: "Median and range",
}

// Spread draws other lines and bands.
func (c *ComparePage) Spread(key string) { c.App.Go(c.route.With("band", key)) }
