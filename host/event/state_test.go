package event

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// story is a small study: four trials, of which one fails and one repeats
// another, and one update.
func story() []Event {
	noon := time.Date(2017, 4, 24, 12, 0, 0, 0, time.UTC)
	events := []Event{
		{Type: StudyStarted, Started: &Started{Schema: Schema, Name: "story", Trials: 4, Rollout: 2}},
		sampled(1, "aa"), sampled(2, "bb"),
		done(1, OK, 0.25), done(2, OK, 0.5),
		{Type: PolicyUpdated, Updated: &Updated{Version: 1, Trials: []int{1, 2}, Rewards: []float64{0.25, 0.5}, Baseline: 0.375}},
		sampled(3, "cc"), sampled(4, "bb"),
		done(3, Failed, 0), done(4, OK, 0.5),
		{Type: StudyEnded, Ended: &Ended{Reason: EndBudget}},
	}
	events[7].Sampled.DuplicateOf = 2
	events[9].Done.DuplicateOf = 2
	for i := range events {
		events[i].Seq = int64(i + 1)
		events[i].Time = noon.Add(time.Duration(i) * time.Second)
	}
	return events
}

func sampled(id int, network string) Event {
	return Event{Type: TrialSampled, Sampled: &Sampled{
		Trial:     id,
		Decisions: []spec.Decision{{Kind: "width", Name: "width"}, {Kind: "skip", Name: "skip", Candidates: []int{0, 1}}},
		Answers:   spec.Answers{spec.Pick(id), spec.PickSet(0, 1)},
		NetworkID: network,
	}}
}

func done(id int, status Status, reward float64) Event {
	d := &Done{Trial: id, Status: status, Reward: spec.Reward{Reward: reward}, Seconds: 3}
	if status == Failed {
		d.Reason = "diverged"
	} else {
		d.Metrics = spec.Metrics{Epochs: []spec.Epoch{{Epoch: 1, ValidAccuracy: reward, Seconds: 1}}, LatencySeconds: 0.1}
	}
	return Event{Type: TrialDone, Done: d}
}

