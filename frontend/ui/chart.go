package ui

import (
	"github.com/espalier-nas/espalier/frontend/chart"
	"github.com/espalier-nas/espalier/frontend/view"
	"github.com/espalier-nas/espalier/host/report"
)

// seriesRoles are the looks of several studies or lines, one after the other.
var seriesRoles = []chart.Role{chart.First, chart.Second, chart.Third, chart.Fourth, chart.Fifth, chart.Sixth}

// seriesShapes go with them, so that colour alone tells nothing.
var seriesShapes = []chart.Shape{chart.Disc, chart.Cross, chart.Diamond, chart.Square, chart.Triangle, chart.Ring}

// series is a line of a view as a chart takes it: the i-th of several.
func series(l view.Line, kind chart.Kind, i int) chart.Series {
	return chart.Series{
		Name: l.Name, Kind: kind, X: l.X, Y: l.Y, Low: l.Low, High: l.High, IDs: l.IDs,
		Role: seriesRoles[i%len(seriesRoles)], Shape: seriesShapes[i%len(seriesShapes)], Dashed: i%2 == 1,
	}
}

// metricAxis is the vertical axis of a metric.
func metricAxis(m report.Metric) chart.Axis {
	// Perplexities are compared by their ratios, and the worst are far away.
	a := chart.Axis{Title: m.Title(), Log: m == report.Perplexity}
	if m == report.Accuracy {
		a.Format = m.Text
	}
	return a
}
