package main

import (
	_ "embed"

	"github.com/espalier-nas/espalier/host/bench"
)

//go:embed torch_child.py
var script []byte

// The memory layouts in which PyTorch trains.
const (
	nchw         = "nchw"
	channelsLast = "channels_last"
)

var layouts = []string{nchw, channelsLast}

// peer is PyTorch with torch_child.py.
type peer struct{ *bench.Peer }

// load builds e from the stored weights and batch.
func (p peer) load(e *entry, tensors string) error {
	return p.Ask(map[string]any{
		"do": "load", "network": e.Network, "tensors": tensors,
		"norm": map[string]float64{"epsilon": recipe.BatchNorm.Epsilon, "momentum": recipe.BatchNorm.Momentum},
		"optimizer": map[string]float64{
			"lr": learningRate, "momentum": recipe.Optimizer.Momentum, "weight_decay": recipe.Optimizer.WeightDecay,
		},
	}, nil)
}

// check is one forward and backward pass with n images of the batch from the
// initial weights, every beta raised by rise, without an update, and the
// seconds it took.
func (p peer) check(layout string, from, n int, rise float32) (bench.Results, float64, error) {
	return p.Check(map[string]any{"do": "check", "layout": layout, "images": []int{from, from + n}, "raise": rise})
}

// train takes so many steps: the seconds and the loss of each.
func (p peer) train(layout string, steps int) (seconds, losses []float64, err error) {
	return p.Train(map[string]any{"do": "train", "layout": layout}, steps)
}
