package baselines

import (
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Module returns the plugin.
func Module() guest.Module {
	return guest.Module{
		Name:    "baselines",
		Version: "1.0.0",
		Summary: "Published networks, to be trained beside what a search finds.",
		Spaces: []guest.SpaceOffer{
			{Name: "images", Summary: "Which of several networks for images.", Task: spec.TaskImage, Params: imageParams(), Open: openImages},
			{Name: "text", Summary: "Which of several language models.", Task: spec.TaskText, Params: textParams(), Open: openText},
		},
	}
}
