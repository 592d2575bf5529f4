package controller

import (
	"context"
	"fmt"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Space is a search space as the controller sees it: it asks one decision after
// the other.
type Space interface {
	Info() spec.SpaceInfo
	// Next returns the step that follows the prefix. prev is the step that the
	// prefix's last answer replied to, and zero for the empty prefix. Next
	// keeps neither.
	Next(ctx context.Context, prev spec.Step, prefix spec.Answers) (spec.Step, error)
}

// Episode is one walk through a space: the decisions and their answers.
type Episode struct {
	ID      int // the caller's number of the episode
	Version int // updates that the policy had seen
	// Steps holds the decisions, without the final done; as long as Answers.
	Steps   []spec.Step
	Answers spec.Answers
	// LogProb is the sum of StepLogProbs, the log-probabilities in nats of each
	// answer given those before it, when it was sampled.
	LogProb      float64
	StepLogProbs []float64
	// StepEntropies are the entropies in nats of the steps' distributions.
	StepEntropies []float64
}

// Reply is an answer with the probability it had.
type Reply struct {
	Answer  spec.Answer
	LogProb float64 // nats
	Entropy float64 // nats, of the distribution it was drawn from
}

// StepError says at which step an episode went wrong.
type StepError struct {
	Space    string // empty where only the episode is known
	Step     int    // from 0
	Decision string // name; empty if there is none
	Err      error
}

func (e *StepError) Error() string {
	where := fmt.Sprintf("step %d", e.Step)
	if e.Space != "" {
		where = fmt.Sprintf("space %s: %s", e.Space, where)
	}
	if e.Decision != "" {
		where = fmt.Sprintf("%s (%s)", where, e.Decision)
	}
	return fmt.Sprintf("%s: %v", where, e.Err)
}

func (e *StepError) Unwrap() error { return e.Err }

// Walk asks space for decisions until it is done and lets decide answer them;
// i counts the decisions from 0. It returns a *StepError if the space fails,
// asks something illegal or more than MaxSteps decisions, if decide fails or
// answers illegally, or if ctx ends.
func Walk(ctx context.Context, space Space, decide func(i int, d *spec.Decision) (Reply, error)) (Episode, error) {
	info := space.Info()
	var e Episode
	var prev spec.Step
	anchors := 0
	for i := 0; ; i++ {
		fail := func(d *spec.Decision, err error) (Episode, error) {
			se := &StepError{Space: info.Name, Step: i, Err: err}
			if d != nil {
				se.Decision = d.Name
			}
			return Episode{}, se
		}
		if err := ctx.Err(); err != nil {
			return fail(nil, err)
		}
		step, err := space.Next(ctx, prev, e.Answers)
		if err != nil {
			return fail(nil, err)
		}
		if err := info.Check(step, anchors); err != nil {
			return fail(step.Decision, err)
		}
		if step.Done {
			return e, nil
		}
		d := step.Decision
		if i >= info.MaxSteps {
			return fail(d, fmt.Errorf("the space asks another decision after its declared max_steps of %d", info.MaxSteps))
		}
		r, err := decide(i, d)
		if err != nil {
			return fail(d, err)
		}
		if err := info.CheckAnswer(*d, r.Answer); err != nil {
			return fail(d, err)
		}
		if d.Anchor {
			anchors++
		}
		e.add(step, r)
		prev = step
	}
}

func (e *Episode) add(step spec.Step, r Reply) {
	e.Steps = append(e.Steps, step)
	e.Answers = append(e.Answers, r.Answer)
	e.LogProb += r.LogProb
	e.StepLogProbs = append(e.StepLogProbs, r.LogProb)
	e.StepEntropies = append(e.StepEntropies, r.Entropy)
}

// Replay walks space along known answers, as read from a journal, and returns
// the steps they reply to. The answers must be one whole episode.
func Replay(ctx context.Context, space Space, answers spec.Answers) ([]spec.Step, error) {
	e, err := Walk(ctx, space, func(i int, _ *spec.Decision) (Reply, error) {
		if i == len(answers) {
			return Reply{}, fmt.Errorf("the episode has only %d answers", len(answers))
		}
		return Reply{Answer: answers[i]}, nil
	})
	if err != nil {
		return nil, err
	}
	if len(e.Steps) != len(answers) {
		return nil, fmt.Errorf("space %s: done after %d of the episode's %d answers", space.Info().Name, len(e.Steps), len(answers))
	}
	return e.Steps, nil
}
