package report

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
)

var nan = math.NaN()

func TestTopMean(t *testing.T) {
	for _, c := range []struct {
		values []float64
		k      int
		want   float64
	}{
		{[]float64{3, 1, 2}, 1, 3}, {[]float64{3, 1, 2}, 2, 2.5}, {[]float64{3, nan, 1, 2}, 3, 2},
		{[]float64{3, nan}, 2, nan}, {nil, 1, nan}, {[]float64{1}, 0, nan}, {[]float64{math.Inf(1), 1}, 1, 1},
	} {
		before := slices.Clone(c.values)
		if got := topMean(c.values, c.k); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("topMean(%v, %d) = %v, want %v", c.values, c.k, got, c.want)
		}
		for i := range before {
			if before[i] != c.values[i] && finite(before[i]) {
				t.Errorf("topMean reordered its input: %v, was %v", c.values, before)
			}
		}
	}
}

func TestBestSoFar(t *testing.T) {
	got := BestSoFar([]float64{nan, 0.2, 0.1, nan, 0.5, 0.4})
	want := []float64{nan, 0.2, 0.2, 0.2, 0.5, 0.5}
	for i := range want {
		if got[i] != want[i] && !(i == 0 && math.IsNaN(got[0])) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
}

func TestFloatJSON(t *testing.T) {
	in := []Float{1.5, Float(nan), Float(math.Inf(-1)), 0}
	text, err := json.Marshal(in)
	if err != nil || string(text) != "[1.5,null,null,0]" {
		t.Fatalf("marshal: %s, %v", text, err)
	}
	var out []Float
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if out[0] != 1.5 || out[1].Known() || out[2].Known() || !out[3].Known() {
		t.Errorf("unmarshal: %v", out)
	}
	if err := json.Unmarshal([]byte(`["x"]`), &out); err == nil {
		t.Error("a string was read as a number")
	}
}
