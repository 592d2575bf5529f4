package declared

import (
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Module returns the plugin.
func Module() guest.Module {
	return guest.Module{
		Name:    "declared",
		Version: "1.0.0",
		Summary: "Spaces that are written as a JSON document.",
		Spaces: []guest.SpaceOffer{
			offer("image", spec.TaskImage, exampleImage),
			offer("text", spec.TaskText, exampleText),
		},
	}
}

func offer(name string, task spec.TaskType, example string) guest.SpaceOffer {
	return guest.SpaceOffer{
		Name: name, Task: task, Summary: "A space for the task " + name + ", as its document says.",
		Params: []spec.Param{guest.String("document", "", nil, "the space, as JSON; empty: an example")},
		Open: func(p guest.Params) (guest.Space, error) {
			text := p.String("document")
			if text == "" {
				text = example
			}
			return read(text, task)
		},
	}
}
