package search

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// outcome is the end of a trial that has no event yet.
type outcome struct {
	done event.Done
	// weights are the trained ones, nil if there are none or they are staged.
	weights io.WriterTo
	staged  bool
	saved   bool // the log holds it as pending
	derived bool // it comes out the same from what the log holds
	// err, if not nil, says that there is no end: the study was stopped, or
	// cannot go on.
	err error
}

// judge evaluates trials: it is what the workers do. Nothing in it changes.
type judge struct {
	config    Config
	evaluator Evaluator
	shaper    Shaper
	clock     func() time.Time
	live      func(event.Event)
}

// evaluate trains a trial and has the result judged. It is the one place where
// whatever goes wrong with a child becomes a failed trial.
func (j *judge) evaluate(ctx context.Context, t Trial) *outcome {
	o := &outcome{done: event.Done{Trial: t.ID}}
	start := j.clock()
	m, weights, err := j.train(ctx, t)
	o.done.Seconds = j.clock().Sub(start).Seconds()
	m.Params, m.MACs = t.Params, t.MACs
	o.done.Metrics = m
	var fatal *FatalError
	switch {
	case err != nil && ctx.Err() != nil:
		o.err = ctx.Err()
	case errors.As(err, &fatal):
		o.err = fmt.Errorf("search: trial %d: %w", t.ID, err)
	case err != nil:
		j.fail(&o.done, err.Error())
	case m.Failed:
		j.fail(&o.done, m.Reason)
	case len(m.Epochs) == 0:
		j.fail(&o.done, "the evaluator measured no epoch")
	default:
		o.err = j.reward(ctx, &o.done)
	}
	if o.err == nil && o.done.Status == event.OK {
		o.weights = weights
	}
	return o
}

// train calls the evaluator within the time limit and turns a panic into an
// error.
func (j *judge) train(ctx context.Context, t Trial) (m spec.Metrics, weights io.WriterTo, err error) {
	defer func() {
		if p := recover(); p != nil {
			weights, err = nil, fmt.Errorf("panic while training: %v", p)
		}
	}()
	limited := ctx
	if limit := j.config.TimeLimitSeconds; limit > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, time.Duration(limit*float64(time.Second)))
		defer cancel()
	}
	m, weights, err = j.evaluator.Evaluate(limited, t, func(e spec.Epoch) {
		j.live(event.Event{Type: event.TrialEpoch, Time: j.clock(), Epoch: &event.Epoch{Trial: t.ID, Epoch: e}})
	})
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		err = fmt.Errorf("it took more than the limit of %v s", j.config.TimeLimitSeconds)
	}
	return m, weights, err
}

// reward has done's metrics judged and completes done. It returns an error only
// if ctx ended meanwhile.
func (j *judge) reward(ctx context.Context, done *event.Done) error {
	m := done.Metrics
	if j.config.Mode == Deterministic {
		m = event.WithoutTimes(m) // a reward must not depend on the clock
	}
	r, err := j.shape(ctx, m)
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		j.fail(done, "reward: "+err.Error())
		done.Output = printed(err)
	case !finite(r.Reward):
		j.fail(done, fmt.Sprintf("reward: the shaper gave %v", r.Reward))
	default:
		done.Status, done.Reward = event.OK, r
	}
	return nil
}

func (j *judge) shape(ctx context.Context, m spec.Metrics) (r spec.Reward, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return j.shaper.Reward(ctx, m)
}

// fail makes done the end of a failed trial.
func (j *judge) fail(done *event.Done, reason string) {
	if reason == "" {
		reason = "the evaluator gave no reason"
	}
	done.Status, done.Reason = event.Failed, tidy(reason)
	done.Reward = spec.Reward{Reward: j.config.FailedReward}
}

// maxOutput bounds the length in bytes of what is kept of a plugin's output.
const maxOutput = 4000

// printed is the end of what the plugin that err tells of had printed.
func printed(err error) string {
	var guest interface{ Printed() string }
	if !errors.As(err, &guest) {
		return ""
	}
	text := strings.ToValidUTF8(guest.Printed(), "?")
	if len(text) <= maxOutput {
		return text
	}
	at := len(text) - maxOutput + len("…")
	for !utf8.RuneStart(text[at]) {
		at++
	}
	return "…" + text[at:]
}

// maxReason bounds the length in bytes of what a failed trial says of itself.
const maxReason = 1000

// tidy makes a reason one that a log gives back as it is.
func tidy(reason string) string {
	reason = strings.ToValidUTF8(reason, "?")
	if len(reason) <= maxReason {
		return reason
	}
	cut := maxReason - len("…")
	for !utf8.RuneStart(reason[cut]) {
		cut--
	}
	return reason[:cut] + "…"
}
