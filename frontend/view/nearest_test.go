package view

import (
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func TestNearestBetter(t *testing.T) {
	s := &event.State{}
	for i, row := range []struct {
		answers string
		reward  float64
		status  event.Status
	}{
		{"0 0 [0,1] 0", .5, event.OK},
		{"1 1 [0,1] 0", .6, event.OK},
		{"0 0 [0] 0", .5, event.OK}, // as good: not better
		{"0 0 [1] 0", .9, event.Failed},
		{"0 1 [0,1] 0", .7, event.OK},
		{"1 0 [0,1] 0", .8, event.OK},
		{"0 0 [0,1] 0 2 2", .95, event.OK},
		{"1 0 [0,1] 0", .8, event.OK},
		{"", 0, event.Running},
	} {
		s.Trials = append(s.Trials, event.Trial{ID: i + 1, Answers: row.answers, Status: row.status, Reward: spec.Reward{Reward: row.reward}})
	}
	for _, c := range []struct{ trial, id, differ int }{
		{1, 6, 1}, // rather than 5, which is worse, and 8, which came later
		{2, 6, 1},
		{3, 6, 2},
		{4, 1, 1}, // it failed, so any result is better
		{5, 6, 2},
		{6, 7, 3},
		{7, 0, 0},
		{9, 6, 4},
		{10, 0, 0},
	} {
		if id, differ := NearestBetter(s, c.trial); id != c.id || differ != c.differ {
			t.Errorf("nearest to trial %d: %d with %d other answers, want %d with %d", c.trial, id, differ, c.id, c.differ)
		}
	}
}
