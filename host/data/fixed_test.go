package data

import (
	"math"
	"testing"
)

func TestSine(t *testing.T) {
	for a := -2 * turn; a <= 2*turn; a++ {
		angle := 2 * math.Pi * float64(a) / turn
		if got, want := float64(sine(a)), unit*math.Sin(angle); math.Abs(got-want) > 0.5001 {
			t.Errorf("sine(%d) = %v, want %.2f rounded", a, got, want)
		}
		if got, want := float64(cosine(a)), unit*math.Cos(angle); math.Abs(got-want) > 0.5001 {
			t.Errorf("cosine(%d) = %v, want %.2f rounded", a, got, want)
		}
	}
}

func TestLength(t *testing.T) {
	for _, c := range []struct{ x, y, want int }{
		{0, 0, 0}, {3, 4, 5}, {-3, 4, 5}, {1, 1, 1}, {8192, -8192, 11585}, {8191, 0, 8191}, {2, 2, 2},
	} {
		if got := length(c.x, c.y); got != c.want {
			t.Errorf("length(%d, %d) = %d, want %d", c.x, c.y, got, c.want)
		}
	}
	for n := range 3000 { // floors at and around every square
		if got := length(n, 0); got != n {
			t.Fatalf("length(%d, 0) = %d", n, got)
		}
	}
}

func TestClamp(t *testing.T) {
	for _, c := range []struct{ x, want int }{{-1, 0}, {0, 0}, {7, 7}, {255, 255}, {256, 255}} {
		if got := clamp(c.x, 0, 255); got != c.want {
			t.Errorf("clamp(%d, 0, 255) = %d, want %d", c.x, got, c.want)
		}
	}
}
