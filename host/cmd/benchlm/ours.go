package main

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/child"
)

// The benchmark trains by the recipe of Zaremba et al. (2014), but for a
// learning rate at which some dozens of steps on a few windows are tame.
const learningRate = 0.1

var recipe, _ = child.Preset("ptb-small")

// text is what both sides train on: windows of steps, whose words follow each
// other in every stream.
type text struct {
	streams int
	tokens  []int32 // (windows*steps+1, streams)
}

// newText draws words whose k-th most frequent has a frequency of about
// 1 / (k + 2.7), as Mandelbrot's form of Zipf's law has it.
func newText(e *entry, windows int, seed uint64) *text {
	rng := rand.New(rand.NewPCG(seed, uint64(windows)))
	zipf := rand.NewZipf(rng, 1.0001, 3.7, uint64(e.Network.Task.Classes-1))
	t := &text{streams: streams, tokens: make([]int32, (windows*e.Network.Task.Input[0]+1)*streams)}
	for i := range t.tokens {
		t.tokens[i] = int32(zipf.Uint64())
	}
	return t
}

// tensor is the text in the form in which weights are stored.
func (t *text) tensor() child.Tensor {
	numbers := make([]float32, len(t.tokens))
	for i, token := range t.tokens {
		numbers[i] = float32(token)
	}
	return child.Tensor{Name: "tokens", Shape: []int{len(t.tokens) / t.streams, t.streams}, Data: numbers}
}

// ours is a child trained by this project's engine.
type ours struct {
	program *child.Program
	stepper *child.Stepper
	weights *child.Weights // the initial ones
	text    *text
	steps   int
	window  int // the next one, counted over all passes of the text
}

// newOurs compiles e for so many threads, without a limit of memory. The caller
// closes it.
func newOurs(e *entry, t *text, seed uint64, threads int) (*ours, error) {
	steps := e.Network.Task.Input[0]
	p, err := child.Compile(e.Network, steps, child.Options{Streams: t.streams, SumSteps: recipe.Text.Loss == "sum", Threads: threads})
	if err != nil {
		return nil, err
	}
	p.InitUniform(seed, e.Bound)
	return &ours{program: p, stepper: child.NewStepper(p, recipe.Optimizer), weights: p.Weights(), text: t, steps: steps}, nil
}

// close ends the threads.
func (o *ours) close() { o.program.Close() }

// store writes the weights and the text for the other side.
func (o *ours) store(path string) error {
	return bench.Store(path, slices.Concat(o.weights.Tensors, []child.Tensor{o.text.tensor()}))
}

// backward is one forward and backward pass of the next window: the mean loss.
func (o *ours) backward() float64 {
	n := o.steps * o.text.streams
	windows := (len(o.text.tokens) - o.text.streams) / n
	text := o.text.tokens[o.window%windows*n:]
	o.window++
	copy(o.program.Tokens(o.steps), text[:n])
	o.program.Forward(o.steps, true)
	loss, _ := o.program.Backward(text[o.text.streams:][:n])
	return loss / float64(n)
}

// check makes forward and backward passes of the first windows from the initial
// weights and states of 0, without an update. It returns the mean loss, the
// gradients of the last window and the states after it, and the seconds that the
// last took.
func (o *ours) check(windows int) (bench.Results, float64, error) {
	if err := o.program.Load(o.weights); err != nil {
		return bench.Results{}, 0, err
	}
	o.program.ClearStates()
	o.window = 0
	var r bench.Results
	var seconds float64
	for range windows {
		start := time.Now()
		r.Loss += o.backward() / float64(windows)
		seconds = time.Since(start).Seconds()
	}
	r.Tensors = slices.Concat(o.program.Gradients(), o.program.States())
	return r, seconds, nil
}

// step is one training step: its loss.
func (o *ours) step() float64 {
	loss := o.backward()
	o.stepper.Clip(recipe.ClipNorm)
	o.stepper.Step(learningRate)
	return loss
}

// train takes so many steps: the seconds and the loss of each.
func (o *ours) train(steps int) (seconds, losses []float64) {
	for range steps {
		start := time.Now()
		loss := o.step()
		seconds = append(seconds, time.Since(start).Seconds())
		losses = append(losses, loss)
	}
	return seconds, losses
}
