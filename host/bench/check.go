package bench

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"

	"github.com/espalier-nas/espalier/host/child"
)

// Results are what one forward and backward pass yields.
type Results struct {
	Loss    float64
	Tensors []child.Tensor // in any order
}

// Store writes tensors into a file for the peer.
func Store(path string, tensors []child.Tensor) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = (&child.Weights{Tensors: tensors}).WriteTo(f)
	return errors.Join(err, f.Close())
}

// Restore reads the tensors that the peer has stored.
func Restore(path string) ([]child.Tensor, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	w, err := child.ReadWeights(f)
	if err != nil {
		return nil, err
	}
	return w.Tensors, nil
}

// Check is a comparison that was made.
type Check struct {
	What      string  `json:"what"`
	Error     float64 `json:"error"` // the worst
	Tolerance float64 `json:"tolerance"`
	Where     string  `json:"where"` // the tensor, or what else disagrees
}

// Failed reports whether the two sides disagree.
func (c *Check) Failed() bool { return c.Error > c.Tolerance }

// incomparable is the error of what cannot be compared.
const incomparable = math.MaxFloat64

// worse keeps the larger of two errors. NaN is as bad as infinity, which JSON
// does not have.
func (c *Check) worse(err float64, where string) {
	if !(err < incomparable) {
		err = incomparable
	}
	if err > c.Error || c.Where == "" {
		c.Error, c.Where = err, where
	}
}

// Compare finds the worst disagreement of ours with the peer's Results by the
// given measure.
func (c *Check) Compare(ours, peer Results, apart func(x, y []float32) float64) {
	c.worse(relative(ours.Loss, peer.Loss), "loss")
	given := map[string]child.Tensor{}
	for _, t := range peer.Tensors {
		given[t.Name] = t
	}
	for _, t := range ours.Tensors {
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
	for _, t := range peer.Tensors {
		if _, left := given[t.Name]; left {
			c.worse(incomparable, t.Name+", which only PyTorch has")
		}
	}
}

// updates holds the losses of the second and third step against each other,
// which show that the updates before them agree; later ones drift apart, as
// rounding errors grow in training. It reports whether there were any.
func (c *Check) updates(ours, peer []float64) bool {
	for i := 1; i < min(3, len(ours), len(peer)); i++ {
		c.worse(relative(ours[i], peer[i]), fmt.Sprintf("loss of step %d", i+1))
	}
	return c.Where != ""
}

// tiny is the smallest number with all the digits of float32. What differs by
// less does not differ.
const tiny = 0x1p-126

// Single is max |x - y| / max |y|.
func Single(x, y []float32) float64 {
	var apart, largest float64
	for i := range y {
		a := math.Abs(float64(x[i]) - float64(y[i]))
		if math.IsNaN(a) {
			return a
		}
		if a >= tiny {
			apart = max(apart, a)
		}
		largest = max(largest, math.Abs(float64(y[i])))
	}
	return quotient(apart, largest)
}

// OnTheWhole is the Euclidean norm of x - y over that of y.
func OnTheWhole(x, y []float32) float64 {
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
