package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestStudy: what can be read of a study that has ended, and done with it.
func TestStudy(t *testing.T) {
	b := newTab(t)
	b.studies["s"] = finished(searched(t, "reinforce", 24, 1))
	p := b.open("study/s")
	p.says("Done: 24 of 24 trials", "Best: trial", "ended", "espalier search --name s", "3 failed", "24 trials.", "trials.csv", "no random control")
	p.hides("Reading the study", "What was asked of the study", "Pause")
	if b.title != "s · Espalier" || !strings.Contains(b.pictures[progressID].Title, "reward of the trials of s") {
		t.Errorf("the title is %q, that of the chart %q", b.title, b.pictures[progressID].Title)
	}
	rows := b.lists[trialsID]
	if rows.Total != 24 || len(rows.Keys) != 24 || rows.Keys[0] != "1" || len(rows.Cells[0]) != rows.Columns || !slices.Contains(rows.Class, "ok best") {
		t.Errorf("the list has %d rows, %q, %q", rows.Total, rows.Keys, rows.Class)
	}
	p = p.act("filter", "change", " status:failed ").says("3 of 24 trials.")
	if b.Address() != "study/s?filter=status%3Afailed" || len(b.history) != 1 || !slices.Equal(b.lists[trialsID].Keys, []string{"7", "14", "21"}) {
		t.Errorf("the filter gave %q at %q", b.lists[trialsID].Keys, b.history)
	}
	p = p.act("filter", "change", "reward>>1")
	p.says("3 of 24 trials.")
	if c := b.app.view.(*StudyPage); c.Wrong == "" || c.Invalid() != "true" {
		t.Errorf("what is wrong with the filter: %q", c.Wrong)
	}
	p = p.act("filter", "change", "")
	p = p.click("Sort by reward, now none").click("Data").click("CSV of the table")
	if keys := b.app.view.(*StudyPage).table.Sorted(); len(keys) != 1 || keys[0].Key != "reward" || !strings.Contains(b.markups["progress-data"], "<table") {
		t.Errorf("sorted by %v, data %.60q", keys, b.markups["progress-data"])
	}
	p.click("CSV").click("SVG").click("PNG").click("By time").click("Data")
	for name, want := range map[string]string{
		"espalier-s-progress-table.csv": "text/csv\nid,", "espalier-s-progress.csv": "text/csv\n", "espalier-s-progress.svg": "image/svg+xml\n<svg", "espalier-s-progress.png": "image of progress",
	} {
		if !strings.HasPrefix(b.saved[name], want) {
			t.Errorf("%s is %.60q, want %q", name, b.saved[name], want)
		}
	}
	if b.markups["progress-data"] != "" || !strings.Contains(b.Address(), "axis=time") {
		t.Errorf("at %s the data are %.60q", b.Address(), b.markups["progress-data"])
	}
	if b.pass(time.Second); b.alarms() != 0 {
		t.Errorf("%d timers go on in a page at rest", b.alarms())
	}
}

