package main

import (
	"math"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
)

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

// leastText is the best that any model can do on the data, for a person; empty
// if nobody knows.
func leastText(m report.Metric, d event.Data) string {
	if d.LeastLoss == 0 {
		return ""
	}
	return "best possible " + m.Text(m.OfLoss(d.LeastLoss))
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
