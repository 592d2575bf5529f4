package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// scripted is a strategy without updates that answers from a list: trial n
// gets answers[n-1].
type scripted struct{ answers []spec.Answers }

func (s *scripted) Name() string         { return "scripted" }
func (s *scripted) Version() int         { return 0 }
func (s *scripted) Rollout() int         { return 0 }
func (s *scripted) Snapshot() []byte     { return nil }
func (s *scripted) Restore([]byte) error { return nil }
func (s *scripted) Hash() string         { return "scripted" }
func (s *scripted) Update(context.Context, []strategy.Episode, []float64) (strategy.Update, error) {
	return strategy.Update{}, errors.New("scripted does not learn")
}

func (s *scripted) Propose(ctx context.Context, space strategy.Space, id int) (strategy.Episode, error) {
	answers := s.answers[id-1]
	steps, err := strategy.Replay(ctx, space, answers)
	return strategy.Episode{ID: id, Steps: steps, Answers: answers}, err
}

// layer answers the toy space with one layer.
func layer(width, act int) spec.Answers { return spec.Answers{spec.Pick(width), spec.Pick(act)} }

// table is an evaluator that calls a function for each trial.
type table func(ctx context.Context, t Trial) (spec.Metrics, io.WriterTo, error)

func (f table) Evaluate(ctx context.Context, t Trial, _ func(spec.Epoch)) (spec.Metrics, io.WriterTo, error) {
	return f(ctx, t)
}

func measured(accuracy float64) spec.Metrics {
	return spec.Metrics{Epochs: []spec.Epoch{{Epoch: 1, ValidAccuracy: accuracy}}}
}

// play runs a script of one-layer networks.
func play(t *testing.T, c Config, workers int, e Evaluator, answers ...spec.Answers) (*event.State, *Memory) {
	t.Helper()
	log := &Memory{}
	d := toyDeps(log, workers, e)
	d.Space = func(context.Context, json.RawMessage) (Space, error) { return &toy{1, toyKinds}, nil }
	d.Strategy = &scripted{answers}
	c.Trials = len(answers)
	s, err := try(t, c, d)
	if err != nil && !errors.Is(err, ErrAllFailed) {
		t.Fatal(err)
	}
	return s, log
}

func outcomes(s *event.State) string {
	var b strings.Builder
	for i := range s.Trials {
		fmt.Fprintf(&b, "%s %d; ", s.Trials[i].Status, s.Trials[i].DuplicateOf)
	}
	return strings.TrimSuffix(b.String(), "; ")
}

// TestDuplicates: the first of its kind is trained, the others take its result
// over; if it fails, the next one is trained.
func TestDuplicates(t *testing.T) {
	a, b := layer(0, 0), layer(1, 0)
	script := []spec.Answers{a, b, a, a, b, a}
	for _, workers := range []int{1, 4} {
		trained := make(chan int, len(script))
		evaluator := table(func(_ context.Context, t Trial) (spec.Metrics, io.WriterTo, error) {
			trained <- t.ID
			if t.ID == 1 || t.ID == 3 {
				return spec.Metrics{}, nil, errors.New("bad luck")
			}
			return measured(float64(t.ID) / 10), nil, nil
		})
		s, log := play(t, toyConfig(), workers, evaluator, script...)
		if got := outcomes(s); got != "failed 0; ok 0; failed 0; ok 0; ok 2; ok 4" {
			t.Errorf("%d workers: %s", workers, got)
		}
		if len(trained) != 4 {
			t.Errorf("%d workers: %d trials were trained", workers, len(trained))
		}
		if s.Trial(6).Reward.Reward != 0.4 || s.BestID != 4 || s.Counts.Duplicates != 2 {
			t.Errorf("%d workers: trial 6 has %v, best is %d, %d duplicates", workers, s.Trial(6).Reward, s.BestID, s.Counts.Duplicates)
		}
		var networks int
		for e, err := range log.Events() {
			if err != nil {
				t.Fatal(err)
			}
			if p := e.Sampled; p != nil {
				if p.Network != nil {
					networks++
				}
				if (p.Network == nil) != (p.DuplicateOf != 0) {
					t.Errorf("trial %d: duplicate of %d, network %v", p.Trial, p.DuplicateOf, p.Network)
				}
			}
		}
		if networks != 2 {
			t.Errorf("%d networks are written out", networks)
		}
	}
}

// stutter asks every decision under one name.
type stutter struct{ *toy }

func (s stutter) Next(ctx context.Context, prev spec.Step, prefix spec.Answers) (spec.Step, error) {
	step, err := s.toy.Next(ctx, prev, prefix)
	if step.Decision != nil {
		step.Decision.Name = "again"
	}
	return step, err
}