func fold(t *testing.T, events []Event) *State {
	t.Helper()
	var s State
	for _, e := range events {
		if err := s.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	return &s
}

func TestFold(t *testing.T) {
	s := fold(t, story())
	if want := (Counts{Sampled: 4, OK: 3, Failed: 1, Duplicates: 1, Updates: 1}); s.Counts != want {
		t.Errorf("counts are %+v, want %+v", s.Counts, want)
	}
	if s.BestID != 2 {
		t.Errorf("best is trial %d, want 2: trial 4 has the same reward and came later", s.BestID)
	}
	if want := []Point{{1, 1, 0.25}, {2, 2, 0.5}}; !reflect.DeepEqual(s.Curve, want) {
		t.Errorf("curve is %v, want %v", s.Curve, want)
	}
	if got := s.Top(2); !reflect.DeepEqual(got, []int{2, 4}) {
		t.Errorf("top 2 are %v", got)
	}
	if got := s.Top(9); !reflect.DeepEqual(got, []int{2, 4, 1}) {
		t.Errorf("top 9 are %v", got)
	}
	if got := s.Failures(); !reflect.DeepEqual(got, []Failure{{"diverged", []int{3}}}) {
		t.Errorf("failures are %v", got)
	}
	if s.Baseline() != 0.375 || s.Ended.Reason != EndBudget || len(s.Running()) != 0 {
		t.Errorf("baseline %v, end %v, running %v", s.Baseline(), s.Ended, s.Running())
	}
	row := s.Trial(4)
	if row.Answers != "4 [0,1]" || row.SampledSeq != 8 || row.DoneSeq != 10 || row.DuplicateOf != 2 {
		t.Errorf("row 4 is %+v", row)
	}
	if s.Trial(0) != nil || s.Trial(5) != nil {
		t.Error("a trial that was never sampled has a row")
	}
}

// TestTie: when results come in any order, the best is the same one.
func TestTie(t *testing.T) {
	events := []Event{
		{Type: StudyStarted, Started: &Started{}},
		sampled(1, "aa"), sampled(2, "bb"), done(2, OK, 0.5), done(1, OK, 0.5),
	}
	for i := range events {
		events[i].Seq = int64(i + 1)
	}
	if s := fold(t, events); s.BestID != 1 {
		t.Errorf("best is trial %d, want 1", s.BestID)
	}
}

func TestLive(t *testing.T) {
	live := func(id, epoch int) Event {
		return Event{Type: TrialEpoch, Epoch: &Epoch{Trial: id, Epoch: spec.Epoch{Epoch: epoch}}}
	}
	s := fold(t, story()[:3])
	for _, e := range []Event{live(1, 1), live(1, 2), live(2, 1), live(9, 1), live(2, 1)} {
		if err := s.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Trial(1).Metrics.Epochs); n != 2 {
		t.Errorf("trial 1 has %d epochs, want 2", n)
	}
	if n := len(s.Trial(2).Metrics.Epochs); n != 1 {
		t.Errorf("trial 2, which was started anew, has %d epochs, want 1", n)
	}
	if s.Seq != 3 || len(s.Running()) != 2 {
		t.Errorf("seq %d, running %v", s.Seq, s.Running())
	}
	if err := s.Apply(story()[3]); err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(live(1, 3)); err != nil || len(s.Trial(1).Metrics.Epochs) != 1 {
		t.Errorf("a late epoch changed an ended trial (error %v)", err)
	}
}

func TestUnknownType(t *testing.T) {
	s := fold(t, story()[:2])
	if err := s.Apply(Event{Seq: 3, Type: "trial.admired"}); err != nil || s.Seq != 3 {
		t.Errorf("error %v, seq %d", err, s.Seq)
	}
	if err := s.Apply(Event{Type: "trial.admired"}); err != nil {
		t.Error(err)
	}
}

// TestRefused changes one event of the story at a time into one that no study
// emits, and checks that the fold refuses it and is left as it was.
func TestRefused(t *testing.T) {
	cases := []struct {
		name string
		at   int // the event that is replaced
		e    Event
		want string
	}{
		{"gap", 4, Event{Seq: 6, Type: TrialDone}, "number 6 follows number 4"},
		{"repeat", 4, Event{Seq: 4, Type: TrialDone}, "number 4 follows number 4"},
		{"not started", 0, Event{Seq: 1, Type: TrialSampled, Sampled: &Sampled{Trial: 1}}, "not started"},
		{"newer schema", 0, Event{Seq: 1, Type: StudyStarted, Started: &Started{Schema: Schema + 1}}, "use a newer one"},
		{"started twice", 1, Event{Seq: 2, Type: StudyStarted, Started: &Started{}}, "already started"},
		{"no payload", 1, Event{Seq: 2, Type: TrialSampled}, "no payload"},
		{"live without payload", 1, Event{Type: TrialEpoch}, "no payload"},
		{"live with number", 1, Event{Seq: 2, Type: TrialEpoch, Epoch: &Epoch{}}, "live events have no number"},
		{"journaled without number", 1, Event{Type: TrialSampled, Sampled: &Sampled{Trial: 1}}, "no number"},
		{"trial skipped", 1, Event{Seq: 2, Type: TrialSampled, Sampled: &Sampled{Trial: 2}}, "trial 2 follows trial 0"},
		{"duplicate of itself", 1, Event{Seq: 2, Type: TrialSampled, Sampled: &Sampled{Trial: 1, DuplicateOf: 1}}, "want an earlier one"},
		{"answers missing", 1, Event{Seq: 2, Type: TrialSampled, Sampled: &Sampled{Trial: 1, Decisions: []spec.Decision{}, Answers: make(spec.Answers, 1)}}, "0 decisions and 1 answers"},
		{"end without beginning", 3, Event{Seq: 4, Type: TrialDone, Done: &Done{Trial: 3, Status: OK}}, "not sampled"},
		{"two ends", 4, Event{Seq: 5, Type: TrialDone, Done: &Done{Trial: 1, Status: OK}}, "already ended"},
		{"status", 3, Event{Seq: 4, Type: TrialDone, Done: &Done{Trial: 1, Status: Running}}, "unknown status"},
		{"result of a later trial", 3, Event{Seq: 4, Type: TrialDone, Done: &Done{Trial: 1, Status: OK, DuplicateOf: 2}}, "want an earlier one"},
		{"version skipped", 5, Event{Seq: 6, Type: PolicyUpdated, Updated: &Updated{Version: 2}}, "version 2 follows version 0"},
		{"learns from the future", 4, Event{Seq: 5, Type: PolicyUpdated, Updated: &Updated{Version: 1, Trials: []int{1, 2}}}, "has not ended"},
		{"after the end", 11, Event{Seq: 12, Type: StudyEnded, Ended: &Ended{}}, "has ended"},
	}
	for _, c := range cases {
		s := fold(t, story()[:c.at])
		want := fold(t, story()[:c.at])
		err := s.Apply(c.e)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.name, err, c.want)
		}
		if !reflect.DeepEqual(s, want) {
			t.Errorf("%s: the refused event changed the state", c.name)
		}
	}
}

func TestTimeless(t *testing.T) {
	a, b := story(), story()
	for i := range b {
		b[i].Time = b[i].Time.Add(time.Hour)
		if d := b[i].Done; d != nil {
			d.Seconds++
			d.Metrics.LatencySeconds++
			for j := range d.Metrics.Epochs {
				d.Metrics.Epochs[j].Seconds++
			}
		}
		if !reflect.DeepEqual(Timeless(a[i]), Timeless(b[i])) {
			t.Errorf("event %d differs by more than times", i+1)
		}
		if d := b[i].Done; d != nil && d.Seconds != 4 {
			t.Error("Timeless changed its argument")
		}
	}
	a[3].Done.Reward.Reward++
	if reflect.DeepEqual(Timeless(a[3]), Timeless(b[3])) {
		t.Error("different rewards compare equal")
	}
}
