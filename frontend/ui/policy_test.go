package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
)

// TestPolicyPage: the scrubber goes through the versions by slider, button, key,
// chart and by itself.
func TestPolicyPage(t *testing.T) {
	b := newTab(t)
	b.studies["s"] = finished(searched(t, "reinforce", 40, 1))
	p := b.open("study/s/policy?trial=5").says("Version 10 of 10, along the answers of trial 5")
	c := b.app.view.(*PolicyPage)
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() { p.click("First version") }, "Version 0 of 10"},
		{func() { p.click("Next version") }, "Version 1 of 10"},
		{func() { p.click("Newest version") }, "Version 10 of 10"},
		{func() { p.click("Version before") }, "Version 9 of 10"},
		{func() { p.act("scrubber", "input", "4") }, "Version 4 of 10"},
		{func() { p.act("scrubber", "input", "x") }, "Version 4 of 10"},
		{func() { p.act("scrubber", "input", "9999") }, "Version 10 of 10"},
		{func() { b.app.Key("[", false) }, "Version 9 of 10"},
		{func() { b.app.Key("ArrowRight", false) }, "Version 10 of 10"},
		{func() { b.app.Step("policy-entropy", "Home") }, "Version 0 of 10"},
		{func() { b.app.Step("policy-entropy", "End") }, "Version 10 of 10"},
		{func() {
			hit, _ := c.frame.Find(3)
			b.app.Pointer("policy-entropy", "press", hit.X, hit.Y)
		}, "Version 3 of 10"},
		{func() { b.goTo("study/s/policy?trial=5&v=7") }, "Version 7 of 10"},
	} {
		step.do()
		p = b.settle().says(step.want)
	}
	if b.app.view != View(c) || len(b.history) != 2 {
		t.Errorf("scrubbing left the view, or the history %q", b.history)
	}
	p = p.click("Data").click("CSV")
	if len(c.heatData().CSV()) == 0 || !strings.HasPrefix(b.saved["espalier-s-policy-entropy.csv"], "text/csv\nversion,entropy") {
		t.Errorf("saved %.80q", b.saved["espalier-s-policy-entropy.csv"])
	}
	p.click("play").says("Pause")
	p = b.pass(10 * time.Second).says("Version 10 of 10").hides("Pause")
	if b.alarms() != 0 {
		t.Errorf("%d timers go on after the playing", b.alarms())
	}
	b.app.Key(" ", false)
	p = b.pass(300*time.Millisecond).says("Pause", "Version 2 of 10")
	p = p.click("play").hides("Pause")
	p = p.act("trial", "change", "0").says(`"0" is not the number of a trial`)
	p = p.act("trial", "change", "6").says("along the answers of trial 6").hides("is not the number")
	p.click("Explain this sample").says("What the policy learned from trial 6")
}

// TestPolicyBehind: a study that runs has newer versions than the page has.
func TestPolicyBehind(t *testing.T) {
	b := newTab(t)
	events := searched(t, "reinforce", 16, 1)
	updates := 0
	at := slices.IndexFunc(events, func(e event.Event) bool {
		if e.Type == event.PolicyUpdated {
			updates++
		}
		return updates == 2
	})
	b.studies["s"] = &served{events: events, shown: at + 1, alive: true}
	b.open("study/s/policy?v=1").says("Version 1 of 2").hides("newer version")
	p := b.show("s", len(events)).says("Version 1 of 2", "Take in 2 newer versions")
	p.click("behind").says("Version 4 of 4").hides("newer version")
}

// TestExplainPage: what the policy learned from a trial.
func TestExplainPage(t *testing.T) {
	b := newTab(t)
	b.studies["s"] = finished(searched(t, "reinforce", 10, 1))
	p := b.open("study/s/explain/3").says("Advantage", "A = R − b", "m = 4 trials: 1, 2, 3, 4", "version 0 became version 1", "∂J/∂u(", "Logits before and after")
	c := b.app.view.(*ExplainPage)
	if c.Formula(); b.pictures["explain-logits"] == nil || b.pictures["explain-gradient"] == nil {
		t.Fatal("a chart is missing")
	}
	// The formula on the page is the engine's gradient.
	d, u := c.decision(), c.known.Update
	k := d.Chosen[0]
	if want := u.Advantage / float64(len(u.Trials)) * (1 - d.Before.Probs[k]); u.Temperature == 1 && u.LogitClip == 0 {
		if diff := want - d.Gradient.Reward[k]; diff > 1e-6 || diff < -1e-6 {
			t.Errorf("the formula gives %v, the engine %v", want, d.Gradient.Reward[k])
		}
	}
	last := c.Decisions()[len(c.known.Decisions)-1]
	p = p.click(last.Name)
	if c.Selected() != last.Name {
		t.Errorf("%s is selected, want %s", c.Selected(), last.Name)
	}
	p.click("bare").says("without a baseline").click("bare").hides("without a baseline").click("CSV")
	if !strings.HasPrefix(b.saved["espalier-s-explain-logits.csv"], "text/csv\ndecision,option,chosen") {
		t.Errorf("saved %q", b.saved)
	}
	b.goTo("study/s/explain/7").says("failed")
	b.goTo("study/s/explain/10").hides("Gradient").click("The trial").says("Trial 10")
}
