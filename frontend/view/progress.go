package view

import (
	"cmp"
	"math"
	"slices"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
)

// Line is a row of points of a chart. What is not known is NaN.
type Line struct {
	Name string
	X, Y []float64
	// Low and High are the band around Y; nil without one.
	Low, High []float64
	IDs       []int // the trials of the points; nil if they belong to none
}

func (l *Line) add(x, y float64, id int) {
	l.X, l.Y, l.IDs = append(l.X, x), append(l.Y, y), append(l.IDs, id)
}

// Axis is what the horizontal axis of a chart counts.
type Axis string

const (
	ByTrial Axis = "trial" // the number of the trial
	ByTime  Axis = "time"  // seconds from the beginning of the study to the trial's end
)

// Progress is how a study went: a point for each trial that succeeded, and the
// best so far as steps, beside those of its random control.
type Progress struct {
	Metric report.Metric
	Axis   Axis
	Sides  []Side
}

// Side is one study of a Progress.
type Side struct {
	Name   string
	Points Line // trials that have a result
	Best   Line // the steps of the best so far, and where they have come to
}

// ProgressOf is the progress of studies, each with its name: usually one and
// its control. A state that has not started is left out.
func ProgressOf(metric report.Metric, axis Axis, names []string, states []*event.State) Progress {
	p := Progress{Metric: metric, Axis: axis}
	for i, s := range states {
		if s != nil && s.Started != nil {
			p.Sides = append(p.Sides, side(names[i], s, metric, axis))
		}
	}
	return p
}

func side(name string, s *event.State, metric report.Metric, axis Axis) Side {
	n := s.Counts.OK
	out := Side{Name: name, Points: Line{Name: name, X: make([]float64, 0, n), Y: make([]float64, 0, n), IDs: make([]int, 0, n)}, Best: Line{Name: name + ", best so far"}}
	last := math.NaN()
	ends := make([]*event.Trial, 0, s.Counts.Ended())
	for i := range s.Trials {
		if t := &s.Trials[i]; t.Status != event.Running {
			ends = append(ends, t)
		}
	}
	x := func(t *event.Trial) float64 { return float64(t.ID) }
	if axis == ByTime {
		x = func(t *event.Trial) float64 { return t.Done.Sub(s.Begun).Seconds() }
		slices.SortStableFunc(ends, func(a, b *event.Trial) int { return cmp.Compare(a.DoneSeq, b.DoneSeq) })
	}
	top, best := math.NaN(), 0
	for _, t := range ends {
		last = x(t)
		v := Value(metric, t)
		if math.IsNaN(v) {
			continue
		}
		out.Points.add(last, v, t.ID)
		if math.IsNaN(top) || metric.Lower() && v < top || !metric.Lower() && v > top {
			top, best = v, t.ID
			out.Best.add(last, v, t.ID)
		}
	}
	if n := len(out.Best.X); n > 0 && last > out.Best.X[n-1] {
		out.Best.add(last, top, best)
	}
	return out
}

// Value is what a trial has of a metric; NaN unless it succeeded.
func Value(metric report.Metric, t *event.Trial) float64 {
	switch {
	case t.Status != event.OK:
		return math.NaN()
	case metric == report.Reward:
		return t.Reward.Reward
	}
	return metric.Best(t.Metrics.Epochs)
}

// XTitle names the horizontal axis.
func (p Progress) XTitle() string {
	if p.Axis == ByTime {
		return "seconds since the study began"
	}
	return "trial"
}

// Empty says why there is nothing to draw, "" if there is something.
func (p Progress) Empty() string {
	for _, s := range p.Sides {
		if len(s.Points.X) > 0 {
			return ""
		}
	}
	return "No trial has succeeded yet. A point appears here for each one that does."
}

// Data is the table behind the chart: the points of each side.
func (p Progress) Data() Data {
	d := Data{Columns: []string{"study", "trial", p.x(), string(p.Metric), "best_so_far"}}
	if p.Axis == ByTrial {
		d.Columns = slices.Delete(d.Columns, 2, 3)
	}
	first := []int{0} // row of each side
	for _, s := range p.Sides {
		d.Rows += len(s.Points.X)
		first = append(first, d.Rows)
	}
	d.Row = func(i int) []string {
		at, found := slices.BinarySearch(first, i)
		if !found {
			at--
		}
		for first[at+1] <= i { // a side without points
			at++
		}
		s := p.Sides[at]
		i -= first[at]
		row := []string{s.Name, whole(s.Points.IDs[i])}
		if p.Axis == ByTime {
			row = append(row, exact(s.Points.X[i]))
		}
		return append(row, exact(s.Points.Y[i]), exact(s.Best.at(s.Points.X[i])))
	}
	return d
}

func (p Progress) x() string {
	if p.Axis == ByTime {
		return "seconds"
	}
	return "trial"
}

// at is the value of a line of steps at x, NaN before its first.
func (l *Line) at(x float64) float64 {
	n, found := slices.BinarySearch(l.X, x)
	for found && n+1 < len(l.X) && l.X[n+1] == x {
		n++
	}
	if !found {
		n--
	}
	if n < 0 {
		return math.NaN()
	}
	return l.Y[n]
}
