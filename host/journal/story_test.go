package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

var noon = time.Date(2017, 4, 24, 12, 0, 0, 0, time.UTC)

// started is the beginning of every test's study.
func started() event.Started {
	return event.Started{Schema: event.Schema, Name: "story", Seed: 7, Trials: 6, Program: "espalier test", Rollout: 3}
}

// story is a study of the given number of trials, in rollouts of three.
func story(trials int) []event.Event {
	begin := started()
	events := []event.Event{{Type: event.StudyStarted, Started: &begin}}
	for id := 1; id <= trials; id++ {
		events = append(events, event.Event{Type: event.TrialSampled, Sampled: &event.Sampled{
			Trial:     id,
			Seed:      uint64(id),
			Decisions: []spec.Decision{{Kind: "width", Name: fmt.Sprintf("layer%d/width", id)}},
			Answers:   spec.Answers{spec.Pick(id)},
			NetworkID: fmt.Sprintf("n%d", id),
		}})
		done := event.Done{Trial: id, Status: event.OK, Reward: spec.Reward{
			Reward: float64(id%4) / 4,
			Parts:  []spec.Part{{Name: "accuracy", Value: float64(id%4) / 4}},
		}}
		if id%5 == 0 {
			done = event.Done{Trial: id, Status: event.Failed, Reason: "diverged at epoch 2"}
		}
		events = append(events, event.Event{Type: event.TrialDone, Done: &done})
		if id%3 == 0 {
			events = append(events, event.Event{Type: event.PolicyUpdated, Updated: &event.Updated{
				Version: id / 3, Trials: []int{id - 2, id - 1, id}, WeightsHash: fmt.Sprintf("hash%d", id/3),
			}})
		}
	}
	events = append(events, event.Event{Type: event.StudyEnded, Ended: &event.Ended{Reason: event.EndBudget}})
	for i := range events {
		events[i].Seq = int64(i + 1)
		events[i].Time = noon.Add(time.Duration(i) * time.Second)
	}
	return events
}

// network is a network whose ID depends on width.
func network(width int) *spec.Network {
	return &spec.Network{
		Task:   spec.Task{Type: spec.TaskImage, Input: []int{4, 4, 1}, Classes: 2},
		Output: "logits",
		Nodes: []spec.Node{
			{Name: "flat", Op: spec.OpFlatten, Inputs: []string{spec.InputName}},
			{Name: "hidden", Op: spec.OpDense, Inputs: []string{"flat"}, Units: width},
			{Name: "logits", Op: spec.OpDense, Inputs: []string{"hidden"}, Units: 2},
		},
	}
}

// options are Default with a clock that stands still.
func options() Options {
	o := Default()
	o.Clock = func() time.Time { return noon }
	o.Program = "espalier test"
	return o
}

func create(t testing.TB, dir string, o Options) *Journal {
	t.Helper()
	j, err := Create(dir, started(), o)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func reopen(t testing.TB, dir string, o Options) *Journal {
	t.Helper()
	j, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func appendAll(t testing.TB, j *Journal, events []event.Event) {
	t.Helper()
	for _, e := range events {
		if err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
}

func closeJournal(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// kill ends j as a killed process does: nothing is flushed or recorded.
func kill(t testing.TB, j *Journal) {
	t.Helper()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.failed = errClosed
	if err := j.release(); err != nil {
		t.Fatal(err)
	}
}

// lines are the journal lines of events.
func lines(t testing.TB, events []event.Event) []byte {
	t.Helper()
	var b []byte
	var err error
	for _, e := range events {
		if b, err = event.AppendLine(b, e); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// collect reads all events of j.
func collect(t testing.TB, j *Journal) []event.Event {
	t.Helper()
	var all []event.Event
	for e, err := range j.Events() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func mustRead(t testing.TB, path ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// names lists a directory; a missing one is empty.
func names(t testing.TB, dir ...string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir...))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
