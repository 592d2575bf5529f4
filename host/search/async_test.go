package search

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func asyncConfig() Config {
	c := toyConfig()
	c.Mode = Async
	return c
}

func asyncDeps(log Log, workers int, e Evaluator) Deps {
	d := toyDeps(log, workers, e)
	d.Shaper = lastEpoch{timely: true}
	return d
}

// TestAsync: trials that end early are applied early, every rollout updates the
// policy, and trials are sampled from the newest one.
func TestAsync(t *testing.T) {
	log, oracle := &Memory{}, newOracle(1)
	oracle.hold = 6
	s := run(t, asyncConfig(), asyncDeps(log, 4, oracle))
	if s.Counts.Ended() != 30 || s.Counts.Updates != 7 || len(log.Waiting) != 0 {
		t.Fatalf("%+v, %d waiting", s.Counts, len(log.Waiting))
	}
	earlier := 0
	for i := range s.Trials {
		if s.Trials[i].DoneSeq < s.Trial(1).DoneSeq {
			earlier++
		}
	}
	if earlier < 3 { // six had ended, and each of three workers may still hold one
		t.Errorf("trial 1 was held back, but only %d trials were applied before it", earlier)
	}
	version := 0
	for e, err := range log.Events() {
		switch {
		case err != nil:
			t.Fatal(err)
		case e.Sampled != nil && e.Sampled.Version != version:
			t.Errorf("trial %d comes from version %d, not %d", e.Sampled.Trial, e.Sampled.Version, version)
		case e.Updated != nil:
			version = e.Updated.Version
		}
	}
}

// TestAsyncCrash kills an asynchronous study at its n-th operation, for all n:
// what the log held stays, and the study ends within its budget with a policy
// that a replay from the first event confirms.
func TestAsyncCrash(t *testing.T) {
	config := asyncConfig()
	config.Trials = 16
	for n := 1; ; n++ {
		log := &mortal{Memory: &Memory{}, left: n, late: n%2 == 0, power: n%3 == 0}
		_, err := try(t, config, asyncDeps(log, 3, newOracle(uint64(n))))
		if err == nil {
			break
		}
		if !errors.Is(err, errDead) {
			t.Fatalf("death %d: %v", n, err)
		}
		revive(t, log.Memory)
		before := story(t, log.Memory)
		s := run(t, config, asyncDeps(log.Memory, 3, newOracle(uint64(n+1000))))
		if !strings.HasPrefix(story(t, log.Memory), before) {
			t.Fatalf("death %d: resuming changed what the log held", n)
		}
		if s.Counts.Ended() != 16 || s.Counts.Updates != 4 {
			t.Fatalf("death %d: %+v", n, s.Counts)
		}
		log.Policies = nil // so that every update is replayed and compared
		run(t, config, asyncDeps(log.Memory, 1, newOracle(1)))
	}
}

// TestAsyncPause: a result that comes while the study stops is applied.
func TestAsyncPause(t *testing.T) {
	config := asyncConfig()
	config.Duplicates = Retrain
	ctx, cancel := context.WithCancel(t.Context())
	training := make(chan struct{}, 3)
	log := &Memory{}
	r, err := New(config, asyncDeps(log, 3, table(func(ctx context.Context, t Trial) (spec.Metrics, io.WriterTo, error) {
		training <- struct{}{}
		<-ctx.Done()
		if t.ID == 2 {
			return measured(0.5), strings.NewReader("weights"), nil
		}
		return spec.Metrics{}, nil, ctx.Err()
	})))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for range 3 {
			<-training
		}
		cancel()
	}()
	s, err := r.Run(ctx)
	if !errors.Is(err, ErrPaused) || s.Counts.OK != 1 || s.BestID != 2 || string(log.Weights[2]) != "weights" {
		t.Errorf("%v, %+v, best %d, weights %q", err, s.Counts, s.BestID, log.Weights[2])
	}
}

// TestTimeLimit: a child that takes too long is a failed trial.
func TestTimeLimit(t *testing.T) {
	config := asyncConfig()
	config.TimeLimitSeconds = 1e-9
	s, _ := play(t, config, 2, table(func(ctx context.Context, t Trial) (spec.Metrics, io.WriterTo, error) {
		if t.ID == 1 {
			return measured(0.5), nil, nil
		}
		<-ctx.Done()
		return spec.Metrics{}, nil, fmt.Errorf("stopped: %w", ctx.Err())
	}), layer(0, 0), layer(1, 0))
	if row := s.Trial(2); row.Status != event.Failed || row.Reason != "it took more than the limit of 1e-09 s" {
		t.Errorf("%s %q", row.Status, row.Reason)
	}
}

// TestAsyncSettledPolicy: when every proposal is the same network, the study
// does not sample its whole budget while the first is being trained.
func TestAsyncSettledPolicy(t *testing.T) {
	answers := make([]spec.Answers, 200)
	for i := range answers {
		answers[i] = layer(0, 0)
	}
	s, log := play(t, asyncConfig(), 2, table(func(context.Context, Trial) (spec.Metrics, io.WriterTo, error) {
		return measured(0.5), nil, nil
	}), answers...)
	if s.Counts.Duplicates != 199 || s.BestID != 1 {
		t.Errorf("%+v, best %d", s.Counts, s.BestID)
	}
	open, most := 0, 0
	for e, err := range log.Events() {
		switch {
		case err != nil:
			t.Fatal(err)
		case e.Sampled != nil:
			open++
			most = max(most, open)
		case e.Done != nil:
			open--
		}
	}
	if most > 2*2+block {
		t.Errorf("%d trials were open at once", most)
	}
}
