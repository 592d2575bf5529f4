package child

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Result is what training a child yields.
type Result struct {
	Metrics spec.Metrics // of all epochs; Failed and Reason are set with a *FailedError
	Weights *Weights     // after the last epoch; nil if it failed
	Bytes   int64        // of memory that training held
}

// Trainer trains children.
type Trainer struct {
	Recipe Recipe
	// Threads is how many processors may work on the child. Results do not
	// depend on it. At least 1; default 1.
	Threads int
	// Cores, if set, is asked before every epoch but the first how many they are
	// from then on. It takes the place of Threads.
	Cores func() int
	// OnEpoch, if set, is called after every epoch.
	OnEpoch func(spec.Epoch)
	// OnStep, if set, is called after every step of the optimiser with the steps
	// so far and those of the whole training.
	OnStep func(done, total int)
	// Now is the clock for Epoch.Seconds and the latency, which nothing else
	// depends on. Default time.Now.
	Now func() time.Time
}

// Train trains net by the recipe r; see Trainer.Train.
func Train(ctx context.Context, net *spec.Network, train, valid *data.Images, r Recipe, seed uint64, onEpoch func(spec.Epoch)) (*Result, error) {
	t := Trainer{Recipe: r, OnEpoch: onEpoch}
	return t.Train(ctx, net, train, valid, seed)
}

// Train trains net on the images of train and measures it on those of valid
// after every epoch; valid may be nil. The same net, images, recipe, seed and
// kernel level give the same bits.
//
// With a *FailedError, a failed trial, the Result holds the metrics up to the
// failure. Any other error comes with no result: ctx has ended, which is looked
// at between steps, or the arguments do not fit together.
func (t *Trainer) Train(ctx context.Context, net *spec.Network, train, valid *data.Images, seed uint64) (*Result, error) {
	plan, err := check("training", net, train, t.Recipe)
	if err == nil && valid != nil {
		err = checkImages("validation", net, valid, t.Recipe.Augment)
	}
	if err != nil {
		return nil, err
	}
	return t.train(ctx, plan,
		func() (*run, error) { return t.start(net, train, valid, seed) },
		func(w *Weights) (float64, error) { return t.latency(ctx, net, w, train) })
}

// TrainText trains the language model net on the text train, token ids, and
// measures it on valid after every epoch; valid may be nil. It is otherwise like
// Train; losses are in nats per token. Recipe.Batch is the number of streams
// that a text is cut into, Recipe.Text the rest of what only texts need. The
// last tokens of train, fewer than there are streams, are left out; valid is
// read as EvaluateText reads a text.
func (t *Trainer) TrainText(ctx context.Context, net *spec.Network, train, valid []int32, seed uint64) (*Result, error) {
	plan, err := checkText("training", net, train, t.Recipe)
	if err == nil && valid != nil {
		_, err = checkText("validation", net, valid, t.Recipe)
	}
	if err != nil {
		return nil, err
	}
	return t.train(ctx, plan,
		func() (*run, error) { return t.startText(net, train, valid, seed) },
		func(w *Weights) (float64, error) { return t.textLatency(ctx, net, w, train) })
}

// train starts and does a run of what plan says, and times what comes of it.
func (t *Trainer) train(ctx context.Context, plan *spec.Plan, start func() (*run, error), latency func(*Weights) (float64, error)) (*Result, error) {
	res := &Result{Metrics: spec.Metrics{Params: plan.Params, MACs: plan.MACs}}
	r, err := start()
	if err == nil {
		defer r.close()
		err = r.run(ctx, t)
		res.Metrics.Epochs = r.epochs
	}
	var failure *FailedError
	if errors.As(err, &failure) {
		res.Metrics.Failed, res.Metrics.Reason = true, failure.Reason
		return res, err
	}
	if err != nil {
		return nil, err
	}
	res.Weights, res.Bytes = r.program.Weights(), r.bytes
	if t.Recipe.LatencyRuns > 0 {
		if res.Metrics.LatencySeconds, err = latency(res.Weights); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// check refuses a recipe or network that is not valid, and images that do not
// suit them; what says what the images are for.
func check(what string, net *spec.Network, images *data.Images, r Recipe) (*spec.Plan, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	plan, err := net.Infer()
	if err != nil {
		return nil, fmt.Errorf("child: %w", err)
	}
	return plan, checkImages(what, net, images, r.Augment)
}

func checkImages(what string, net *spec.Network, m *data.Images, a Augment) error {
	if m == nil || m.N == 0 {
		return fmt.Errorf("child: there are no %s images", what)
	}
	if net.Task.Type != spec.TaskImage {
		return fmt.Errorf("child: the network is for a task of type %q, which images are not", net.Task.Type)
	}
	in := net.Task.Input
	switch {
	case m.H != in[0] || m.W != in[1] || m.C != in[2]:
		return fmt.Errorf("child: the %s images are %d x %d x %d, the network takes %v", what, m.H, m.W, m.C, in)
	case a.Upsample > 0 && a.Upsample < m.H:
		return fmt.Errorf("child: recipe: augment.upsample is %d, less than the images' height %d", a.Upsample, m.H)
	}
	if err := m.Validate(net.Task.Classes); err != nil {
		return fmt.Errorf("child: %s images: %w", what, err)
	}
	return nil
}

// checkText is check for a text.
func checkText(what string, net *spec.Network, text []int32, r Recipe) (*spec.Plan, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	if r.Text.Steps == 0 {
		return nil, errors.New("child: recipe: text.steps is 0: it is a recipe for images; start from one for texts, such as ptb-small")
	}
	plan, err := net.Infer()
	switch {
	case err != nil:
		return nil, fmt.Errorf("child: %w", err)
	case net.Task.Type != spec.TaskText:
		return nil, fmt.Errorf("child: the network is for a task of type %q, which a text is not", net.Task.Type)
	case len(text) <= r.Batch:
		return nil, fmt.Errorf("child: the %s text has %d tokens, too few for %d streams of at least one prediction each", what, len(text), r.Batch)
	}
	for i, token := range text {
		if uint(token) >= uint(net.Task.Classes) {
			return nil, fmt.Errorf("child: token %d of the %s text is %d, the vocabulary has %d", i, what, token, net.Task.Classes)
		}
	}
	return plan, nil
}
