package child

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// run is one training under way.
type run struct {
	recipe         Recipe
	seed           uint64
	program        *Program
	updater        *updater
	train, valid   batches // valid may be nil
	supply         *supply // of images; nil for a text
	step           int     // done so far
	steps, perPass int     // of the whole training, of an epoch
	warmup         int
	epochs         []spec.Epoch
	bytes          int64
}

// options are those of the program that trains net on so many images, or
// tokens, and is measured on so many others.
func (r Recipe) options(net *spec.Network, train, valid int) Options {
	if net.Task.Type == spec.TaskText {
		return Options{
			BatchNorm: r.BatchNorm, MemoryBytes: r.MemoryBytes, StateFloats: r.Optimizer.floats(),
			Streams: r.Batch, SumSteps: r.Text.Loss == "sum", ReserveBytes: 2 * windowsBytes(r.steps(train), r.Batch),
		}
	}
	stride := 1
	for _, n := range net.Task.Input {
		stride *= n
	}
	return Options{
		BatchNorm: r.BatchNorm, MemoryBytes: r.MemoryBytes, StateFloats: r.Optimizer.floats(),
		ReserveBytes: feederBytes(train) + feederBytes(valid) + 8*int64(train) + supplyBytes(min(r.Batch, train), stride),
	}
}

// TrainingBytes is the memory that training net holds at once: on so many
// images, or tokens of a text, measured on so many others, which themselves are
// not counted. It does not depend on the number of threads. A *FailedError says
// why net could not be trained.
func (r Recipe) TrainingBytes(net *spec.Network, train, valid int) (int64, error) {
	batch := min(r.Batch, train)
	if net.Task.Type == spec.TaskText {
		batch = r.steps(train)
	}
	_, bytes, err := outline(net, batch, r.options(net, train, valid))
	return bytes, err
}

// steps is the number of steps of a window of a text of so many tokens.
func (r Recipe) steps(tokens int) int { return min(r.Text.Steps, predictions(tokens, r.Batch)) }

// start compiles net and prepares everything that steps need. The caller closes
// the run.
func (t *Trainer) start(net *spec.Network, train, valid *data.Images, seed uint64) (*run, error) {
	rec := t.Recipe
	batch, held := min(rec.Batch, train.N), 0
	if valid != nil {
		held = valid.N
	}
	r, err := t.begin(net, batch, rec.options(net, train.N, held), (train.N+batch-1)/batch, seed)
	if err != nil {
		return nil, err
	}
	r.supply = newSupply(r.program)
	r.train = newImagePass(r.supply, train, rec.Augment, true, seed)
	if valid != nil {
		r.valid = newImagePass(r.supply, valid, rec.Augment, false, seed)
	}
	return r, nil
}

// startText is start for a text.
func (t *Trainer) startText(net *spec.Network, train, valid []int32, seed uint64) (*run, error) {
	rec := t.Recipe
	steps := rec.steps(len(train))
	perPass := (predictions(len(train), rec.Batch) + steps - 1) / steps
	r, err := t.begin(net, steps, rec.options(net, len(train), len(valid)), perPass, seed)
	if err != nil {
		return nil, err
	}
	r.train = newWindows(r.program, train)
	if valid != nil {
		r.valid = newWindows(r.program, valid)
	}
	return r, nil
}

// begin compiles net and prepares what does not depend on the data.
func (t *Trainer) begin(net *spec.Network, batch int, options Options, perPass int, seed uint64) (*run, error) {
	rec := t.Recipe
	options.Threads = min(t.Threads, runtime.GOMAXPROCS(0))
	if t.Cores != nil {
		options.MaxThreads = runtime.GOMAXPROCS(0)
	}
	program, err := Compile(net, batch, options)
	if err != nil {
		return nil, err
	}
	if rec.InitRange > 0 {
		program.InitUniform(seed, rec.InitRange)
	} else {
		program.Init(seed)
	}
	r := &run{
		recipe: rec, seed: seed, program: program, updater: newUpdater(rec.Optimizer, program), perPass: perPass,
		bytes: program.Bytes() + options.ReserveBytes + 4*options.StateFloats*program.Params(),
	}
	r.steps = rec.Epochs * r.perPass
	r.warmup = int(rec.Schedule.WarmupEpochs * float64(r.perPass))
	return r, nil
}

func (r *run) close() {
	if r.supply != nil {
		r.supply.close()
	}
	r.program.Close()
}

// run trains for all epochs.
func (r *run) run(ctx context.Context, t *Trainer) error {
	now := t.Now
	if now == nil {
		now = time.Now
	}
	for epoch := 1; epoch <= r.recipe.Epochs; epoch++ {
		begin := now()
		e := spec.Epoch{Epoch: epoch}
		if epoch > 1 && t.Cores != nil {
			r.program.SetThreads(t.Cores())
			if r.supply != nil {
				r.supply.staff()
			}
		}
		if err := r.pass(ctx, t, &e); err != nil {
			return err
		}
		if r.valid != nil {
			var err error
			r.updater.average.exchange()
			if e.ValidLoss, e.ValidAccuracy, err = evaluate(ctx, r.program, r.valid); err != nil {
				return err
			}
			r.updater.average.exchange()
			if !finite(e.ValidLoss) {
				return failed("diverged at epoch %d: the validation loss is %v", epoch, e.ValidLoss)
			}
		}
		e.Seconds = now().Sub(begin).Seconds()
		r.epochs = append(r.epochs, e)
		if t.OnEpoch != nil {
			t.OnEpoch(e)
		}
	}
	r.updater.average.exchange()
	return nil
}

// pass trains on all images, or on the whole text, once. The epoch's training
// loss and accuracy are those of the batches as they were met.
func (r *run) pass(ctx context.Context, t *Trainer, e *spec.Epoch) error {
	reseed(&r.program.dropping, r.seed, streamDropout, e.Epoch)
	r.train.begin(e.Epoch)
	sum, right, seen := 0.0, 0, 0
	for i := range r.perPass {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("child: training stopped at epoch %d, step %d: %w", e.Epoch, i+1, context.Cause(ctx))
		}
		loss, correct, count := r.learn()
		if !finite(loss) {
			return failed("diverged at epoch %d, step %d: loss is %v", e.Epoch, i+1, loss)
		}
		sum += loss
		right += correct
		seen += count
		if t.OnStep != nil {
			t.OnStep(r.step, r.steps)
		}
	}
	for _, w := range r.program.Learned() {
		if !finite(float64(w)) {
			return failed("diverged at epoch %d, step %d: a weight is %v", e.Epoch, r.perPass, w)
		}
	}
	e.TrainLoss, e.TrainAccuracy = sum/float64(seen), float64(right)/float64(seen)
	return nil
}

// learn takes one optimiser step on the next batch, of count predictions. It
// allocates nothing.
func (r *run) learn() (loss float64, correct, count int) {
	p := r.program
	labels := r.train.take()
	p.Forward(p.examples(labels), true)
	loss, correct = p.Backward(labels)
	if r.recipe.ClipNorm > 0 {
		r.updater.clip(r.recipe.ClipNorm)
	}
	r.updater.step(r.recipe.Optimizer.LR * r.recipe.Schedule.Rate(r.step, r.steps, r.warmup, r.recipe.Epochs))
	if r.step++; (r.step-1)/r.perPass+1 >= r.recipe.Optimizer.AverageFrom {
		r.updater.average.add()
	}
	return loss, correct, len(labels)
}
