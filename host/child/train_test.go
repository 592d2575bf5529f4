package child

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// quick is a recipe for images of a few pixels.
func quick(epochs int) Recipe {
	r := Default()
	r.Epochs, r.Batch, r.Optimizer.LR, r.Augment = epochs, 8, 0.05, Augment{Whiten: "standardize"}
	return r
}

func train(t *testing.T, net *spec.Network, images, valid *data.Images, r Recipe, seed uint64) *Result {
	t.Helper()
	res, err := Train(context.Background(), net, images, valid, r, seed, nil)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestOverfits: a child learns 20 random images by heart, also with a last
// batch that is not full, and Evaluate agrees with what training has measured.
func TestOverfits(t *testing.T) {
	images := randomImages(20, 6, 6, 2, 3, 5)
	net := smallNet(6, 6, 2, 3, 8, 8)
	everyLevel(t, func(t *testing.T) {
		for _, name := range []string{"nesterov", "sgd", "adam"} {
			r := quick(40)
			r.Optimizer.Name = name
			if name == "adam" {
				r.Optimizer.LR = 0.01
			}
			res := train(t, net, images, images, r, 1)
			last := res.Metrics.Epochs[39]
			if last.TrainAccuracy != 1 || last.ValidAccuracy != 1 || last.ValidLoss > 0.1 {
				t.Errorf("%s: after 40 epochs: %+v", name, last)
			}
			first := res.Metrics.Epochs[0]
			if first.TrainLoss < 0.5 || first.TrainLoss > 3 {
				t.Errorf("%s: the first epoch's loss is %v, expected near ln 3", name, first.TrainLoss)
			}
			loss, accuracy, err := Evaluate(context.Background(), net, res.Weights, images, r)
			if err != nil || accuracy != last.ValidAccuracy || loss != last.ValidLoss {
				t.Errorf("%s: Evaluate gives %v, %v, %v; training measured %v, %v", name, loss, accuracy, err, last.ValidLoss, last.ValidAccuracy)
			}
		}
	})
}

// everything is a recipe and a network that use all random streams.
func everything() (*spec.Network, Recipe) {
	drop := spec.Node{Op: spec.OpDropout, Rate: 0.2}
	net := network(6, 6, 2, 3, convNode(4, 3, 3), norm, relu, drop, convNode(4, 3, 3), relu, drop, flatten, denseNode(3))
	r := quick(3)
	r.Augment.Upsample, r.Augment.CenterCrop, r.Augment.Flip, r.ClipNorm = 8, true, true, 1
	return net, r
}

func TestDeterminism(t *testing.T) {
	images, valid := randomImages(21, 6, 6, 2, 3, 5), randomImages(9, 6, 6, 2, 3, 6)
	net, r := everything()
	everyLevel(t, func(t *testing.T) {
		a, b, c := train(t, net, images, valid, r, 1), train(t, net, images, valid, r, 1), train(t, net, images, valid, r, 2)
		for _, res := range []*Result{a, b, c} {
			for i := range res.Metrics.Epochs {
				res.Metrics.Epochs[i].Seconds = 0
			}
		}
		if a.Weights.Hash() != b.Weights.Hash() || fmt.Sprint(a.Metrics) != fmt.Sprint(b.Metrics) {
			t.Error("the same seed gives another result")
		}
		if a.Weights.Hash() == c.Weights.Hash() {
			t.Error("another seed gives the same weights")
		}
	})
}

// TestSteps: a step allocates nothing, with one thread or with two.
func TestSteps(t *testing.T) {
	images := randomImages(21, 6, 6, 2, 3, 5)
	net, r := everything()
	joined := denselyJoined(6, 3, 4, true)
	joined.Task.Input = []int{6, 6, 2}
	joined.Nodes[len(joined.Nodes)-1].Units = 3
	joined.Task.Classes = 3
	everyLevel(t, func(t *testing.T) {
		for i, n := range []*spec.Network{net, joined, smallNet(6, 6, 2, 3, 8, 4)} {
			for _, optimizer := range []string{"nesterov", "adam"} {
				r.Optimizer.Name = optimizer
				trainer := Trainer{Recipe: r, Threads: 1 + i%2}
				run, err := trainer.start(n, images, images, 1)
				if err != nil {
					t.Fatal(err)
				}
				defer run.close()
				if count := testing.AllocsPerRun(5, func() {
					run.train.begin(1)
					for range run.perPass {
						run.learn()
					}
				}); count != 0 {
					t.Errorf("the steps of an epoch allocate %v times", count)
				}
				if count := testing.AllocsPerRun(5, func() {
					if _, _, err := evaluate(context.Background(), run.program, run.valid); err != nil {
						t.Error(err)
					}
				}); count != 0 {
					t.Errorf("evaluation allocates %v times", count)
				}
			}
		}
	})
}

// TestTrainingBytes: what a training will hold is known before, whether it fits
// and whatever the number of threads.
func TestTrainingBytes(t *testing.T) {
	images, valid := randomImages(21, 8, 8, 3, 10, 5), randomImages(9, 8, 8, 3, 10, 6)
	net, r := denselyJoined(8, 6, 8, false), quick(1)
	for _, limit := range []int64{0, 1 << 30, 60 << 10} {
		r.MemoryBytes = limit
		bytes, err := r.TrainingBytes(net, images.N, valid.N)
		trainer := Trainer{Recipe: r, Threads: 2}
		res, trained := trainer.Train(t.Context(), net, images, valid, 1)
		if fmt.Sprint(err) != fmt.Sprint(trained) || err == nil && bytes != res.Bytes {
			t.Errorf("limit %d: %d bytes expected, %v; training holds %d, %v", limit, bytes, err, res.Bytes, trained)
		}
		var failure *FailedError
		if (limit == 60<<10) != errors.As(err, &failure) {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
}

// TestLearnsFromAll: every image takes part once in an epoch.
func TestLearnsFromAll(t *testing.T) {
	images := randomImages(21, 4, 4, 1, 3, 5)
	trainer := Trainer{Recipe: quick(1)}
	r, err := trainer.start(smallNet(4, 4, 1, 3, 2), images, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	pass := r.train.(*imagePass)
	pass.begin(1)
	first := fmt.Sprint(pass.order)
	seen := map[int]bool{}
	for _, i := range pass.order {
		seen[i] = true
	}
	pass.begin(2)
	if len(seen) != 21 || fmt.Sprint(pass.order) == first {
		t.Errorf("%d images in the first epoch; orders %s, %v", len(seen), first, pass.order)
	}
	if r.perPass != 3 || r.steps != 3 {
		t.Errorf("%d steps an epoch, %d in all", r.perPass, r.steps)
	}
}

// TestProgress: epochs are reported as they end, with the clock that was given.
func TestProgress(t *testing.T) {
	images := randomImages(10, 4, 4, 1, 2, 5)
	now := time.Unix(0, 0)
	var seen []spec.Epoch
	var steps []string
	r := quick(3)
	r.LatencyRuns = 5
	trainer := Trainer{Recipe: r, OnEpoch: func(e spec.Epoch) { seen = append(seen, e) }, Now: func() time.Time {
		now = now.Add(time.Second / 4)
		return now
	}, OnStep: func(done, total int) { steps = append(steps, fmt.Sprintf("%d/%d", done, total)) }}
	net := smallNet(4, 4, 1, 2, 2)
	res, err := trainer.Train(context.Background(), net, images, images, 1)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(seen) != fmt.Sprint(res.Metrics.Epochs) || len(seen) != 3 {
		t.Errorf("reported %v, the result has %v", seen, res.Metrics.Epochs)
	}
	if got, want := strings.Join(steps, " "), "1/6 2/6 3/6 4/6 5/6 6/6"; got != want {
		t.Errorf("steps were %s, want %s", got, want)
	}
	for i, e := range seen {
		if e.Epoch != i+1 || e.Seconds != 0.25 || !(e.TrainLoss > 0) || !(e.ValidLoss > 0) {
			t.Errorf("epoch %d: %+v", i+1, e)
		}
	}
	plan, err := net.Infer()
	if err != nil {
		t.Fatal(err)
	}
	if m := res.Metrics; m.Params != plan.Params || m.MACs != plan.MACs || m.LatencySeconds != 0.25 {
		t.Errorf("%+v, the plan has %d parameters, %d MACs", m, plan.Params, plan.MACs)
	}
}

// TestCancel: training and evaluation stop between two steps.
func TestCancel(t *testing.T) {
	images := randomImages(40, 4, 4, 1, 2, 5)
	net := smallNet(4, 4, 1, 2, 2)
	cause := errors.New("the study was stopped")
	ctx, cancel := context.WithCancelCause(context.Background())
	epochs := 0
	res, err := Train(ctx, net, images, images, quick(1000), 1, func(spec.Epoch) {
		if epochs++; epochs == 3 {
			cancel(cause)
		}
	})
	if res != nil || !errors.Is(err, cause) || !strings.Contains(err.Error(), "epoch 4, step 1") {
		t.Errorf("result %v, error %v", res, err)
	}
	w := train(t, net, images, nil, quick(1), 1).Weights
	if _, _, err := Evaluate(ctx, net, w, images, quick(1)); !errors.Is(err, cause) {
		t.Errorf("Evaluate: %v", err)
	}
}

func TestDivergence(t *testing.T) {
	images := randomImages(40, 4, 4, 1, 2, 5)
	net := network(4, 4, 1, 2, convNode(4, 3, 3), relu, convNode(4, 3, 3), relu, flatten, denseNode(2))
	r := quick(5)
	r.Optimizer.LR = 1e6
	everyLevel(t, func(t *testing.T) {
		res, err := Train(context.Background(), net, images, images, r, 1, nil)
		var failure *FailedError
		if !errors.As(err, &failure) || !strings.HasPrefix(failure.Reason, "diverged at epoch 1, step ") {
			t.Fatalf("error %v", err)
		}
		if !strings.HasSuffix(failure.Reason, "loss is NaN") && !strings.HasSuffix(failure.Reason, "loss is +Inf") {
			t.Errorf("reason %q", failure.Reason)
		}
		if m := res.Metrics; !m.Failed || m.Reason != failure.Reason || m.Params == 0 || m.MACs == 0 || res.Weights != nil {
			t.Errorf("result %+v", res)
		}
	})
}

// TestDivergedWeights: weights that are not numbers are noticed even if the
// loss does not show them.
func TestDivergedWeights(t *testing.T) {
	images := randomImages(8, 4, 4, 1, 2, 5)
	trainer := Trainer{Recipe: quick(1)}
	r, err := trainer.start(smallNet(4, 4, 1, 2, 2), images, images, 1)
	if err != nil {
		t.Fatal(err)
	}
	// The only step of the epoch sees sound weights and spoils them.
	r.updater.m[0] = float32(math.Inf(1))
	err = r.run(context.Background(), &trainer)
	var failure *FailedError
	if !errors.As(err, &failure) || failure.Reason != "diverged at epoch 1, step 1: a weight is -Inf" {
		t.Errorf("error %v", err)
	}
}

// TestDivergedValidation: statistics that training does not read are noticed
// when the validation images meet them.
func TestDivergedValidation(t *testing.T) {
	images := randomImages(8, 4, 4, 1, 2, 5)
	trainer := Trainer{Recipe: quick(2)}
	r, err := trainer.start(smallNet(4, 4, 1, 2, 2), images, images, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range r.program.params {
		if q.role == roleVar {
			q.value[0] = float32(math.NaN())
		}
	}
	err = r.run(context.Background(), &trainer)
	var failure *FailedError
	if !errors.As(err, &failure) || failure.Reason != "diverged at epoch 1: the validation loss is NaN" {
		t.Errorf("error %v", err)
	}
}

// TestLastImage: a last batch of one image whose maps have one position trains
// too, and leaves sound statistics.
func TestLastImage(t *testing.T) {
	net := network(4, 4, 1, 2, convNode(3, 3, 3), norm, relu, global, denseNode(4), norm, relu, denseNode(2))
	everyLevel(t, func(t *testing.T) {
		one, nine := randomImages(1, 4, 4, 1, 2, 5), randomImages(9, 4, 4, 1, 2, 6)
		res := train(t, net, nine, one, quick(3), 1)
		for _, e := range res.Metrics.Epochs {
			if !(e.TrainLoss > 0 && e.ValidLoss > 0 && e.ValidLoss < 10) {
				t.Errorf("%+v", e)
			}
		}
		for _, tensor := range res.Weights.Tensors {
			for _, v := range tensor.Data {
				if strings.HasSuffix(tensor.Name, ".variance") && !(v > 0) {
					t.Errorf("%s is %v", tensor.Name, v)
				}
			}
		}
	})
}

func TestArguments(t *testing.T) {
	good, small := randomImages(4, 4, 4, 1, 2, 5), randomImages(4, 3, 4, 1, 2, 5)
	net := smallNet(4, 4, 1, 2, 2)
	wrongLabel := randomImages(4, 4, 4, 1, 2, 5)
	wrongLabel.Labels[2] = 2
	upsampled, bad := quick(1), quick(0)
	upsampled.Augment.Upsample = 3
	bad.Optimizer.Name = "newton"
	for want, f := range map[string]func() error{
		"training images are 3 x 4 x 1": func() error { _, err := Train(t.Context(), net, small, good, quick(1), 1, nil); return err },
		"validation images are 3 x 4":   func() error { _, err := Train(t.Context(), net, good, small, quick(1), 1, nil); return err },
		"image 2 has label 2":           func() error { _, err := Train(t.Context(), net, wrongLabel, good, quick(1), 1, nil); return err },
		"no training images":            func() error { _, err := Train(t.Context(), net, nil, good, quick(1), 1, nil); return err },
		"augment.upsample is 3":         func() error { _, err := Train(t.Context(), net, good, good, upsampled, 1, nil); return err },
		"newton":                        func() error { _, err := Train(t.Context(), net, good, good, bad, 1, nil); return err },
		"epochs is 0":                   func() error { _, err := Train(t.Context(), net, good, good, bad, 1, nil); return err },
		"unknown task type":             func() error { _, err := Train(t.Context(), &spec.Network{}, good, good, quick(1), 1, nil); return err },
	} {
		err := f()
		var failure *FailedError
		if err == nil || errors.As(err, &failure) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
