package view

import (
	"math"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Curves are what was measured of a trial after every epoch, for two charts: of
// its losses, and of what its study measures networks by.
type Curves struct {
	Metric report.Metric // Accuracy, Perplexity or Bits
	Losses []Line        // nats, of training and validation
	Values []Line        // of the metric, of both
	epochs []spec.Epoch
}

// CurvesOf are the curves of a trial, as far as they have come.
func CurvesOf(metric report.Metric, t *event.Trial) Curves {
	c := Curves{Metric: metric, epochs: t.Metrics.Epochs}
	c.Losses = []Line{
		c.line("training", func(e spec.Epoch) float64 { return e.TrainLoss }),
		c.line("validation", func(e spec.Epoch) float64 { return e.ValidLoss }),
	}
	c.Values = []Line{c.line("training", c.trained), c.line("validation", metric.Of)}
	return c
}

// trained is the metric of an epoch on the training part.
func (c Curves) trained(e spec.Epoch) float64 {
	if c.Metric == report.Accuracy {
		return e.TrainAccuracy
	}
	return c.Metric.OfLoss(e.TrainLoss)
}

// line leaves out what was not measured at all.
func (c Curves) line(name string, value func(e spec.Epoch) float64) Line {
	l := Line{Name: name}
	some := false
	for _, e := range c.epochs {
		v := value(e)
		some = some || !math.IsNaN(v)
		l.X, l.Y = append(l.X, float64(e.Epoch)), append(l.Y, v)
	}
	if !some {
		return Line{Name: name}
	}
	return l
}

// Empty says why there is nothing to draw, "" if there is something.
func (c Curves) Empty(t *event.Trial) string {
	switch {
	case len(c.epochs) > 0:
		return ""
	case t.Status == event.Running && t.DuplicateOf != 0:
		return "It waits for the result of the same network, trial " + whole(t.DuplicateOf) + "."
	case t.Status == event.Running:
		return "Its first epoch has not ended yet."
	case t.Status == event.Failed:
		return "It failed before its first epoch had ended."
	}
	return "No epoch of it was measured."
}

// Data is the table behind the curves.
func (c Curves) Data() Data {
	return Data{
		Columns: []string{"epoch", "train_loss", "train_accuracy", "valid_loss", "valid_accuracy", "seconds"},
		Rows:    len(c.epochs),
		Row: func(i int) []string {
			e := c.epochs[i]
			return []string{whole(e.Epoch), exact(e.TrainLoss), exact(e.TrainAccuracy), exact(e.ValidLoss), exact(e.ValidAccuracy), exact(e.Seconds)}
		},
	}
}
