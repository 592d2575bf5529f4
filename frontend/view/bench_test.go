package view

import (
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
)

// BenchmarkViews measures what else is done for a study of 20,000 trials.
func BenchmarkViews(b *testing.B) {
	s := &large(b, 20_000).state
	states := []*event.State{s, s}
	b.Run("progress", func(b *testing.B) {
		for b.Loop() {
			ProgressOf(report.Accuracy, ByTrial, []string{"a", "b"}, states)
		}
	})
	b.Run("progress by time", func(b *testing.B) {
		for b.Loop() {
			ProgressOf(report.Accuracy, ByTime, []string{"a", "b"}, states)
		}
	})
	b.Run("failures", func(b *testing.B) {
		for b.Loop() {
			FailuresOf(s)
		}
	})
	b.Run("header", func(b *testing.B) {
		for b.Loop() {
			HeaderOf(s, event.StudyRunning, true, s.Last)
		}
	})
	b.Run("versus", func(b *testing.B) {
		for b.Loop() {
			Control(s, s)
		}
	})
	b.Run("band", func(b *testing.B) {
		g := GroupsOf([]string{"a", "b"}, states)[0]
		for b.Loop() {
			BandOf(g, report.Accuracy, MeanInterval)
		}
	})
	b.Run("csv", func(b *testing.B) {
		var t Table
		t.Follow(s)
		for b.Loop() {
			t.Data().CSV()
		}
	})
}