// TestPointing: a trial is found by pointer, by key and by row.
func TestPointing(t *testing.T) {
	b := newTab(t)
	b.studies["s"] = finished(searched(t, "reinforce", 10, 1))
	b.open("study/s")
	b.app.Step(progressID, "Home")
	b.app.Step(progressID, "ArrowRight")
	b.settle().says("Trial 2: ok, reward")
	for range 5 {
		b.app.Step(progressID, "ArrowRight")
	}
	b.settle().says("Trial 7: failed, diverged")
	if last := b.announced[len(b.announced)-1]; !strings.HasPrefix(last, "Trial 7: failed") {
		t.Errorf("announced %q", last)
	}
	b.app.Hover(trialsID, "3")
	b.settle().says("Trial 3: ok")
	if rows := b.lists[trialsID]; !strings.Contains(rows.Class[2], "pointed") {
		t.Errorf("row 3 is %q", rows.Class[2])
	}
	hit, ok := b.app.view.(*StudyPage).frame.Find(4)
	if !ok {
		t.Fatal("trial 4 is not in the chart")
	}
	b.app.Pointer(progressID, "move", hit.X, hit.Y)
	b.settle().says("Trial 4: ok")
	b.app.Pointer(progressID, "leave", 0, 0)
	b.settle().hides("Trial 4: ok")
	b.app.Pointer(progressID, "press", hit.X, hit.Y)
	b.settle().says("Trial 4", "Multiply-accumulates")
	if len(b.history) != 2 || b.Address() != "study/s/trial/4" || b.focused != "main" {
		t.Errorf("the history is %q, the focus on %q", b.history, b.focused)
	}
	b.back()
	b.app.Step(progressID, "End")
	b.app.Step(progressID, "Enter")
	if b.settle(); b.Address() != "study/s/trial/10" {
		t.Errorf("Enter leads to %s", b.Address())
	}
	b.back()
	b.app.Window(trialsID, 5, 3)
	if rows := b.lists[trialsID]; rows.First != 5 || !slices.Equal(rows.Keys, []string{"6", "7", "8"}) {
		t.Errorf("the window shows %q", rows.Keys)
	}
	b.app.Window(trialsID, 500, 3)
	if rows := b.lists[trialsID]; rows.First != 7 {
		t.Errorf("a window beyond the end begins at row %d", rows.First)
	}
	b.app.Row(trialsID, "6")
	b.settle().says("Trial 6")
}

// TestLive: what the templates show follows a study that runs.
func TestLive(t *testing.T) {
	b := newTab(t)
	events := begun(9).add(sampled(1, nil), done(1, .5), sampled(2, nil), failed(2, "out of memory"), sampled(3, nil))
	events = events.add(event.Event{Type: event.StudyControlled, Controlled: &event.Controlled{Action: event.Pause, By: "a test"}}, done(3, .7))
	b.studies["s"] = &served{events: events, shown: 0, alive: true}
	b.open("study/s").says("The study has not begun yet").hides("Trials")
	b.show("s", 1).says("Running: 0 of 9 trials", "No trial has been sampled yet.", "Pause", "Stop")
	b.show("s", 3).says("Best: trial 1 with reward 0.5", "Best trial")
	b.show("s", 5).says("1 trial failed: out of memory")
	p := b.show("s", 7).says("What was asked of the study", "pause, asked by a test", "after 6.0 s", "Continue")
	if p.find("pause") != nil {
		t.Error("a study that is paused can be paused")
	}
	p = p.act("more", "change", "5").click("extend").says("Done, and journaled: extend.")
	p = p.act("more", "change", "-5").click("extend").says(`"-5" is not a number of trials to add`)
	p = p.click("continue")
	p.click("stop")
	want := []string{`{"action":"extend","trial":0,"trials":5}`, `{"action":"continue","trial":0,"trials":0}`, `{"action":"stop","trial":0,"trials":0}`}
	for i, w := range want {
		if i >= len(b.posted) || b.posted[i] != "api/studies/s/control "+w {
			t.Fatalf("posted %q, want %q", b.posted, want)
		}
	}
	b.down = true
	b.cut().says("The connection is lost", "reconnecting", "Trials")
	b.settle()
	b.app.Window(trialsID, 1, 2)
	b.down = false
	b.pass(time.Minute)
	b.show("s", 8).says("3 of 9 trials").hides("The connection is lost")
	// A study of the same name in place of it: what was folded is thrown away.
	for _, w := range b.wires {
		if !w.closed {
			b.send(w, map[string]any{"type": "poem"})
		}
	}
	b.app.Window(trialsID, 0, 2)
	b.app.Step(progressID, "ArrowRight")
	b.app.Hover(trialsID, "1")
	b.settle()
	b.pass(time.Minute).says("Best: trial 3")
}

