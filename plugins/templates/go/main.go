// Command sapling is a plugin of Espalier: a search space, from which a search
// proposes networks, and a reward shaper, which says how good a trained one is.
// README.md says how to build, test and use it.
package main

import (
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// module is all that the plugin offers. A space or shaper is picked by name, as
// in --space ./sapling.wasm:stack, and may have params, which are set by
// --params '{"layers": 5}'.
func module() guest.Module {
	return guest.Module{
		Name:    "sapling",
		Version: "0.1.0",
		Summary: "A plugin to start from.",
		Spaces: []guest.SpaceOffer{{
			Name:    "stack",
			Summary: "Convolutions, each of which reads the one before and any of the earlier ones.",
			Task:    spec.TaskImage,
			Params:  []spec.Param{guest.Int("layers", 3, 1, maxLayers, "convolutions")},
			Open:    openStack,
		}},
		Shapers: []guest.ShaperOffer{{
			Name:    "thrifty",
			Summary: "Best validation accuracy, reduced for networks with many parameters.",
			Params:  []spec.Param{guest.Int("half_at", 100_000, 1, 1_000_000_000, "learned numbers that halve the reward")},
			Open:    openThrifty,
		}},
	}
}

// The host looks for what init registers; main has nothing to do.
func init() { guest.Register(module()) }

func main() {}
