package rnncell

import (
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Limits that keep every cell within spec.MaxCellNodes, and every network within
// what a host takes as an answer.
const (
	maxBase   = 64
	maxLayers = 8
	maxRate   = 0.99
)

// Module returns the plugin.
func Module() guest.Module {
	return guest.Module{
		Name:    "rnncell",
		Version: "1.0.0",
		Summary: "Recurrent cells for language models (Zoph & Le 2017).",
		Spaces: []guest.SpaceOffer{{
			Name:    "tree",
			Summary: "Cells that are binary trees of combinations and activations, with one memory.",
			Task:    spec.TaskText,
			Params:  append(treeParams(), networkParams()...),
			Open:    open,
		}},
	}
}

// treeParams are those that make the space larger or smaller.
func treeParams() []spec.Param {
	return []spec.Param{
		guest.Int("base", 8, 2, maxBase, "leaves of the tree, a power of two"),
		guest.Strings("combinations", []string{"add", "elem_mult"}, []string{"add", "elem_mult", "max"},
			"what two values can be combined by"),
		guest.Strings("activations", []string{"identity", "tanh", "sigmoid", "relu"}, []string{"identity", "tanh", "sigmoid", "relu", "sin"},
			"activations to choose from"),
		guest.Bool("root_index", true, "whether the root may write the memory, or receive it"),
	}
}

// networkParams are those of the network around the cell.
func networkParams() []spec.Param {
	return []spec.Param{
		guest.Int("layers", 2, 1, maxLayers, "layers of the cell"),
		guest.Int("units", 0, 0, spec.MaxChannels, "width of the layers; 0: as params says"),
		guest.Int("params", 20_000_000, 1, spec.MaxParams/2, "weights that the network is to have, biases aside: the width comes as near as it can"),
		guest.Int("embedding", 0, 0, spec.MaxChannels, "width of the embedding; 0: that of the layers"),
		guest.Bool("tied", false, "the dense layer reuses the embedding's table; both are as wide as the layers then"),
		rate("embedding_dropout", 0.5, "dropout of the embeddings, which the first layer reads"),
		rate("input_dropout", 0.5, "dropout of what each layer but the first reads"),
		rate("output_dropout", 0.5, "dropout of what the dense layer reads"),
		rate("state_dropout", 0, "dropout of a layer's state h where its matrices read it, with one mask for a whole window"),
		guest.Bool("variational", false, "dropout between layers has one mask for a whole window, too (Gal & Ghahramani 2016)"),
	}
}

func rate(name string, value float64, summary string) spec.Param {
	return guest.Float(name, value, 0, maxRate, summary+"; 0: none")
}
