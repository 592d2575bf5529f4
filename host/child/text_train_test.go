package child

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// textRecipe is a recipe for texts of a few hundred tokens.
func textRecipe(epochs int) Recipe {
	r := zaremba(epochs, 6, 0.3, 2, 0.8)
	r.Batch = 4
	return r
}

// markov is a source whose next of 4 tokens depends on the last two.
func markov() (next [16][4]float64) {
	rng := rand.New(rand.NewPCG(4, 4))
	for i := range next {
		total := 0.0
		for k := range next[i] {
			next[i][k] = math.Pow(rng.Float64(), 4) + 0.01
			total += next[i][k]
		}
		for k := range next[i] {
			next[i][k] /= total
		}
	}
	return next
}

// order2 is a text of the source.
func order2(tokens int, seed uint64) []int32 {
	next, rng := markov(), rand.New(rand.NewPCG(seed, 5))
	text := []int32{0, 0}
	for len(text) < tokens {
		n := len(text)
		u, token := rng.Float64(), int32(0)
		for _, p := range next[text[n-2]*4+text[n-1]][:3] {
			if u >= p {
				token++
				u -= p
			} else {
				break
			}
		}
		text = append(text, token)
	}
	return text
}

// entropy is that of the source in nats per token: the mean over the stationary
// distribution of pairs.
func entropy() float64 {
	next := markov()
	var pairs [16]float64
	pairs[0] = 1
	for range 10000 {
		var after [16]float64
		for i, p := range pairs {
			for k, q := range next[i] {
				after[i%4*4+k] += p * q
			}
		}
		pairs = after
	}
	h := 0.0
	for i, p := range pairs {
		for _, q := range next[i] {
			h -= p * q * math.Log(q)
		}
	}
	return h
}