// TestRepeatedNames: a space that breaks its promise fails its trials.
func TestRepeatedNames(t *testing.T) {
	c := toyConfig()
	d := toyDeps(&Memory{}, 1, newOracle(1))
	d.Space = func(context.Context, json.RawMessage) (Space, error) { return stutter{&toy{1, toyKinds}}, nil }
	s, err := try(t, c, d)
	if !errors.Is(err, ErrAllFailed) || s.Trial(1).Reason != `no network: the search space asks two decisions named "again"` {
		t.Errorf("%v, %+v", err, s.Trial(1))
	}
}

func TestRetrain(t *testing.T) {
	seeds := make(chan uint64, 3)
	c := toyConfig()
	c.Duplicates = Retrain
	s, _ := play(t, c, 2, table(func(_ context.Context, t Trial) (spec.Metrics, io.WriterTo, error) {
		seeds <- t.Seed
		return measured(0.5), nil, nil
	}), layer(0, 0), layer(0, 0), layer(0, 0))
	if got := outcomes(s); got != "ok 0; ok 0; ok 0" || s.BestID != 1 {
		t.Errorf("%s, best %d", got, s.BestID)
	}
	if a, b, c := <-seeds, <-seeds, <-seeds; a == b || b == c || a == c {
		t.Errorf("seeds %d %d %d", a, b, c)
	}
}

// TestFailures: whatever goes wrong with a trial is its failure, with a reason
// and the configured reward, and the study goes on.
func TestFailures(t *testing.T) {
	cases := []struct {
		reason  string
		answers spec.Answers
		metrics spec.Metrics
		err     error
		panics  bool
	}{
		{reason: "no network: unsupported: too wide for tanh", answers: layer(2, 1)},
		{reason: "panic while training: ouch", panics: true},
		{reason: "worker lost", err: errors.New("worker lost")},
		{reason: "diverged", metrics: spec.Metrics{Failed: true, Reason: "diverged"}},
		{reason: "the evaluator gave no reason", metrics: spec.Metrics{Failed: true}},
		{reason: "the evaluator measured no epoch"},
		{reason: "reward: too low to be true", metrics: measured(0.01)},
		{reason: "reward: the shaper gave NaN", metrics: measured(math.NaN())},
		{reason: "reward: the shaper gave +Inf", metrics: measured(math.Inf(1))},
		{reason: strings.Repeat("é", 498) + "…", err: errors.New(strings.Repeat("é", 5000))},
		{reason: strings.Repeat("x", 1000), err: errors.New(strings.Repeat("x", 1000))},
		{reason: "bytes ? of no text", err: errors.New("bytes \xff of no text")},
	}
	script := []spec.Answers{layer(1, 1)}
	for _, c := range cases {
		if c.answers == nil {
			c.answers = layer(0, 0)
		}
		script = append(script, c.answers)
	}
	config := toyConfig()
	config.Duplicates = Retrain
	s, _ := play(t, config, 2, table(func(_ context.Context, trial Trial) (spec.Metrics, io.WriterTo, error) {
		if trial.ID == 1 {
			return measured(0.5), nil, nil
		}
		c := cases[trial.ID-2]
		if c.panics {
			panic("ouch")
		}
		return c.metrics, nil, c.err
	}), script...)
	for i, c := range cases {
		row := s.Trial(i + 2)
		if row.Status != event.Failed || row.Reason != c.reason || row.Reward.Reward != config.FailedReward {
			t.Errorf("trial %d: %s %q %v, want %q", row.ID, row.Status, row.Reason, row.Reward.Reward, c.reason)
		}
	}
	if s.BestID != 1 || s.Ended.Reason != event.EndBudget {
		t.Errorf("best %d, end %q", s.BestID, s.Ended.Reason)
	}
}

func TestAllFailed(t *testing.T) {
	oracle := newOracle(1)
	oracle.never = true
	log := &Memory{}
	for range 2 { // running it again says the same
		s, err := try(t, toyConfig(), toyDeps(log, 2, oracle))
		var all *AllFailedError
		if !errors.As(err, &all) || !errors.Is(err, ErrAllFailed) || !strings.Contains(err.Error(), "broken") {
			t.Fatalf("got %v", err)
		}
		if s.Ended == nil || s.Ended.Reason != event.EndAllFailed || s.BestID != 0 || log.State != event.StudyFailed {
			t.Errorf("end %+v, best %d, state %s", s.Ended, s.BestID, log.State)
		}
	}
}

