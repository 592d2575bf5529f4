package bench

import (
	"math"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/child"
)

func tensorsOf(values ...float32) []child.Tensor {
	return []child.Tensor{
		{Name: "a.weight", Shape: []int{2}, Data: values[:2]},
		{Name: "a.mean", Shape: []int{1}, Data: values[2:3]},
		{Name: "logits", Shape: []int{1, 2}, Data: values[3:5]},
	}
}

func TestCompare(t *testing.T) {
	const tolerance = 1e-3
	nan := float32(math.NaN())
	base := Results{Loss: 2, Tensors: tensorsOf(4, -2, 1, 3, 5)}
	for _, test := range []struct {
		name  string
		peer  Results
		want  float64
		where string
	}{
		{"equal", base, 0, "loss"},
		{"loss", Results{1.6, base.Tensors}, 0.25, "loss"},
		{"relative to the largest", Results{2, tensorsOf(4, -2.4, 1, 3, 5)}, 0.1, "a.weight"},
		{"the worst counts", Results{2, tensorsOf(4, -2.4, 0.8, 3, 5)}, 0.25, "a.mean"},
		{"NaN", Results{2, tensorsOf(nan, -2, 1, 3, 5)}, incomparable, "a.weight"},
		{"NaN loss", Results{math.NaN(), base.Tensors}, incomparable, "loss"},
		{"nothing to compare with", Results{2, tensorsOf(0, 0, 1, 3, 5)}, incomparable, "a.weight"},
		{"missing", Results{2, base.Tensors[1:]}, incomparable, "a.weight, which PyTorch does not have"},
		{"too many", Results{2, append(tensorsOf(4, -2, 1, 3, 5), child.Tensor{Name: "b"})}, incomparable, "b, which only PyTorch has"},
		{"shape", Results{2, append(tensorsOf(4, -2, 1, 3, 5)[:2], child.Tensor{Name: "logits", Shape: []int{2, 1}, Data: []float32{3, 5}})}, incomparable, "logits, whose shape is [1 2], PyTorch's [2 1]"},
	} {
		c := Check{Tolerance: tolerance}
		c.Compare(base, test.peer, Single)
		if math.Abs(c.Error-test.want) > 1e-6 || c.Where != test.where {
			t.Errorf("%s: error %v in %s, want %v in %s", test.name, c.Error, c.Where, test.want, test.where)
		}
		if c.Failed() != (test.want > tolerance) {
			t.Errorf("%s: failed is %v", test.name, c.Failed())
		}
	}
}

func TestMeasures(t *testing.T) {
	x, y := []float32{1, 2, 3, 5}, []float32{1, 2, 3, 4}
	if got := Single(x, y); got != 0.25 {
		t.Errorf("single: %v, want 0.25", got)
	}
	if got, want := OnTheWhole(x, y), 1/math.Sqrt(30); math.Abs(got-want) > 1e-12 {
		t.Errorf("on the whole: %v, want %v", got, want)
	}
	if got := Single([]float32{3e-40, 0}, []float32{2e-40, 1e-44}); got != 0 {
		t.Errorf("of numbers without digits: %v", got)
	}
	zero := make([]float32, 4)
	if a, b := Single(zero, zero), OnTheWhole(zero, zero); a != 0 || b != 0 {
		t.Errorf("of nothing: %v, %v", a, b)
	}
	if a, b := Single(x, zero), OnTheWhole(x, zero); !math.IsInf(a, 1) || !math.IsInf(b, 1) {
		t.Errorf("against nothing: %v, %v", a, b)
	}
}

func TestUpdates(t *testing.T) {
	var c Check
	if c.updates([]float64{1}, []float64{2}) {
		t.Error("a first step shows an update")
	}
	if !c.updates([]float64{1, 2, 3, 4}, []float64{9, 2, 3, 5}) || c.Error != 0 {
		t.Errorf("steps 2 and 3 agree, the error is %v", c.Error)
	}
	if !c.updates([]float64{1, 2}, []float64{1, 4}) || c.Error != 0.5 || !strings.HasSuffix(c.Where, "step 2") {
		t.Errorf("error %v in %s", c.Error, c.Where)
	}
}
