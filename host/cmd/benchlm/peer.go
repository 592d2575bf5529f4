package main

import (
	_ "embed"

	"github.com/espalier-nas/espalier/host/bench"
)

var (
	//go:embed torch_lm.py
	scriptText []byte
	//go:embed torch_cell.py
	cellText []byte

	script = bench.Script{Name: "torch_lm.py", Text: scriptText, Modules: map[string][]byte{"torch_cell.py": cellText}, Wide: true, Shares: true}
)

// The ways in which PyTorch trains.
const (
	native   = "lstm"   // nn.LSTM
	eager    = "eager"  // generated code
	scripted = "script" // the same under torch.jit.script
)

// peer is PyTorch with torch_lm.py.
type peer struct{ *bench.Peer }

// load builds e from the stored weights and text, in every mode that it can be
// trained in.
func (p peer) load(e *entry, streams int, tensors string, lr, clip float64) (modes []string, err error) {
	var answer struct{ Modes []string }
	err = p.Ask(map[string]any{"do": "load", "network": e.Network, "streams": streams, "tensors": tensors, "lr": lr, "clip": clip}, &answer)
	return answer.Modes, err
}

// check makes passes as those of ours.
func (p peer) check(mode string, windows int) (bench.Results, float64, error) {
	return p.Check(map[string]any{"do": "check", "mode": mode, "windows": windows})
}

// train takes so many steps: the seconds and the loss of each.
func (p peer) train(mode string, steps int) (seconds, losses []float64, err error) {
	return p.Train(map[string]any{"do": "train", "mode": mode}, steps)
}