// TestFatal: an evaluator that cannot go on stops the study, which resumes when
// it can.
func TestFatal(t *testing.T) {
	want := &Memory{}
	run(t, toyConfig(), toyDeps(want, 1, newOracle(1)))
	log, oracle := &Memory{}, newOracle(2)
	_, err := try(t, toyConfig(), toyDeps(log, 3, table(func(ctx context.Context, t Trial) (spec.Metrics, io.WriterTo, error) {
		if t.ID == 9 {
			return spec.Metrics{}, nil, &FatalError{errors.New("the images are gone")}
		}
		return oracle.Evaluate(ctx, t, func(spec.Epoch) {})
	})))
	var fatal *FatalError
	if !errors.As(err, &fatal) || !strings.Contains(err.Error(), "trial 9: the images are gone") {
		t.Fatalf("got %v", err)
	}
	if log.State != event.StudyFailed || !strings.Contains(log.Note, "images") {
		t.Errorf("state %s, note %q", log.State, log.Note)
	}
	run(t, toyConfig(), toyDeps(log, 2, newOracle(3)))
	sameStory(t, "after the images came back", log, want)
}

// panicky is a shaper that panics.
type panicky struct{}

func (panicky) Reward(context.Context, spec.Metrics) (spec.Reward, error) { panic("no opinion") }

func TestShaperPanic(t *testing.T) {
	d := toyDeps(&Memory{}, 2, newOracle(1))
	d.Shaper = panicky{}
	if _, err := try(t, toyConfig(), d); !errors.Is(err, ErrAllFailed) || !strings.Contains(err.Error(), "reward: panic: no opinion") {
		t.Errorf("got %v", err)
	}
}

// TestDepth: each trial's space has the scheduled depth, and each depth is
// opened once, when it is first needed.
func TestDepth(t *testing.T) {
	c := toyConfig()
	c.Space.Params = json.RawMessage(`{"layers": 9, "other": 1}`)
	c.Depth = Depth{Param: "layers", Start: 1, Step: 2, Every: 10, Max: 4}
	var opened []string
	log := &Memory{}
	d := toyDeps(log, 3, newOracle(1))
	open := d.Space
	d.Space = func(ctx context.Context, params json.RawMessage) (Space, error) {
		opened = append(opened, string(params))
		return open(ctx, params)
	}
	run(t, c, d)
	if got := strings.Join(opened, " "); got != `{"layers":1,"other":1} {"layers":3,"other":1} {"layers":4,"other":1}` {
		t.Errorf("opened %s", got)
	}
	for e, err := range log.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if p := e.Sampled; p != nil {
			want := []int{1, 3, 4}[(p.Trial-1)/10]
			if p.Depth != want || len(p.Decisions) != 2*want {
				t.Errorf("trial %d has depth %d and %d decisions, want depth %d", p.Trial, p.Depth, len(p.Decisions), want)
			}
		}
	}
	d = toyDeps(&Memory{}, 1, newOracle(1))
	d.Space = func(_ context.Context, params json.RawMessage) (Space, error) {
		if strings.Contains(string(params), `:3`) {
			return &toy{3, []spec.Kind{toyKinds[1], toyKinds[0]}}, nil
		}
		return &toy{1, toyKinds}, nil
	}
	if _, err := try(t, c, d); err == nil || !strings.Contains(err.Error(), "do not schedule layers") {
		t.Errorf("a space whose kinds change with the depth: %v", err)
	}
}

// TestFirstTrial: the parameters of a depth are those of any trial that has it.
func TestFirstTrial(t *testing.T) {
	for _, d := range []Depth{
		{}, {Param: "layers", Start: 6, Step: 2, Every: 1600, Max: 20}, {Param: "n", Start: 1, Step: 3, Every: 2, Max: 9},
		{Param: "n", Start: 5, Step: 0, Every: 1, Max: 5}, {Param: "n", Start: 2, Step: 1, Every: 1, Max: math.MaxInt},
	} {
		r := &Runner{config: Config{Depth: d}}
		for trial := 1; trial < 13000; trial += 7 {
			if depth := d.At(trial); d.At(r.firstTrial(depth)) != depth {
				t.Fatalf("%+v: depth %d of trial %d is not that of trial %d", d, depth, trial, r.firstTrial(depth))
			}
		}
	}
	paper := Depth{Param: "layers", Start: 6, Step: 2, Every: 1600, Max: 20}
	for trial, want := range map[int]int{1: 6, 1600: 6, 1601: 8, 12800: 20, 99999: 20} {
		if got := paper.At(trial); got != want {
			t.Errorf("the paper's depth of trial %d is %d, want %d", trial, got, want)
		}
	}
}
