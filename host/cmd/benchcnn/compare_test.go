package main

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
	nan := float32(math.NaN())
	base := results{loss: 2, tensors: tensorsOf(4, -2, 1, 3, 5)}
	for _, test := range []struct {
		name  string
		peer  results
		want  float64
		where string
	}{
		{"equal", base, 0, "loss"},
		{"loss", results{1.6, base.tensors}, 0.25, "loss"},
		{"relative to the largest", results{2, tensorsOf(4, -2.4, 1, 3, 5)}, 0.1, "a.weight"},
		{"the worst counts", results{2, tensorsOf(4, -2.4, 0.8, 3, 5)}, 0.25, "a.mean"},
		{"NaN", results{2, tensorsOf(nan, -2, 1, 3, 5)}, incomparable, "a.weight"},
		{"NaN loss", results{math.NaN(), base.tensors}, incomparable, "loss"},
		{"nothing to compare with", results{2, tensorsOf(0, 0, 1, 3, 5)}, incomparable, "a.weight"},
		{"missing", results{2, base.tensors[1:]}, incomparable, "a.weight, which PyTorch does not have"},
		{"too many", results{2, append(tensorsOf(4, -2, 1, 3, 5), child.Tensor{Name: "b"})}, incomparable, "b, which only PyTorch has"},
		{"shape", results{2, append(tensorsOf(4, -2, 1, 3, 5)[:2], child.Tensor{Name: "logits", Shape: []int{2, 1}, Data: []float32{3, 5}})}, incomparable, "logits, whose shape is [1 2], PyTorch's [2 1]"},
	} {
		c := check{Tolerance: singleTolerance}
		c.compare(base, test.peer, single)
		if math.Abs(c.Error-test.want) > 1e-6 || c.Where != test.where {
			t.Errorf("%s: error %v in %s, want %v in %s", test.name, c.Error, c.Where, test.want, test.where)
		}
		if c.failed() != (test.want > singleTolerance) {
			t.Errorf("%s: failed is %v", test.name, c.failed())
		}
	}
	if f := base.forward(); len(f.tensors) != 2 || f.tensors[0].Name != "a.mean" || f.tensors[1].Name != "logits" {
		t.Errorf("forward leaves %v", f.tensors)
	}
	if len(base.tensors) != 3 || base.tensors[0].Name != "a.weight" {
		t.Error("forward has changed what it was made from")
	}
}

func TestMeasures(t *testing.T) {
	x, y := []float32{1, 2, 3, 5}, []float32{1, 2, 3, 4}
	if got := single(x, y); got != 0.25 {
		t.Errorf("single: %v, want 0.25", got)
	}
	if got, want := onTheWhole(x, y), 1/math.Sqrt(30); math.Abs(got-want) > 1e-12 {
		t.Errorf("on the whole: %v, want %v", got, want)
	}
	zero := make([]float32, 4)
	if a, b := single(zero, zero), onTheWhole(zero, zero); a != 0 || b != 0 {
		t.Errorf("of nothing: %v, %v", a, b)
	}
	if a, b := single(x, zero), onTheWhole(x, zero); !math.IsInf(a, 1) || !math.IsInf(b, 1) {
		t.Errorf("against nothing: %v, %v", a, b)
	}
}

func TestUpdates(t *testing.T) {
	var c check
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

// TestFew takes fewer images of larger networks, but never one, whose batch
// normalisation would have nothing to compare.
func TestFew(t *testing.T) {
	list := mustList(t, 1)
	if n := few(list[0], 64); n != 2 {
		t.Errorf("found: %d images, want 2", n)
	}
	if n := few(list[1], 64); n != 5 { // 32 * 32 * 192 numbers an image
		t.Errorf("tiny: %d images, want 5", n)
	}
	for batch, want := range map[int]int{1: 1, 2: 2, 3: 2, 10: 2, 17: 3, 1000: 5} {
		if n := few(list[1], batch); n != want {
			t.Errorf("tiny: %d images of a batch of %d, want %d", n, batch, want)
		}
	}
}
