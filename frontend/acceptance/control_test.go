//go:build !js

package acceptance

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
)

// TestControls: what can be done to a study is done from the page, and stands in
// its journal. Its trials are so long that one is always under way.
func TestControls(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, "search", "--name", "controlled", "--trials", "200", "--workers", "1", "--threads", "1", "--set", "recipe.epochs=1000", "--serve", "--addr", "127.0.0.1:0")
	run := filepath.Join(dir, "runs", "controlled")
	b := open(t, p.address)
	b.follow("controlled")

	b.press("#pause")
	b.until(`!!document.querySelector("#continue")`)
	paused := journaled(t, run, event.Pause)
	b.press("#continue")
	b.until(`!!document.querySelector("#pause")`)
	if c := journaled(t, run, event.Continue); c.Seq <= paused.Seq {
		t.Errorf("the study continued with event %d, before it paused with %d", c.Seq, paused.Seq)
	}

	b.write("#more", "none")
	b.press("#extend")
	b.says("is not a number of trials to add")
	b.write("#more", "7")
	b.press("#extend")
	b.until(`document.getElementById("sentence").textContent.includes("207 trials")`)
	if c := journaled(t, run, event.Extend); c.Trials != 7 {
		t.Errorf("the study was extended by %d trials, want 7", c.Trials)
	}

	running := 0
	for end := time.Now().Add(patience); running == 0 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if all := read(t, run).Running(); len(all) > 0 {
			running = all[0] // the others may wait for their turn
		}
	}
	b.do(navigate(at(p.address, "study/controlled/trial/%d", running)))
	b.press("#cancel")
	b.says("cancelled by the dashboard")
	if c := journaled(t, run, event.Cancel); c.Trial != running {
		t.Errorf("trial %d was cancelled, want %d", c.Trial, running)
	}

	b.follow("controlled")
	b.press("#stop")
	if c := journaled(t, run, event.Stop); c.By == "" {
		t.Error("nobody is said to have stopped the study")
	}
	b.until(`document.querySelector("#stop") === null`)
	b.forgive("WebSocket")
	b.forgive("ERR_CONNECTION")
}

// read reads the state of a study that may be running.
func read(t testing.TB, run string) *event.State {
	t.Helper()
	s, err := journal.ReadState(run)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// journaled waits until an action stands in the journal of a study.
func journaled(t testing.TB, run string, action event.Action) event.Control {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		for _, c := range read(t, run).Controls {
			if c.Action == action {
				return c
			}
		}
	}
	t.Fatalf("nothing in the journal says %s", action)
	return event.Control{}
}
