package bench

import "testing"

func TestSlot(t *testing.T) {
	for _, test := range []struct {
		seconds float64
		want    int
	}{{0, 20}, {1e-6, 20}, {0.1, 5}, {0.3, 2}, {0.6, 1}, {40, 1}} {
		if got := Slot(test.seconds); got != test.want {
			t.Errorf("%v s a pass: %d steps, want %d", test.seconds, got, test.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{4, 1}, 2.5}, {[]float64{9, 1, 2}, 2}, {[]float64{8, 1, 3, 2}, 2.5}} {
		if got := median(test.values); got != test.want {
			t.Errorf("%v: %v, want %v", test.values, got, test.want)
		}
	}
}
