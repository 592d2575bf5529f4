package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

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

// results are what one forward and backward pass yields.
type results struct {
	loss    float64
	tensors []child.Tensor // logits, gradients and running statistics in any order
}

// forward leaves out the gradients.
func (r results) forward() results {
	r.tensors = slices.DeleteFunc(slices.Clone(r.tensors), func(t child.Tensor) bool {
		return t.Name != logits && !strings.HasSuffix(t.Name, ".mean") && !strings.HasSuffix(t.Name, ".variance")
	})
	return r
}

const logits = "logits"

// check is a comparison that was made.
type check struct {
	What      string  `json:"what"`
	Error     float64 `json:"error"` // the worst
	Tolerance float64 `json:"tolerance"`
	Where     string  `json:"where"` // the tensor, or what else disagrees
}

// failed reports whether the two sides disagree.
func (c *check) failed() bool { return c.Error > c.Tolerance }

// incomparable is the error of what cannot be compared.
const incomparable = math.MaxFloat64

// worse keeps the larger of two errors. NaN is as bad as infinity, which JSON
// does not have.
func (c *check) worse(err float64, where string) {
	if !(err < incomparable) {
		err = incomparable
	}
	if err > c.Error || c.Where == "" {
		c.Error, c.Where = err, where
	}
}

// compare finds the worst disagreement of ours with the peer's results by the
// given measure.
func (c *check) compare(ours, peer results, apart func(x, y []float32) float64) {
	c.worse(relative(ours.loss, peer.loss), "loss")
	given := map[string]child.Tensor{}
	for _, t := range peer.tensors {
		given[t.Name] = t
	}
	for _, t := range ours.tensors {
		other, ok := given[t.Name]
		delete(given, t.Name)
		switch {
		case !ok:
			c.worse(incomparable, t.Name+", which PyTorch does not have")
		case !slices.Equal(t.Shape, other.Shape):
			c.worse(incomparable, fmt.Sprintf("%s, whose shape is %v, PyTorch's %v", t.Name, t.Shape, other.Shape))
		default:
			c.worse(apart(t.Data, other.Data), t.Name)
		}
	}
	for _, t := range peer.tensors {
		if _, left := given[t.Name]; left {
			c.worse(incomparable, t.Name+", which only PyTorch has")
		}
	}
}

// updates holds the losses of the second and third step against each other,
// which show that the updates before them agree; later ones drift apart, as
// rounding errors grow in training. It reports whether there were any.
func (c *check) updates(ours, peer []float64) bool {
	for i := 1; i < min(3, len(ours), len(peer)); i++ {
		c.worse(relative(ours[i], peer[i]), fmt.Sprintf("loss of step %d", i+1))
	}
	return c.Where != ""
}

// single is max |x - y| / max |y|.
func single(x, y []float32) float64 {
	var apart, largest float64
	for i := range y {
		a := math.Abs(float64(x[i]) - float64(y[i]))
		if math.IsNaN(a) {
			return a
		}
		apart, largest = max(apart, a), max(largest, math.Abs(float64(y[i])))
	}
	return quotient(apart, largest)
}

// onTheWhole is the Euclidean norm of x - y over that of y.
func onTheWhole(x, y []float32) float64 {
	var apart, length float64
	for i := range y {
		a, b := float64(x[i])-float64(y[i]), float64(y[i])
		apart += a * a
		length += b * b
	}
	return quotient(math.Sqrt(apart), math.Sqrt(length))
}

func relative(x, y float64) float64 { return quotient(math.Abs(x-y), math.Abs(y)) }

// quotient is 0 if x is.
func quotient(x, y float64) float64 {
	if x == 0 {
		return 0
	}
	return x / y
}