// TestLeaving: what a view has begun ends when it is left.
func TestLeaving(t *testing.T) {
	b := newTab(t)
	events := searched(t, "reinforce", 12, 1)
	b.studies["s"], b.studies["other"] = finished(events), finished(events)
	b.studies["s"].control = true
	b.studies["s:control"] = finished(searched(t, "random", 12, 1))
	slow := begun(4)
	for trial := 1; trial <= 4; trial++ {
		slow = slow.add(sampled(trial, nil), done(trial, 1))
	}
	b.studies["slow"] = finished(slow)
	b.open("study/s")
	if got := fmt.Sprint(b.lines()); got != "[s s:control]" {
		t.Errorf("lines to %s", got)
	}
	for _, address := range []string{"study/other", "study/slow?at=2&play=1", "study/s/policy", "study/s/trial/3", "compare?studies=s,other", "", "study/slow?at=2&play=1", "study/other"} {
		b.goTo(address)
		switch address {
		case "study/s/policy":
			b.app.Key(" ", false)
			b.settle().says("Pause")
			continue
		case "study/slow?at=2&play=1":
			b.settle().says("Replay: event 2", "Pause")
			continue
		}
		if want := b.app.view.Studies(); address != "" && len(b.lines()) != len(want) {
			t.Errorf("%s: lines to %q, want %q", address, b.lines(), want)
		}
		if b.pass(time.Second); b.alarms() != 0 || b.Address() != address {
			t.Errorf("%d timers go on in %s, which is %s", b.alarms(), address, b.Address())
		}
	}
	b.goTo("")
	if got := fmt.Sprint(b.lines()); got != "[]" {
		t.Errorf("lines to %s", got)
	}
}

// TestLateAnswers: what comes for a view that has been left is not shown.
func TestLateAnswers(t *testing.T) {
	for _, c := range []struct{ from, to, never, want string }{
		{"study/a/trial/9", "study/b/trial/9", "Sampled by policy 0", "there is no study"},
		{"study/a/trial/1", "study/a/trial/2", "Trial 1", "Trial 2"},
		{"study/a/explain/1", "study/a/explain/99", "log P", "99"},
		{"study/a/diff/1/2", "study/b/diff/1/2", "All answers", "there is no study"},
		{"study/a/policy?trial=1", "study/a/policy?trial=2", "along the answers of trial 1", "along the answers of trial 2"},
		{"study/a", "study/b", "espalier search --name a", "there is no study"},
	} {
		for _, late := range []int{0, 1} {
			b := newTab(t)
			b.studies["a"] = finished(searched(t, "reinforce", 12, 1))
			b.open("")
			b.slow = true
			b.goTo(c.from)
			first := len(b.waiting)
			b.goTo(c.to)
			if late == 1 { // the answers to the second come first
				b.waiting = append(b.waiting[first:], b.waiting[:first]...)
			}
			for len(b.waiting) > 0 {
				b.deliver(0)
			}
			b.settle().says(c.want).hides(c.never)
			b.goTo(c.from)
			b.goTo("")
			asked := len(b.asked)
			for len(b.waiting) > 0 {
				b.deliver(0)
			}
			if len(b.asked) != asked {
				t.Errorf("%s asks for %q when it has been left", c.from, b.asked[asked:])
			}
		}
	}
}

