package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestPause stops the study at each of its events in turn, by cancelling, and
// checks that it ends as if it had not been stopped.
func TestPause(t *testing.T) {
	config := toyConfig()
	config.Trials = 14
	want := &Memory{}
	run(t, config, toyDeps(want, 1, newOracle(1)))
	paused := 0
	for n := 1; n < len(want.Lines); n += 2 {
		log := &Memory{}
		ctx, cancel := context.WithCancel(t.Context())
		d := toyDeps(log, 1+n%3, newOracle(uint64(n)))
		d.Observe = func(e event.Event) {
			if e.Seq == int64(n) {
				cancel()
			}
		}
		r, err := New(config, d)
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.Run(ctx)
		cancel()
		if err == nil { // the event came with the last ones
			sameStory(t, "not stopped", log, want)
			continue
		}
		paused++
		if !errors.Is(err, ErrPaused) || !errors.Is(err, context.Canceled) || log.State != event.StudyPaused {
			t.Fatalf("stopped at event %d: %v, state %s", n, err, log.State)
		}
		if s.Seq != int64(len(log.Lines)) {
			t.Fatalf("stopped at event %d: the state has %d events, the log %d", n, s.Seq, len(log.Lines))
		}
		run(t, config, toyDeps(log, 1+n%4, newOracle(uint64(n+100))))
		sameStory(t, fmt.Sprintf("stopped at event %d", n), log, want)
		if log.State != event.StudyDone {
			t.Errorf("state %s", log.State)
		}
	}
	if paused < 5 {
		t.Errorf("the study was paused only %d times", paused)
	}
}

// TestCancelEvaluators: stopping does not wait for children to end by
// themselves, and keeps the results of those that do end.
func TestCancelEvaluators(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	log := &Memory{}
	training := make(chan struct{}, 2)
	d := toyDeps(log, 2, table(func(ctx context.Context, t Trial) (spec.Metrics, io.WriterTo, error) {
		training <- struct{}{}
		<-ctx.Done()
		if t.ID == 2 {
			return measured(0.5), nil, nil // it was just ready
		}
		return spec.Metrics{}, nil, ctx.Err()
	}))
	config := toyConfig()
	config.Duplicates = Retrain
	r, err := New(config, d)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-training
		<-training
		cancel()
	}()
	s, err := r.Run(ctx)
	if !errors.Is(err, ErrPaused) || s.Counts.Ended() != 0 {
		t.Fatalf("%v, %+v", err, s.Counts)
	}
	if _, ok := log.Waiting[2]; !ok || len(log.Waiting) != 1 {
		t.Errorf("%d results wait, want that of trial 2", len(log.Waiting))
	}
}

// TestObserve: the observer sees every event once and in order, those of
// earlier sessions included, and only durable ones.
func TestObserve(t *testing.T) {
	log := &Memory{}
	var fold event.State
	live := 0
	watch := func(e event.Event) {
		if e.Seq != 0 && e.Seq > int64(len(log.Lines)) {
			t.Errorf("event %d is seen before it is in the log", e.Seq)
		}
		if e.Type == event.TrialEpoch {
			live++
		}
		if err := fold.Apply(e); err != nil {
			t.Error(err)
		}
	}
	config := toyConfig()
	mortal := &mortal{Memory: log, left: 70}
	d := toyDeps(mortal, 2, newOracle(1))
	d.Observe = watch
	if _, err := try(t, config, d); !errors.Is(err, errDead) {
		t.Fatal(err)
	}
	revive(t, log)
	fold = event.State{}
	d = toyDeps(log, 2, newOracle(2))
	d.Observe = watch
	s := run(t, config, d)
	if fold.Seq != s.Seq || fold.Seq != int64(len(log.Lines)) || fold.BestID != s.BestID || live == 0 {
		t.Errorf("the observer's fold ends at %d, the state at %d; %d live events", fold.Seq, s.Seq, live)
	}
}

