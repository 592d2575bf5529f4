package cells

import (
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Limits that, with the one on nodes, keep networks within package spec's.
const (
	maxBlocks     = 10
	maxRepeats    = 20
	maxReductions = 3
	maxFilters    = 256
)

// How the results of a block's two operations are combined.
const (
	combineAdd    = "add"
	combineConcat = "concat"
)

// Which blocks make the output of a cell.
const (
	outputUnused = "unused"
	outputAll    = "all"
)

// Module returns the plugin.
func Module() guest.Module {
	return guest.Module{
		Name:    "cells",
		Version: "1.0.0",
		Summary: "Stacks of a normal and a reduction cell (Zoph et al. 2018).",
		Spaces: []guest.SpaceOffer{{
			Name:    "nasnet",
			Summary: "Two cells of blocks, each of two operations on chosen hidden states.",
			Task:    spec.TaskImage,
			Params:  declaredParams(),
			Open:    open,
		}},
	}
}

func declaredParams() []spec.Param {
	var names []string
	for i := range operations {
		names = append(names, operations[i].name)
	}
	combinations := []string{combineAdd, combineConcat}
	return []spec.Param{
		guest.Int("blocks", 2, 1, maxBlocks, "blocks of a cell"),
		guest.Int("repeats", 1, 1, maxRepeats, "normal cells before, between and after the reduction cells"),
		guest.Int("reductions", 1, 0, maxReductions, "reduction cells; each halves height and width and doubles the filters"),
		guest.Int("filters", 6, 1, maxFilters, "filters of the operations in the first cells"),
		guest.Strings("operations", paperOperations(), names, "operations to choose from"),
		guest.Strings("combinations", combinations[:1], combinations, "how the results of a block's operations may be combined"),
		guest.String("output", outputUnused, []string{outputUnused, outputAll},
			"which blocks a cell's output is made of: those that no other block reads, or all"),
	}
}