// TestAddresses: whatever stands in the address, the page says what is wrong.
func TestAddresses(t *testing.T) {
	studies := map[string]*served{
		"s": finished(searched(t, "reinforce", 10, 1)), "random": finished(searched(t, "random", 5, 1)),
		"a b/ü,%": finished(searched(t, "random", 1, 1)), "empty": {events: begun(3)}, "started": {events: begun(3), shown: 1},
	}
	for _, c := range [][]string{
		{"study/%ff", "there is no study"}, {"study/%zz", "There is no page"}, {"study", "There is no page"}, {"poem/7", `There is no page "poem/7" here`},
		{"study/x", "there is no study", "see the list"}, {"study//s//", "Done: 10"},
		{"study/s/trial/abc", `"abc" is not the number of a trial`}, {"study/s/trial/", `"" is not the number`}, {"study/s/trial/0", `"0" is not the number`}, {"study/s/trial/-1", `"-1" is not`},
		{"study/s/trial/999999", "there is no trial 999999"}, {"study/s/trial/99999999999999999999", "is not the number of a trial"},
		{"study/s/diff/1", `"" is not the number`}, {"study/s/diff/1/x", `"x" is not`}, {"study/s/diff/1/1", "All answers are the same", "The networks are the same"}, {"study/s/diff/1/77", "there is no trial 77"},
		{"study/s/explain/x", `"x" is not the number`}, {"study/s/explain/77", "77"}, {"study/s/policy?trial=x", `"x" is not the number`}, {"study/s/policy?trial=-3", "is not the number"}, {"study/s/policy?trial=77", "77"},
		{"study/s/policy?v=-7", "Version"}, {"study/s/policy?v=99999", "Version"}, {"study/s/policy?v=x", "Version"},
		{"study/random/policy", "random"}, {"study/random/explain/1", "random"},
		{"study/s?filter=%22", "this quotation has no end"}, {"study/s?filter=poem>3", "poem"}, {"study/s?sort=poem,-reward", `no column "poem"`, "press the title"}, {"study/s?sort=-,,", "10 trials."},
		{"study/s?at=99999", "Replay: event"}, {"study/s?at=-5", "Replay: event 1 of"}, {"study/s?at=x", "Done: 10"}, {"study/s?at=3&play=-1", "Replay: event 3"}, {"study/s?at=3&play=1e300", "Replay: event 24 of 24"}, {"study/s?at=3&play=Inf", "Replay"},
		{"study/s?metric=poem&axis=poem", "Done: 10"}, {"study/s?metric=%ff;;&&&=", "Done: 10"},
		{"compare", "No study is named"}, {"compare?studies=,,", "No study is named"}, {"compare?studies=x,y", "there is no study"}, {"compare?studies=s,s", "Compare studies"}, {"compare?studies=empty,started", "Compare studies"},
		{"compare?studies=s,random&band=poem&metric=poem&controls=1", "s has no random control"}, {"compare?studies=s,random,started", "more than two kinds"},
		{"study/a%20b%2F%C3%BC%2C%25", "1 trial.", "a b/ü,%"}, {"study/a%20b%2F%C3%BC%2C%25/trial/1", "Trial 1"}, {comparison("a b/ü,%", "s").String(), "a b/ü,%"},
		{"study/empty", "The study has not begun yet"}, {"study/empty/policy", "wait for it to start"}, {"study/empty/trial/1", "no event yet"},
		{"study/started", "0 of 3", "No trial has been sampled yet."}, {"study/started/trial/1", "no trial 1"}, {"study/started/policy", "trial"}, {"study/started/explain/1", "trial 1"}, {"study/started?at=1&play=5&filter=reward>1&sort=reward", "Replay: event 1 of 1"},
	} {
		b := newTab(t)
		b.studies = studies
		b.open(c[0])
		b.pass(3 * time.Second).says(c[1:]...)
		for _, id := range []string{progressID, "policy-entropy", "policy-heat", "explain-logits", "x"} {
			b.app.Pointer(id, "move", 100, 100)
			b.app.Pointer(id, "press", 1e9, -1e9)
			for _, key := range []string{"ArrowLeft", "Home", "x"} {
				b.app.Step(id, key)
			}
		}
		for _, key := range []string{"?", "/", " ", "[", "]", "ArrowRight", "ArrowLeft", "Escape"} {
			b.app.Key(key, key == "]")
		}
		b.app.Window("x", -5, 1<<30)
		b.app.Row("x", "")
		b.app.Hover("x", "x")
		b.settle()
	}
}