// TestChanged: a study resumes only as what it was begun as. A new name, place
// of the data, limit of its plugins, or number of workers is no change.
func TestChanged(t *testing.T) {
	config := toyConfig()
	begin := func() *Memory {
		log := &Memory{}
		if _, err := try(t, config, toyDeps(&mortal{Memory: log, left: 20}, 1, newOracle(1))); !errors.Is(err, errDead) {
			t.Fatal(err)
		}
		return log
	}
	for want, change := range map[string]func(*Config, *Deps){
		"its trials was 30, now it is 31":                                  func(c *Config, _ *Deps) { c.Trials++ },
		"its recipe.optimizer.lr was":                                      func(c *Config, _ *Deps) { c.Recipe.Optimizer.LR *= 2 },
		"search space plugin":                                              func(_ *Config, d *Deps) { d.Started.Space.Hash = "bb" },
		"of its search space plugin, its size in bytes was 7, now it is 9": func(_ *Config, d *Deps) { d.Started.Space.Hash, d.Started.Space.Bytes = "bb", 9 },
		"shaper plugin":                                                    func(_ *Config, d *Deps) { d.Started.Shaper.Hash = "bb" },
		"its data was ":                                                    func(_ *Config, d *Deps) { d.Started.Data.Hash = "bb" },
		"now it is bb (7 to train on, 3 to validate); it was left as it is; to go on, put the files of its data": func(_ *Config, d *Deps) {
			d.Started.Data.Hash, d.Started.Data.Train, d.Started.Data.Valid = "bb", 7, 3
		},
		"now it is avx2; it was left as it is; to go on, resume on a machine": func(_ *Config, d *Deps) { d.Started.Kernels = "avx2" },
	} {
		c, d := config, toyDeps(begin(), 1, newOracle(1))
		change(&c, &d)
		before := len(d.Log.(*Memory).Lines)
		if _, err := try(t, c, d); !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
		if n := len(d.Log.(*Memory).Lines); n != before {
			t.Errorf("%s: the refused study wrote %d events", want, n-before)
		}
		if state := d.Log.(*Memory).State; state == event.StudyFailed {
			t.Errorf("%s: refusing to resume has failed the study", want)
		}
	}
	c, d := config, toyDeps(begin(), 4, newOracle(1))
	c.Name, c.Data.Dir, d.Started.Program = "renamed", "elsewhere", "newer"
	c.PluginLimits = "fuel.next=2G"
	run(t, c, d)
}

// learner counts the updates of a real strategy.
type learner struct {
	strategy.Strategy
	updates int
}

func (l *learner) Update(ctx context.Context, e []strategy.Episode, rewards []float64) (strategy.Update, error) {
	l.updates++
	return l.Strategy.Update(ctx, e, rewards)
}

func newLearner(t *testing.T, c Config) *learner {
	t.Helper()
	s, err := strategy.New(c.Strategy.Name, c.Strategy.Params, toyKinds, c.Seed)
	if err != nil {
		t.Fatal(err)
	}
	return &learner{Strategy: s}
}

// TestSnapshots: resuming does no update again that a snapshot has seen, and
// all of them when there is no usable one.
func TestSnapshots(t *testing.T) {
	config := toyConfig()
	want := &Memory{}
	run(t, config, toyDeps(want, 1, newOracle(1)))
	for name, c := range map[string]struct {
		spoil   func(*Memory)
		updates int
	}{
		"intact":  {func(*Memory) {}, 0},
		"removed": {func(m *Memory) { m.Policies = nil }, 7},
		"damaged": {func(m *Memory) { m.Policies[7][40] ^= 1 }, 7},
	} {
		log := &Memory{}
		run(t, config, toyDeps(log, 1, newOracle(1)))
		log.Lines = log.Lines[:len(log.Lines)-1] // not yet ended
		c.spoil(log)
		d := toyDeps(log, 1, newOracle(1))
		l := newLearner(t, config)
		d.Strategy = l
		run(t, config, d)
		if l.updates != c.updates {
			t.Errorf("%s: %d updates were done again, want %d", name, l.updates, c.updates)
		}
		sameStory(t, name, log, want)
	}
}

