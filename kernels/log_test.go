package kernels

import (
	"math"
	"testing"
)

func TestLog(t *testing.T) {
	for x := 1e-300; x < 1e300; x *= 1.0007 {
		if got, want := Log(x), math.Log(x); !(math.Abs(got-want) <= 4e-16*max(1, math.Abs(want))) {
			t.Fatalf("log %v = %v, want %v", x, got, want)
		}
	}
	if Log(1) != 0 || !math.IsInf(Log(math.Inf(1)), 1) || !math.IsNaN(Log(math.NaN())) {
		t.Errorf("log of 1, +Inf and NaN are %v, %v, %v", Log(1), Log(math.Inf(1)), Log(math.NaN()))
	}
}
