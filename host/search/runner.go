package search

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/strategy"
)

// Runner runs one study once. All its fields belong to the goroutine that
// calls Run.
type Runner struct {
	config   Config
	deps     Deps
	judge    *judge
	strategy strategy.Strategy
	schedule schedule
	pool     *pool
	stages   map[int]Space // by scheduled depth

	state event.State
	// samples are the trials that are still needed: to train them, or to
	// learn from them.
	samples map[int]*event.Sampled
	groups  map[string][]int // trials by network, ascending; not with Retrain
	// training are the trials in the pool, outcomes those that have ended and
	// have no event, and arrivals their order.
	training map[int]bool
	outcomes map[int]*outcome
	arrivals []int
	early    map[int]event.Done // trained before a resume, not yet begun
	rollout  []int              // trials that ended since the last update

	unsaid    []event.Event  // appended, not committed
	applied   []*outcome     // appended, not committed
	leader    *event.Sampled // the best trial
	published int            // the trial in best/
	lost      int            // the best trial, if its weights were lost before the study was resumed
	untrained []byte         // snapshot of version 0
	past      map[int][]byte // earlier versions, when trials are sampled late
	snapshot  int            // policy version of the last snapshot

	watching sync.Mutex // serialises Observe
}

// ErrAllFailed: every trial of the study failed.
var ErrAllFailed = errors.New("search: all trials failed")

// ErrPaused: the study was stopped in good order and can be resumed.
var ErrPaused = errors.New("search: paused")

// AllFailedError is an ErrAllFailed with the reasons.
type AllFailedError struct{ Failures []event.Failure }

func (e *AllFailedError) Error() string {
	f := e.Failures[0]
	return fmt.Sprintf("search: all trials failed, %d of them with: %s", len(f.Trials), f.Reason)
}

func (e *AllFailedError) Is(target error) bool { return target == ErrAllFailed }

// New prepares a study. It reports every problem of the configuration.
func New(c Config, d Deps) (*Runner, error) {
	if err := errors.Join(c.Validate(), d.fill()); err != nil {
		return nil, err
	}
	r := &Runner{
		config:   c,
		deps:     d,
		stages:   map[int]Space{},
		samples:  map[int]*event.Sampled{},
		groups:   map[string][]int{},
		training: map[int]bool{},
		outcomes: map[int]*outcome{},
	}
	r.judge = &judge{config: c, evaluator: d.Evaluator, shaper: d.Shaper, clock: d.Clock, live: r.observe}
	return r, nil
}

// Run begins the study, or resumes it if the log holds events, and returns its
// state when its last trial has ended.
//
// When ctx ends or somebody asks the study to stop, what has been achieved is
// kept and the error is ErrPaused.
// Other errors are ErrAllFailed, ErrChanged, ErrReplay, those of the log, of
// the search space and the strategy, and a *FatalError of the evaluator. In any
// case the log says how the study stands, and the state is what has happened.
func (r *Runner) Run(ctx context.Context) (*event.State, error) {
	err := r.run(ctx)
	switch {
	case err == nil:
		err = r.deps.Log.SetState(event.StudyDone, "")
	case errors.Is(err, ErrPaused):
		if failed := r.deps.Log.SetState(event.StudyPaused, ""); failed != nil {
			err = failed
		}
	case errors.Is(err, ErrChanged): // there is nothing wrong with the study
	default:
		// If it is the log that failed, this fails too and adds nothing.
		_ = r.deps.Log.SetState(event.StudyFailed, err.Error())
	}
	return &r.state, err
}

func (r *Runner) run(ctx context.Context) error {
	r.pool = newPool(ctx, r.deps.Workers, r.judge.evaluate)
	err := r.resume(ctx)
	resumed := err == nil
	if resumed {
		err = r.loop(ctx)
	}
	stopped := ctx.Err() != nil || errors.Is(err, ErrPaused)
	rest := r.pool.stop()
	if err == nil {
		return r.verdict()
	}
	if resumed {
		if failed := r.keep(context.WithoutCancel(ctx), rest); failed != nil && stopped {
			return failed
		}
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ErrPaused, context.Cause(ctx))
	}
	return err
}

// loop is everything between the first trial and the end.
func (r *Runner) loop(ctx context.Context) error {
	for {
		if err := r.control(ctx); err != nil {
			return err
		}
		if r.state.Ended != nil {
			return r.recoverWeights(ctx)
		}
		if err := r.advance(ctx); err != nil {
			return err
		}
		if r.state.Counts.Ended() == r.state.Budget {
			if err := r.end(ctx); err != nil {
				return err
			}
			continue
		}
		if r.pool.under == 0 && !r.state.Paused {
			return errors.New("search: no trial is being trained and none can be; this is a bug of the program")
		}
		select {
		case o := <-r.pool.results:
			// Requests that wait come first: a trial is cancelled although its
			// result has just come.
			err := r.control(ctx)
			if received := r.receive(ctx, o); err == nil {
				err = received
			}
			if err != nil {
				return err
			}
		case q, open := <-r.deps.Requests:
			if err := r.grant(ctx, q, open); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// verdict is the error of a study that has ended.
func (r *Runner) verdict() error {
	if r.state.Counts.OK == 0 {
		return &AllFailedError{Failures: r.state.Failures()}
	}
	return nil
}

// keep saves what has been achieved when the study stops before its end. rest
// are the results that came while the workers ended.
func (r *Runner) keep(ctx context.Context, rest []*outcome) error {
	for _, o := range rest {
		if o.err == nil {
			if err := r.accept(ctx, o); err != nil {
				return err
			}
		}
	}
	// In deterministic mode nothing more may be applied before it is known
	// what would have been sampled; settle keeps it as pending.
	for r.config.Mode == Async && (r.updateDue() || r.next() != 0) {
		var err error
		if r.updateDue() {
			err = r.update(ctx)
		} else {
			err = r.apply(r.next())
		}
		if err != nil {
			return err
		}
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	return r.savePolicy(1)
}
