package ui

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestList: the list of studies, which lives.
func TestList(t *testing.T) {
	b := newTab(t)
	b.open("").says("There is no study in this folder yet", "espalier search --control")
	b.studies["a,b"] = &served{events: begun(3), shown: 1, alive: true}
	b.studies["c"] = finished(searched(t, "random", 5, 1))
	b.list()
	p := b.settle().says("a,b", "running", "done", "Pick two studies or more")
	p = p.act("Compare a,b", "change", "").act("Compare c", "change", "").says("Compare 2 studies")
	p = p.act("Compare c", "change", "").hides("Compare 2 studies").act("Compare c", "change", "")
	c := b.app.view.(*StudyList)
	first := func() string { return c.Rows()[0].ID }
	p = p.click("study").click("study ▲")
	if b.Address() != "?sort=-id" || first() != "c" {
		t.Errorf("sorted at %s, %s is the first", b.Address(), first())
	}
	p.click("CSV")
	if !strings.Contains(b.saved["espalier-studies.csv"], "a,b") {
		t.Errorf("saved %q", b.saved)
	}
	b.cut().says("The connection is lost. What is shown is what had come", "running")
	b.pass(3 * time.Second).hides("The connection is lost")
	b.settle().click("compare").says("What is compared", "a,b", "random")
}

// TestRefused: a server that does not know the user says so in every view.
func TestRefused(t *testing.T) {
	for _, address := range []string{"", "study/s", "study/s/trial/1", "study/s/policy", "compare?studies=s,t"} {
		b := newTab(t)
		b.refusing = true
		b.open(address).says("the token is wrong")
	}
}

// TestDropped: journals are opened in the page, again and again.
func TestDropped(t *testing.T) {
	b := newTab(t)
	b.open("study/x").says("there is no study")
	one := finished(searched(t, "reinforce", 9, 1))
	b.app.Dropped("study.json", []byte("{}"), nil)
	b.app.Dropped("events.jsonl", one.journal(t), nil)
	b.settle().says("Done: 9 of 9").hides("Take away", "no random control", "Stop")
	one.shown -= 8
	b.app.Dropped("events.jsonl", one.journal(t), nil)
	b.settle().says("Paused: ").hides("Done: 9 of 9")
	b.app.Dropped("poem.txt", []byte("roses\n"), nil)
	b.settle().says("The file was not opened: poem.txt is no intact journal: line 1").click("Close").hides("poem.txt")
	b.app.Dropped("gone.txt", nil, errors.New("it cannot be read"))
	b.settle().says("it cannot be read")
	b.app.Key("Escape", false)
	p := b.settle().hides("it cannot be read").click("Policy").says("along the answers")
	p.click("Explain this sample").says("What the policy learned from trial")
	b.goTo("study/file:s/trial/1").says("espalier train --net s:1 --seed")
	for _, address := range b.asked {
		if strings.Contains(address, "file") {
			t.Errorf("the server was asked for %s", address)
		}
	}
	b.goTo("study/file:other").says("drop it on the page again")
}

// TestFrame: themes, keys, and the way to a view.
func TestFrame(t *testing.T) {
	b := newTab(t)
	b.settings["theme"] = "dark"
	b.studies["s"] = finished(searched(t, "reinforce", 8, 1))
	p := b.open("study/s").says("Theme: Dark")
	for _, want := range []string{"Theme: System", "Theme: Light", "Theme: Dark"} {
		p = p.click("theme").says(want)
	}
	if b.theme != "dark" || b.settings["theme"] != "dark" {
		t.Errorf("the theme is %q, remembered as %q", b.theme, b.settings["theme"])
	}
	if b.focused != "" {
		t.Errorf("a page that opens takes the focus to %q", b.focused)
	}
	if !b.app.Key("/", false) || b.focused != "filter" || b.app.Key("x", false) {
		t.Errorf("the focus is on %q", b.focused)
	}
	b.app.Key("?", false)
	b.settle().says("these keys", "Space").click("Keys").hides("these keys")
	p = b.goTo("study/s/trial/2").says("Studies", "s", "Trial 2").click("Next").says("Trial 3").click("Previous").says("Trial 2")
	p.click("Compare with the best").says("Layers and nodes that differ", "reward")
	if !strings.Contains(b.markups["network-a"], "<svg") || !strings.Contains(b.markups["network-b"], "<svg") {
		t.Error("a network is not drawn")
	}
	b.back().says("Trial 2")
	if !strings.Contains(b.markups["network"], "<svg") {
		t.Error("the network is not drawn")
	}
	b.goTo("").says("done")
	b.app.Resized("x")
	b.width = 0
	b.goTo("study/s").says("Done: 8")
}

// TestCompare: searches beside their random controls, and studies one by one.
func TestCompare(t *testing.T) {
	b := newTab(t)
	for i, id := range []string{"a", "b"} {
		b.studies[id] = finished(searched(t, "reinforce", 20, uint64(i+1)))
		b.studies[id+":control"] = finished(searched(t, "random", 20, uint64(i+1)))
		b.studies[id].control = true
	}
	p := b.open("study/a").click("Against random").says("reinforce", "random", "Settings that differ", "strategy")
	c := b.app.view.(*ComparePage)
	if !c.Two() || b.pictures["compare-best"] == nil || b.pictures["compare-tops"] == nil || c.Verdict() == "" {
		t.Fatalf("%d groups, %d pictures", len(c.groups), len(b.pictures))
	}
	p = p.says(c.Verdict())
	p.click("Median and quartiles").click("Median and range").click("accuracy").click("Data").click("CSV")
	if !strings.HasPrefix(b.saved["espalier-compare-best.csv"], "text/csv\ngroup,trials") {
		t.Errorf("saved %q", b.saved)
	}
	b.goTo("compare?studies=a,b").says("2 seeds").click("controls").says("a:control", "b:control")
	if b.app.view.(*ComparePage).Verdict() == "" {
		t.Error("no verdict of two groups of two seeds")
	}
	b.goTo("compare?studies=a,b,c").says("there is no study \"c\"")
	b.studies["l"] = &served{events: begun(9).add(sampled(1, nil), done(1, 1), sampled(2, nil), done(2, 2)), shown: 1, alive: true}
	b.goTo("compare?studies=a,l").hides("2 of")
	b.show("l", 3)
	c = b.app.view.(*ComparePage)
	versus := c.versus
	b.show("l", 5)
	if c.versus != versus {
		t.Error("studies that run are compared anew with each event")
	}
	b.pass(3 * time.Second)
	if c.versus == versus {
		t.Error("studies that run are not compared anew")
	}
	if b.pass(3 * time.Second); b.alarms() != 0 {
		t.Errorf("%d timers go on", b.alarms())
	}
}
