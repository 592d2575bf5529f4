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

// Module returns the plugin.
func Module() guest.Module {
	return guest.Module{
		Name:    "cnn",
		Version: "1.0.0",
		Summary: "Convolutional networks with predicted skip connections (Zoph & Le 2017).",
		Spaces: []guest.SpaceOffer{
			{
				Name:    "v1",
				Summary: "Filter sizes, numbers of filters and skip connections; stride 1, no pooling.",
				Task:    spec.TaskImage,
				Params:  params(defaults{layers: 15, filters: []int{24, 36, 48, 64}}),
				Open:    open,
			},
			{
				Name:    "v2",
				Summary: "As v1, and strides.",
				Task:    spec.TaskImage,
				Params: append(params(defaults{layers: 20, filters: []int{24, 36, 48, 64}}),
					guest.Ints("stride_heights", []int{1, 2, 3}, 1, spec.MaxKernel, "vertical strides to choose from"),
					guest.Ints("stride_widths", []int{1, 2, 3}, 1, spec.MaxKernel, "horizontal strides to choose from")),
				Open: openStrided,
			},
			{
				Name:    "v3",
				Summary: "As v1, but each predicted layer is a densely connected block, and max-pools are fixed.",
				Task:    spec.TaskImage,
				Params: append(params(defaults{layers: 13, filters: []int{6, 12, 24, 36}, pools: []int{13, 24}}),
					guest.Int("expansion", 3, 1, maxExpansion, "convolutions in the block that a predicted layer becomes"),
					guest.String("block_output", lastOfBlock, []string{lastOfBlock, allOfBlock},
						"what later layers read of a block: its last convolution, or all of them")),
				Open: openBlocks,
			},
		},
	}
}

// What later layers read of a block.
const (
	lastOfBlock = "last"
	allOfBlock  = "all"
)

// defaults are the params in which the spaces differ.
type defaults struct {
	layers         int
	filters, pools []int
}

func params(d defaults) []spec.Param {
	return []spec.Param{
		guest.Int("layers", d.layers, 1, maxLayers, "predicted layers"),
		guest.Ints("filter_heights", []int{1, 3, 5, 7}, 1, spec.MaxKernel, "filter heights to choose from"),
		guest.Ints("filter_widths", []int{1, 3, 5, 7}, 1, spec.MaxKernel, "filter widths to choose from"),
		guest.Ints("filters", d.filters, 1, maxFilters, "numbers of filters to choose from"),
		guest.Int("extra_filters", 0, 0, maxFilters, "added to every chosen number of filters; the paper's wide v3 has 40"),
		guest.Bool("skips", true, "predict which earlier layers a layer reads; if false, each reads the one before"),
		guest.Ints("pools", d.pools, 1, maxDepth, "layers of the network after which a max-pool lies, ascending; those at or past its end are ignored"),
		guest.Int("pool_size", 2, 2, spec.MaxKernel, "height, width and stride of the max-pools"),
	}
}

func open(p guest.Params) (guest.Space, error)        { return newSpace(p, space{expansion: 1}) }
func openStrided(p guest.Params) (guest.Space, error) { return newSpace(p, strided(p)) }
func openBlocks(p guest.Params) (guest.Space, error)  { return newSpace(p, blocks(p)) }

func strided(p guest.Params) space {
	return space{expansion: 1, strideHeights: p.Ints("stride_heights"), strideWidths: p.Ints("stride_widths"), strides: true}
}

func blocks(p guest.Params) space {
	return space{expansion: p.Int("expansion"), wholeBlocks: p.String("block_output") == allOfBlock}
}
