package main

import (
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/child"
)

// The benchmark trains by the paper's recipe, but for a learning rate at which
// some dozens of steps on one batch are tame.
const learningRate = 0.01

var recipe = child.Default()

// batch is what both sides train on: normal noise, as of standardised images,
// and labels at random.
type batch struct {
	size   int
	images []float32 // (size, H, W, C)
	labels []int32
}

func newBatch(e *entry, size int, seed uint64) *batch {
	rng := rand.New(rand.NewPCG(seed, uint64(size)))
	b := &batch{size: size, labels: make([]int32, size)}
	in := e.Network.Task.Input
	b.images = make([]float32, size*in[0]*in[1]*in[2])
	for i := range b.images {
		b.images[i] = float32(rng.NormFloat64())
	}
	for i := range b.labels {
		b.labels[i] = int32(rng.IntN(e.Network.Task.Classes))
	}
	return b
}

// tensors are the batch in the form in which weights are stored.
func (b *batch) tensors(e *entry) []child.Tensor {
	labels := make([]float32, b.size)
	for i, l := range b.labels {
		labels[i] = float32(l)
	}
	return []child.Tensor{
		{Name: "input", Shape: append([]int{b.size}, e.Network.Task.Input...), Data: b.images},
		{Name: "labels", Shape: []int{b.size}, Data: labels},
	}
}

// ours is a child trained by this project's engine.
type ours struct {
	program *child.Program
	stepper *child.Stepper
	weights *child.Weights // the initial ones
	batch   *batch
	classes int
}

// newOurs compiles e for so many threads, without a limit of memory. Gammas and
// betas begin at random values beside 1 and 0, for what is multiplied by 1 is
// not seen. The caller closes it.
func newOurs(e *entry, b *batch, seed uint64, threads int) (*ours, error) {
	p, err := child.Compile(e.Network, b.size, child.Options{BatchNorm: recipe.BatchNorm, Threads: threads})
	if err != nil {
		return nil, err
	}
	p.Init(seed)
	w := p.Weights()
	rng := rand.New(rand.NewPCG(seed, 0))
	for _, t := range w.Tensors {
		if strings.HasSuffix(t.Name, ".gamma") || strings.HasSuffix(t.Name, ".beta") || strings.HasSuffix(t.Name, ".bias") {
			for i := range t.Data {
				t.Data[i] += rng.Float32() - 0.5
			}
		}
	}
	return &ours{p, child.NewStepper(p, recipe.Optimizer), w, b, e.Network.Task.Classes}, p.Load(w)
}

// close ends the threads.
func (o *ours) close() { o.program.Close() }

// store writes the weights and the batch for the other side.
func (o *ours) store(e *entry, path string) error {
	return bench.Store(path, slices.Concat(o.weights.Tensors, o.batch.tensors(e)))
}

// backward is one forward and backward pass with n images of the batch: the
// mean loss, and the logits if wanted.
func (o *ours) backward(from, n int, logits []float32) float64 {
	size := len(o.batch.images) / o.batch.size
	copy(o.program.Input(n), o.batch.images[from*size:(from+n)*size])
	// The memory of the logits holds other numbers after Backward.
	copy(logits, o.program.Forward(n, true))
	loss, _ := o.program.Backward(o.batch.labels[from : from+n])
	return loss / float64(n)
}

// check is one forward and backward pass with n images from the initial
// weights, every beta raised by rise, without an update, and the seconds it
// took.
func (o *ours) check(from, n int, rise float32) (bench.Results, float64, error) {
	if err := o.program.Load(raised(o.weights, rise)); err != nil {
		return bench.Results{}, 0, err
	}
	values := make([]float32, n*o.classes)
	start := time.Now()
	r := bench.Results{Loss: o.backward(from, n, values)}
	seconds := time.Since(start).Seconds()
	r.Tensors = o.program.Gradients()
	known := map[string]bool{}
	for _, t := range r.Tensors {
		known[t.Name] = true
	}
	for _, t := range o.program.Weights().Tensors {
		if !known[t.Name] { // a running statistic
			r.Tensors = append(r.Tensors, t)
		}
	}
	r.Tensors = append(r.Tensors, child.Tensor{Name: logits, Shape: []int{n, o.classes}, Data: values})
	return r, seconds, nil
}

// raised adds rise to every beta.
func raised(w *child.Weights, rise float32) *child.Weights {
	changed := &child.Weights{Network: w.Network, Tensors: slices.Clone(w.Tensors)}
	for i, t := range w.Tensors {
		if strings.HasSuffix(t.Name, ".beta") {
			changed.Tensors[i].Data = slices.Clone(t.Data)
			for j := range t.Data {
				changed.Tensors[i].Data[j] += rise
			}
		}
	}
	return changed
}

// train takes so many steps: the seconds and the loss of each.
func (o *ours) train(steps int) (seconds, losses []float64) {
	for range steps {
		start := time.Now()
		loss := o.backward(0, o.batch.size, nil)
		o.stepper.Step(learningRate)
		seconds = append(seconds, time.Since(start).Seconds())
		losses = append(losses, loss)
	}
	return seconds, losses
}
