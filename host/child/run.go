package child

import (
	"context"
	"fmt"
	"math/rand/v2"
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
	train, valid   *feeder // valid may be nil
	order          []int   // of the training images
	supply         *supply
	generator      rand.PCG
	rng            *rand.Rand
	step           int // done so far
	steps, perPass int // of the whole training, of an epoch
	warmup         int
	epochs         []spec.Epoch
	bytes          int64
}

// options are those of the program that trains net on so many images and is
// measured on so many others.
func (r Recipe) options(net *spec.Network, train, valid int) Options {
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
// images, measured on so many others, which themselves are not counted. It does
// not depend on the number of threads. A *FailedError says why net could not be
// trained.
func (r Recipe) TrainingBytes(net *spec.Network, train, valid int) (int64, error) {
	_, bytes, err := outline(net, min(r.Batch, train), r.options(net, train, valid))
	return bytes, err
}

// start compiles net and prepares everything that steps need. The caller closes
// the run.
func (t *Trainer) start(net *spec.Network, train, valid *data.Images, seed uint64) (*run, error) {
	rec := t.Recipe
	batch, held := min(rec.Batch, train.N), 0
	if valid != nil {
		held = valid.N
	}
	options := rec.options(net, train.N, held)
	options.Threads = min(t.Threads, runtime.GOMAXPROCS(0))
	if t.Cores != nil {
		options.MaxThreads = runtime.GOMAXPROCS(0)
	}
	program, err := Compile(net, batch, options)
	if err != nil {
		return nil, err
	}
	program.Init(seed)
	r := &run{
		recipe: rec, seed: seed, program: program, updater: newUpdater(rec.Optimizer, program),
		train: newFeeder(train, rec.Augment, true), order: make([]int, train.N), supply: newSupply(program),
		perPass: (train.N + batch - 1) / batch,
		bytes:   program.Bytes() + options.ReserveBytes + 4*options.StateFloats*program.Params(),
	}
	if valid != nil {
		r.valid = newFeeder(valid, rec.Augment, false)
	}
	r.rng = rand.New(&r.generator)
	r.steps = rec.Epochs * r.perPass
	r.warmup = int(rec.Schedule.WarmupEpochs * float64(r.perPass))
	return r, nil
}

func (r *run) close() {
	r.supply.close()
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
			r.supply.staff()
		}
		if err := r.pass(ctx, &e); err != nil {
			return err
		}
		if r.valid != nil {
			var err error
			if e.ValidLoss, e.ValidAccuracy, err = evaluate(ctx, r.supply, r.valid); err != nil {
				return err
			}
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
	return nil
}

// pass trains on every image once. The epoch's training loss and accuracy are
// those of the batches as they were met.
func (r *run) pass(ctx context.Context, e *spec.Epoch) error {
	r.shuffle(e.Epoch)
	reseed(&r.generator, r.seed, streamAugment, e.Epoch)
	reseed(&r.program.dropping, r.seed, streamDropout, e.Epoch)
	r.supply.begin(r.train, r.order, r.rng)
	sum, right := 0.0, 0
	for i := range r.perPass {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("child: training stopped at epoch %d, step %d: %w", e.Epoch, i+1, context.Cause(ctx))
		}
		loss, correct := r.learn()
		if !finite(loss) {
			return failed("diverged at epoch %d, step %d: loss is %v", e.Epoch, i+1, loss)
		}
		sum += loss
		right += correct
	}
	for _, w := range r.program.Learned() {
		if !finite(float64(w)) {
			return failed("diverged at epoch %d, step %d: a weight is %v", e.Epoch, r.perPass, w)
		}
	}
	e.TrainLoss, e.TrainAccuracy = sum/float64(len(r.order)), float64(right)/float64(len(r.order))
	return nil
}

// shuffle puts the training images into the order of an epoch, which depends
// on no other epoch.
func (r *run) shuffle(epoch int) {
	reseed(&r.generator, r.seed, streamOrder, epoch)
	for i := range r.order {
		r.order[i] = i
	}
	for i := len(r.order) - 1; i > 0; i-- {
		j := r.rng.IntN(i + 1)
		r.order[i], r.order[j] = r.order[j], r.order[i]
	}
}

// learn takes one optimiser step on the next batch. It allocates nothing.
func (r *run) learn() (loss float64, correct int) {
	p := r.program
	labels := r.supply.take()
	p.Forward(len(labels), true)
	loss, correct = p.Backward(labels)
	if r.recipe.ClipNorm > 0 {
		clip(p.Gradient(), r.recipe.ClipNorm)
	}
	r.updater.step(r.recipe.Optimizer.LR * r.recipe.Schedule.Rate(r.step, r.steps, r.warmup))
	r.step++
	return loss, correct
}
