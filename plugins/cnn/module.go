package cnn

import (
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Limits that keep every network within spec.MaxNodes.
const (
	maxLayers    = 100 // predicted layers
	maxDepth     = 200 // layers of the network: layers times expansion
	maxPools     = 4
	maxFilters   = 1024
	maxExpansion = 8
)

// What later layers read of a block.
const (
	lastOfBlock = "last"
	allOfBlock  = "all"
)

// Module returns the plugin.
func Module() guest.Module {
	return guest.Module{
		Name:    "cnn",
		Version: "1.0.0",
		Summary: "Convolutional networks with predicted skip connections (Zoph & Le 2017).",
		Spaces: []guest.SpaceOffer{
			offer("v1", "Filter sizes, numbers of filters and skip connections; stride 1, no pooling.",
				params(15, []int{24, 36, 48, 64}, nil)),
			offer("v2", "As v1, and strides.",
				append(params(20, []int{24, 36, 48, 64}, nil),
					guest.Ints("stride_heights", []int{1, 2, 3}, 1, spec.MaxKernel, "vertical strides to choose from"),
					guest.Ints("stride_widths", []int{1, 2, 3}, 1, spec.MaxKernel, "horizontal strides to choose from"))),
			offer("v3", "As v1, but each predicted layer is a densely connected block, and max-pools are fixed.",
				append(params(13, []int{6, 12, 24, 36}, []int{13, 24}),
					guest.Int("expansion", 3, 1, maxExpansion, "convolutions in the block that a predicted layer becomes"),
					guest.String("block_output", lastOfBlock, []string{lastOfBlock, allOfBlock},
						"what later layers read of a block: its last convolution, or all of them"))),
		},
	}
}

func offer(name, summary string, params []spec.Param) guest.SpaceOffer {
	return guest.SpaceOffer{Name: name, Summary: summary, Task: spec.TaskImage, Params: params, Open: open}
}

// params are those that all spaces have, with the defaults in which they differ.
func params(layers int, filters, pools []int) []spec.Param {
	sizes := []int{1, 3, 5, 7}
	return []spec.Param{
		guest.Int("layers", layers, 1, maxLayers, "predicted layers"),
		guest.Ints("filter_heights", sizes, 1, spec.MaxKernel, "filter heights to choose from"),
		guest.Ints("filter_widths", sizes, 1, spec.MaxKernel, "filter widths to choose from"),
		guest.Ints("filters", filters, 1, maxFilters, "numbers of filters to choose from"),
		guest.Int("extra_filters", 0, 0, maxFilters, "added to every chosen number of filters; the paper's wide v3 has 40"),
		guest.Bool("skips", true, "predict which earlier layers a layer reads; if false, each reads the one before"),
		guest.Ints("pools", pools, 1, maxDepth, "layers of the network after which a max-pool lies, ascending; those at or past its end are ignored"),
		guest.Int("pool_size", 2, 2, spec.MaxKernel, "height, width and stride of the max-pools"),
	}
}
