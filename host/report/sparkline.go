package report

import (
	"math"
	"strings"
)

// Sparkline draws values as a row of at most width bars, the mean of several
// values where there are more; a gap is a bar without known values.
func Sparkline(values []float64, width int, s Screen) string {
	bars := strings.Split("▁▂▃▄▅▆▇█", "")
	if !s.Unicode {
		bars = strings.Split("_.-=+*#@", "")
	}
	width = min(width, len(values))
	means := make([]float64, max(width, 0))
	low, high := math.Inf(1), math.Inf(-1)
	for i := range means {
		means[i] = mean(knownValues(values[i*len(values)/width : (i+1)*len(values)/width]))
		if finite(means[i]) {
			low, high = min(low, means[i]), max(high, means[i])
		}
	}
	var b strings.Builder
	for _, m := range means {
		switch {
		case !finite(m):
			b.WriteByte(' ')
		case high == low:
			b.WriteString(bars[len(bars)/2])
		default:
			b.WriteString(bars[int(math.Round((m-low)/(high-low)*float64(len(bars)-1)))])
		}
	}
	return strings.TrimRight(b.String(), " ")
}
