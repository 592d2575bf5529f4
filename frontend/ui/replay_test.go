package ui

import (
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
)

// TestReplay: a study is played again, and nothing is asked of the server.
func TestReplay(t *testing.T) {
	b := newTab(t)
	events := begun(4)
	for trial := 1; trial <= 4; trial++ {
		events = events.add(sampled(trial, nil), done(trial, float64(trial)))
	}
	events = events.add(event.Event{Type: event.StudyEnded, Ended: &event.Ended{Reason: event.EndBudget, Best: 4}})
	b.studies["s"] = finished(events)
	p := b.open("study/s").says("Done: 4 of 4")
	asked := len(b.asked)
	p.click("replay").says("Replay: event 1 of 10, 0.00 ms of 9.0 s", "No trial has succeeded yet", "Pause", "No trial has been sampled yet")
	if b.Address() != "study/s?at=1&play=20" {
		t.Errorf("the address is %s", b.Address())
	}
	p = b.pass(time.Second).says("Replay: event 10 of 10", "Best: trial 4").hides("Pause")
	if b.alarms() != 0 {
		t.Errorf("%d timers go on at the end", b.alarms())
	}
	p = p.click("replay-play").says("Pause", "event 1 of 10")
	b.pass(250*time.Millisecond).says("event 5 of 10", "Best: trial 2")
	if rows := b.lists[trialsID]; rows.Total != 2 {
		t.Errorf("the list has %d rows at event 5", rows.Total)
	}
	b.app.Key(" ", false)
	b.pass(time.Minute).says("event 5 of 10", "Play")
	for _, step := range []struct {
		key   string
		shift bool
		want  string
	}{{"ArrowRight", false, "event 7"}, {"ArrowLeft", false, "event 5"}, {"ArrowLeft", false, "event 3"}, {"ArrowLeft", false, "event 1"}, {"ArrowLeft", false, "event 1"}, {"ArrowRight", true, "event 10"}} {
		b.app.Key(step.key, step.shift)
		p = b.pass(time.Second).says("Replay: " + step.want)
	}
	p = p.click("replay-back").says("event 9").click("replay-trial").says("event 10").click("replay-update").says("event 10")
	p = p.act("replay-slider", "input", "4").says("event 4").act("replay-slider", "input", "x").says("event 4").act("replay-slider", "input", "-7").says("event 1")
	p.click("500×").click("replay-play")
	b.pass(150 * time.Millisecond).says("event 10")
	p = b.goTo("study/s?at=6").says("event 6 of 10", "Best: trial 2")
	p = p.act("filter", "change", "id:1").says("event 6 of 10", "1 of 3 trials")
	p.click("replay").says("Done: 4 of 4", "1 of 4 trials").hides("Replay: event")
	if len(b.asked) != asked {
		t.Errorf("the server was asked for %q", b.asked[asked:])
	}
}

// TestReplayLive: a study that goes on may be played again meanwhile.
func TestReplayLive(t *testing.T) {
	b := newTab(t)
	events := begun(9).add(sampled(1, nil), done(1, 1), sampled(2, nil), done(2, 2), sampled(3, nil))
	b.studies["s"] = &served{events: events, shown: 3, alive: true}
	p := b.open("study/s?at=2").says("event 2 of 3").hides("Pause", "Stop")
	b.show("s", 5).says("event 2 of 5")
	p = p.click("replay").says("Running: 2 of 9", "Stop")
	b.cut()
	b.pass(time.Minute)
	p.click("replay").says("event 1 of 5")
	b.pass(time.Minute)
	b.show("s", 6).says("Replay: event 5 of 6")
}
