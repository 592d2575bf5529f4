package bench

import (
	"math"
	"testing"
)

func TestMean(t *testing.T) {
	rows := []*line{
		{Row: Row{Drawn: true, Threads: 1, Ratio: 2, Disturbance: Disturbance{Wall: 1, Others: 0.5}}},
		{Row: Row{Drawn: true, Threads: 1, Ratio: 0.5}}, {Row: Row{Drawn: true, Threads: 1, Ratio: 8}}, {Row: Row{Drawn: true, Threads: 1}},
		{Row: Row{Threads: 1, Ratio: 100}}, {Row: Row{Drawn: true, Threads: 2, Ratio: 50}},
	}
	if m := meanOf(rows, 1); math.Abs(m.Ratio-2) > 1e-12 || m.Networks != 3 || m.Disturbed != 1 {
		t.Errorf("%+v", m)
	}
	if m := meanOf(rows, 3); m != (Mean{Threads: 3}) {
		t.Errorf("of nothing: %+v", m)
	}
}
