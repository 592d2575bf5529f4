package main

import (
	"math"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// metricOf is what networks for a task on such data are measured by: images by
// their accuracy, texts by their perplexity, or characters by their bits.
func metricOf(task spec.TaskType, d event.Data) report.Metric {
	switch {
	case task != spec.TaskText:
		return report.Accuracy
	case d.Unit == "character":
		return report.Bits
	}
	return report.Perplexity
}

// studyMetric is the metric of a study.
func studyMetric(s *event.State) report.Metric { return metricOf(s.Started.Task.Type, s.Started.Data) }

// ofLoss is the metric of a language model with a validation loss in nats per
// token.
func ofLoss(m report.Metric, loss float64) float64 {
	if m == report.Bits {
		return child.BitsPerCharacter(loss)
	}
	return child.Perplexity(loss)
}

// unitOf is what a metric is the mean of, in the singular.
func unitOf(m report.Metric) string {
	switch m {
	case report.Bits:
		return "character"
	case report.Perplexity:
		return "word"
	}
	return "image"
}

// measured is the metric of an epoch on the validation part.
func measured(m report.Metric, e spec.Epoch) float64 {
	if m == report.Accuracy {
		return e.ValidAccuracy
	}
	return ofLoss(m, e.ValidLoss)
}

// bestOf is the best of a curve, NaN if it has none.
func bestOf(m report.Metric, epochs []spec.Epoch) float64 {
	best := math.NaN()
	for _, e := range epochs {
		v := measured(m, e)
		if math.IsNaN(best) || v > best && !m.Lower() || v < best && m.Lower() {
			best = v
		}
	}
	return best
}

// leastText is the best that any model can do on the data, for a person; empty
// if nobody knows.
func leastText(m report.Metric, d event.Data) string {
	if d.LeastLoss == 0 {
		return ""
	}
	return "best possible " + m.Text(ofLoss(m, d.LeastLoss))
}

// score is a value of a metric under the name that JSON has for it; the members
// of other metrics are null.
type score struct {
	Accuracy   *float64 `json:"accuracy"`
	Perplexity *float64 `json:"perplexity,omitempty"`
	Bits       *float64 `json:"bits_per_character,omitempty"`
}

func scoreOf(m report.Metric, v float64) score {
	var s score
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return s
	}
	switch m {
	case report.Perplexity:
		s.Perplexity = &v
	case report.Bits:
		s.Bits = &v
	default:
		s.Accuracy = &v
	}
	return s
}
