package main

import (
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/child"
)

// How far the two sides may differ.
//
// ReLU's gradient is a step, so a rounding error in a number near 0 may turn on
// or off a whole summand of the gradients behind it. Of millions of numbers,
// some are that near: then single gradients differ by as much as a tenth of the
// largest, though both sides are right. Hence every gradient is held against
// PyTorch's on a few images, and with betas so large that one number in forty
// is below 0 and fewer are near it; and on other images again if it seems to
// have happened, for a mistake is there every time. On the whole batch, and
// with the betas of training, the gradients have to agree on the whole.
const (
	singleTolerance = 1e-3 // of single numbers, relative to the tensor's largest
	wholeTolerance  = 5e-2 // of the root mean square, relative to the tensor's
	updateTolerance = 1e-4 // of the losses after updates
	attempts        = 5    // with a few images each
	margin          = 2    // that betas are raised by, in standard deviations
)

// few is how many images of a batch to take so that ReLU sees a million numbers
// at most, and that there are others for the next attempts.
func few(e *entry, batch int) int {
	const enough = 1 << 20
	perImage := 0
	for _, p := range e.Plan.Nodes {
		n := 1
		for _, d := range p.Shape {
			n *= d
		}
		if e.Network.Nodes[p.Index].Func != "" {
			perImage += n
		}
	}
	return min(max(min(enough/max(perImage, 1), batch/attempts), 2), batch)
}

// forward leaves out the gradients.
func forward(r bench.Results) bench.Results {
	r.Tensors = slices.DeleteFunc(slices.Clone(r.Tensors), func(t child.Tensor) bool {
		return t.Name != logits && !strings.HasSuffix(t.Name, ".mean") && !strings.HasSuffix(t.Name, ".variance")
	})
	return r
}

const logits = "logits"