// TestReplayRefuses: a log that another program or another history wrote is
// refused, and says why.
func TestReplayRefuses(t *testing.T) {
	config := toyConfig()
	rewrite := func(m *Memory, change func(*event.Event)) {
		lines := m.Lines
		m.Lines = nil
		for _, line := range lines {
			e, err := event.ParseLine(line)
			if err != nil {
				t.Fatal(err)
			}
			change(&e)
			if err := m.Append(e); err != nil {
				t.Fatal(err)
			}
		}
	}
	for want, spoil := range map[string]func(*Memory){
		"update 3 now leads to": func(m *Memory) {
			m.Policies = nil
			rewrite(m, func(e *event.Event) {
				if e.Updated != nil && e.Updated.Version == 3 {
					e.Updated.WeightsHash = "another"
				}
			})
		},
		"update 2 learned from trials": func(m *Memory) {
			rewrite(m, func(e *event.Event) {
				if e.Updated != nil && e.Updated.Version == 2 {
					e.Updated.Trials[0]--
				}
			})
		},
		"its hash is not the one": func(m *Memory) {
			rewrite(m, func(e *event.Event) {
				if e.Updated != nil && e.Updated.Version == 7 {
					e.Updated.WeightsHash = "another"
				}
			})
		},
		"it has seen 7 updates, the log has 0": func(m *Memory) { m.Lines = m.Lines[:4] },
	} {
		log := &Memory{}
		run(t, config, toyDeps(log, 1, newOracle(1)))
		spoil(log)
		if _, err := try(t, config, toyDeps(log, 1, newOracle(1))); !errors.Is(err, ErrReplay) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// TestLostWeights: the best trial's weights come back when somebody removed
// them, from its seed, whether the study had ended or not.
func TestLostWeights(t *testing.T) {
	config := toyConfig()
	want := &Memory{}
	run(t, config, toyDeps(want, 1, newOracle(1)))
	for _, cut := range []int{0, 1} {
		got := &Memory{}
		run(t, config, toyDeps(got, 1, newOracle(1)))
		got.Lines, got.Weights = got.Lines[:len(got.Lines)-cut], nil
		again := newOracle(2)
		run(t, config, toyDeps(got, 2, again))
		sameStory(t, "weights removed", got, want)
		if again.trained() != 1 {
			t.Errorf("%d trials were trained again", again.trained())
		}
	}
	// Other results than the log has belong to another child.
	got := &Memory{}
	run(t, config, toyDeps(got, 1, newOracle(1)))
	got.Weights = nil
	run(t, config, toyDeps(got, 1, table(func(context.Context, Trial) (spec.Metrics, io.WriterTo, error) {
		return measured(0.5), strings.NewReader("strange"), nil
	})))
	if len(got.Weights) != 0 {
		t.Errorf("strange weights were kept: %d", len(got.Weights))
	}
	// An evaluator that has no weights is no reason to fail.
	tabular := newOracle(1)
	tabular.weightless = true
	log := &Memory{}
	run(t, config, toyDeps(log, 2, tabular))
	if log.BestTrial != want.BestTrial || len(log.Weights) != 0 {
		t.Errorf("best %d, %d weights", log.BestTrial, len(log.Weights))
	}
}

// TestStrategyFails: a failing strategy or space stops the study, not a trial.
func TestStrategyFails(t *testing.T) {
	d := toyDeps(&Memory{}, 2, newOracle(1))
	d.Space = func(context.Context, json.RawMessage) (Space, error) {
		return &toy{2, append([]spec.Kind{{ID: "stranger", Type: spec.Choice, Options: []string{"1"}}}, toyKinds...)}, nil
	}
	l := newLearner(t, toyConfig())
	d.Strategy = l
	if _, err := try(t, toyConfig(), d); err == nil || !strings.Contains(err.Error(), "sample trial 1") {
		t.Errorf("got %v", err)
	}
}