func trainText(t *testing.T, net *spec.Network, train, valid []int32, r Recipe, seed uint64) *Result {
	t.Helper()
	trainer := Trainer{Recipe: r}
	res, err := trainer.TrainText(t.Context(), net, train, valid, seed)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// TestLearnsMarkov: a child comes near the entropy of a source of order 2,
// which one without a state cannot, and does not go below it; EvaluateText
// agrees with what training has measured.
func TestLearnsMarkov(t *testing.T) {
	train, valid := order2(20000, 1), order2(8000, 2)
	best := entropy()
	end := denseNode(4)
	for _, test := range []struct {
		node spec.Node
		near bool
	}{{recurrentNode("lstm", 16, 1, 0), true}, {relu, false}} {
		for _, optimizer := range []string{"sgd", "asgd", "adam"} {
			net := textNetwork(4, embeddingNode(4, 16), test.node, end)
			r := textRecipe(10)
			r.Batch, r.Text.Steps, r.Schedule.ConstantEpochs = 10, 20, 8
			r.Optimizer.Name, r.Optimizer.LR = optimizer, 0.2
			switch optimizer {
			case "asgd":
				r.Optimizer.AverageFrom, r.Schedule = 9, Schedule{Name: "constant"}
			case "adam":
				r.Optimizer.LR, r.Text.Loss = 0.01, "mean"
			}
			res := trainText(t, net, train, valid, r, 1)
			last := res.Metrics.Epochs[9]
			if near := last.ValidLoss < best*1.03; near != test.near || last.ValidLoss < best*0.98 {
				t.Errorf("%s, %s: loss %.4f, the source's entropy is %.4f", test.node.Op, optimizer, last.ValidLoss, best)
			}
			loss, accuracy, err := EvaluateText(t.Context(), net, res.Weights, valid, r)
			if err != nil || loss != last.ValidLoss || accuracy != last.ValidAccuracy {
				t.Errorf("%s: EvaluateText gives %v, %v, %v; training measured %+v", optimizer, loss, accuracy, err, last)
			}
		}
	}
}

// TestTextThreads: no number of threads changes a bit, nor does one that
// changes from epoch to epoch; other seeds do.
func TestTextThreads(t *testing.T) {
	train, valid := order2(400, 1), order2(150, 2)
	net := textNetwork(4, from("e", embeddingNode(4, 40), "input"), dropNode(0.2, true), recurrentNode("lstm", 40, 2, 0.2), dropNode(0.2, false),
		spec.Node{Op: spec.OpDense, Units: 4, Tied: "e", Bias: true})
	everyLevel(t, func(t *testing.T) {
		for _, optimizer := range []string{"sgd", "asgd", "nesterov"} {
			r := textRecipe(3)
			r.Optimizer.Name = optimizer
			switch optimizer {
			case "asgd":
				r.Optimizer.AverageFrom = 2
			case "nesterov":
				r.Optimizer.Momentum, r.Optimizer.LR = 0.5, 0.3
			}
			want := ""
			for i, threads := range []int{1, 2, 3, 1, 1} {
				trainer, seed := Trainer{Recipe: r, Threads: threads}, uint64(1)
				switch i {
				case 3:
					turn := 0
					trainer.Cores = func() int { turn++; return 1 + turn%3 }
				case 4:
					seed = 2
				}
				res, err := trainer.TrainText(t.Context(), net, train, valid, seed)
				if err != nil {
					t.Fatal(err)
				}
				for i := range res.Metrics.Epochs {
					res.Metrics.Epochs[i].Seconds = 0
				}
				got := fmt.Sprint(res.Weights.Hash(), res.Metrics, res.Bytes)
				if want == "" {
					want = got
				}
				if (got == want) != (seed == 1) {
					t.Errorf("%s, training %d gives %s, the first %s", optimizer, i, got, want)
				}
			}
		}
	})
}

// TestTextSteps: the steps of an epoch and its evaluation allocate nothing.
func TestTextSteps(t *testing.T) {
	train, valid := order2(200, 1), order2(100, 2)
	everyLevel(t, func(t *testing.T) {
		for name, net := range textNetworks() {
			r := textRecipe(3)
			r.Optimizer.Name, r.Optimizer.AverageFrom = "asgd", 1
			trainer := Trainer{Recipe: r, Threads: 2}
			run, err := trainer.startText(net, train, valid, 1)
			if err != nil {
				t.Fatal(err)
			}
			if count := testing.AllocsPerRun(3, func() {
				run.train.begin(1)
				for range run.perPass {
					run.learn()
				}
				if _, _, err := evaluate(t.Context(), run.program, run.valid); err != nil {
					t.Error(err)
				}
			}); count != 0 {
				t.Errorf("%s: an epoch allocates %v times", name, count)
			}
			run.close()
		}
	})
}

// TestRareWords: a plain step that looks only at the rows of the window's words
// is one that looks at all, with and without clipping.
func TestRareWords(t *testing.T) {
	net := textNetworks()["tables"] // one table is shared, one is not
	plain, dense := newPassage(t, net, 4, 3, Options{}, 1), newPassage(t, net, 4, 3, Options{}, 1)
	a, b := newUpdater(Optimizer{Name: "sgd", Decay: "all"}, plain.program), newUpdater(Optimizer{Name: "sgd", Decay: "all", WeightDecay: 1e-30}, dense.program)
	if a.m != nil || b.m == nil || plain.program.plan.scattered == 0 || plain.program.plan.replaced == 0 {
		t.Fatalf("%+v", plain.program.plan)
	}
	for i := range 6 {
		tokens, labels := plain.draw(4)
		plain.learn(tokens, labels)
		dense.learn(tokens, labels)
		near(t, "gradient", plain.program.Gradient(), widen(dense.program.Gradient()), 1e-6)
		if i > 2 {
			a.clip(0.1)
			b.clip(0.1)
		}
		a.step(0.5)
		b.step(0.5)
		near(t, "weights", plain.program.Learned(), widen(dense.program.Learned()), 1e-6)
	}
}

// TestAverage: the result of asgd is the mean of the weights after each step
// since the epoch that was asked for.
func TestAverage(t *testing.T) {
	p := tiny(t)
	u := newUpdater(Optimizer{Name: "asgd", Decay: "all", AverageFrom: 1}, p)
	copy(p.Gradient(), []float32{1, 2, 0, -1})
	for range 3 {
		u.step(1)
		u.average.add()
	}
	u.average.exchange()
	near(t, "mean", p.Learned(), []float64{1 - 2, -2 - 4, 0.5, 3 + 2}, 1e-6)
	u.average.exchange()
	near(t, "last", p.Learned(), []float64{1 - 3, -2 - 6, 0.5, 3 + 3}, 1e-6)
}

func TestTextFailures(t *testing.T) {
	text := order2(200, 1)
	net := textNetworks()["tied"]
	wild, narrow := textRecipe(4), textRecipe(4)
	wild.Optimizer.LR, wild.ClipNorm = 3e38, 0
	narrow.MemoryBytes = 1000
	for want, r := range map[string]Recipe{"diverged at epoch 1, step ": wild, "MiB with windows of 6 steps of 4 streams": narrow} {
		trainer := Trainer{Recipe: r}
		res, err := trainer.TrainText(t.Context(), net, text, text, 1)
		var failure *FailedError
		if !errors.As(err, &failure) || !strings.Contains(failure.Reason, want) || !res.Metrics.Failed || res.Weights != nil {
			t.Errorf("result %+v, error %v, want one with %q", res, err, want)
		}
		bytes, expected := r.TrainingBytes(net, len(text), len(text))
		if (bytes == 0) != (expected != nil) || expected != nil && expected.Error() != err.Error() {
			t.Errorf("TrainingBytes: %d, %v; training: %v", bytes, expected, err)
		}
	}
	res := trainText(t, net, text, nil, textRecipe(1), 1)
	if bytes, err := textRecipe(1).TrainingBytes(net, len(text), 0); err != nil || bytes != res.Bytes {
		t.Errorf("%d bytes expected, %v; training held %d", bytes, err, res.Bytes)
	}
}

func TestTextArguments(t *testing.T) {
	text := order2(200, 1)
	net, images := textNetworks()["lstm"], smallNet(4, 4, 1, 2, 2)
	foreign := append([]int32{7}, text...)
	for want, f := range map[string]func(trainer *Trainer) error{
		"text.steps is 0":            func(tr *Trainer) error { tr.Recipe = quick(1); return tr.texts(t, net, text, text) },
		`of type "image"`:            func(tr *Trainer) error { return tr.texts(t, images, text, text) },
		"training text has 4 tokens": func(tr *Trainer) error { return tr.texts(t, net, text[:4], text) },
		"validation text has 0":      func(tr *Trainer) error { return tr.texts(t, net, text, text[:0]) },
		"token 0 of the validation":  func(tr *Trainer) error { return tr.texts(t, net, text, foreign) },
		`of type "text"`: func(*Trainer) error {
			_, err := Train(t.Context(), net, randomImages(2, 4, 4, 1, 2, 1), nil, quick(1), 1, nil)
			return err
		},
		"evaluation text has 3": func(tr *Trainer) error {
			_, _, err := EvaluateText(t.Context(), net, &Weights{}, text[:3], tr.Recipe)
			return err
		},
		"is missing": func(tr *Trainer) error {
			_, _, err := EvaluateText(t.Context(), net, &Weights{}, text, tr.Recipe)
			return err
		},
		`text.loss is "median"`: func(tr *Trainer) error { tr.Recipe.Text.Loss = "median"; return tr.texts(t, net, text, text) },
	} {
		err := f(&Trainer{Recipe: textRecipe(1)})
		var failure *FailedError
		if err == nil || errors.As(err, &failure) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}

func (t *Trainer) texts(test *testing.T, net *spec.Network, train, valid []int32) error {
	_, err := t.TrainText(test.Context(), net, train, valid, 1)
	return err
}

// TestTextProgress: epochs are reported, training stops when it is told to, and
// a forward pass is timed.
func TestTextProgress(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("the study was stopped")
	text, now, epochs := order2(200, 1), time.Unix(0, 0), 0
	trainer := Trainer{Recipe: textRecipe(3), Now: func() time.Time { now = now.Add(time.Second); return now }}
	trainer.Recipe.LatencyRuns = 3
	trainer.OnEpoch = func(e spec.Epoch) {
		if epochs++; e.Epoch != epochs || e.Seconds != 1 || !(e.TrainLoss > 0 && e.ValidLoss > 0 && e.TrainAccuracy > 0) {
			t.Errorf("%+v", e)
		}
		if epochs == 5 {
			cancel(cause)
		}
	}
	net := textNetworks()["lstm"]
	res, err := trainer.TrainText(ctx, net, text, text, 1)
	if err != nil || epochs != 3 || res.Metrics.LatencySeconds != 1 {
		t.Errorf("%d epochs, %+v, %v", epochs, res, err)
	}
	epochs = 3
	trainer.OnEpoch = func(e spec.Epoch) { cancel(cause) }
	if res, err := trainer.TrainText(ctx, net, text, text, 1); res != nil || !errors.Is(err, cause) || !strings.Contains(err.Error(), "epoch 2, step 1") {
		t.Errorf("result %v, error %v", res, err)
	}
}

func TestPerplexity(t *testing.T) {
	if p, b := Perplexity(math.Log(80)), BitsPerCharacter(math.Log(8)); math.Abs(p-80) > 1e-9 || math.Abs(b-3) > 1e-12 {
		t.Errorf("perplexity %v, want 80; %v bits, want 3", p, b)
	}
}