// TestTrials: trials of every kind, of a study of texts.
func TestTrials(t *testing.T) {
	reason := "diverged at epoch 2 <b>"
	events := begun(8).add(
		sampled(1, nil), printing(failed(1, reason), "panic: <out of memory>\n"),
		sampled(2, func(s *event.Sampled) { s.Problem = "no such network" }), failed(2, "no such network"),
		sampled(3, nil), done(3, .25),
		sampled(4, func(s *event.Sampled) { s.Answers[2].Anchors, s.Answers[0] = nil, spec.Pick(1) }), done(4, .5),
		sampled(5, func(s *event.Sampled) { s.Answers[3] = spec.Pick(7) }),
	)
	b := newTab(t)
	b.studies["s"] = &served{events: events, shown: len(events), alive: true}
	b.open("study/s/trial/1").says("Why it failed", reason, "panic: <out of memory>", "The journal holds no network", "first, second", "tanh", "its reward, 0", "Nearest better: trial 3, 0 answers differ").hides("Cancel this trial")
	b.goTo("study/s/trial/2").says("no such network", "The space made no network", "espalier train --net s:2 --seed 9")
	b.goTo("study/s/trial/3").says("The reward is one number", "2 of 2", "Nearest better: trial 4, 2 answers differ").hides("Why it failed")
	b.goTo("study/s/trial/4").says("none", "relu", "1 of 2", "Trial as JSON").hides("Compare with the best", "Nearest better")
	if p := b.pictures["curve-loss"]; p == nil || len(p.Marks) == 0 {
		t.Error("no curve of the losses")
	}
	p := b.goTo("study/s/trial/5").says("running", "It has no reward yet", "7")
	p.click("cancel").says("Done, and journaled: cancel.")
	if want := `api/studies/s/control {"action":"cancel","trial":5,"trials":0}`; len(b.posted) != 1 || b.posted[0] != want {
		t.Errorf("posted %q, want %q", b.posted, want)
	}
	s := b.studies["s"]
	s.events = script(s.events).add(event.Event{Type: event.StudyControlled, Controlled: &event.Controlled{Action: event.Cancel, Trial: 5, By: "me"}})
	b.show("s", len(s.events)).says("cancelled by me; it ends when its turn comes").hides("Cancel this trial")
	s.events = script(s.events).add(failed(5, "cancelled by me"), sampled(6, nil))
	b.show("s", len(s.events)).says("cancelled by me", "Next")
	b.goTo("study/s/diff/2/4").says("Trial 2 has no network: no such network. Its answers can still be compared.", "first, second", "none")
	if b.goTo("study/s?metric=perplexity"); !strings.HasPrefix(b.pictures[progressID].Title, "validation perplexity") {
		t.Errorf("the chart is of the %s", b.pictures[progressID].Title)
	}
	b.goTo("study/s/trial/7").says("there is no trial 7")
	s.events = script(s.events).add(sampled(7, nil))
	b.show("s", len(s.events)).says("Sampled by policy").hides("there is no trial 7")
}

// TestOutage: a server that does not answer is asked again.
func TestOutage(t *testing.T) {
	for _, c := range [][2]string{{"study/s/trial/1", "Multiply-accumulates"}, {"study/s/policy", "along the answers"}, {"study/s/explain/1", "log P"}, {"study/s/diff/1/2", "Decisions that"}, {"study/s", "Done: 8"}, {"", "s"}} {
		b := newTab(t)
		b.studies["s"] = finished(searched(t, "reinforce", 8, 1))
		b.down = true
		b.open(c[0]).says("no route")
		b.pass(20 * time.Second)
		asked := len(b.asked)
		if asked > 60 {
			t.Errorf("%s: the server was asked %d times in 20 s", c[0], asked)
		}
		b.down = false
		b.pass(20 * time.Second).says(c[1]).hides("no route")
	}
}
