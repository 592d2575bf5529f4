package peak

import (
	"os"
	"strings"
	"testing"
)

// The loops must do what FLOP counts: one multiply-add for each accumulator, all different.
func TestLoops(t *testing.T) {
	text, err := os.ReadFile("peak_amd64.s")
	if err != nil {
		t.Fatal(err)
	}
	for function, register := range map[string]string{"multiplyAdd256": "Y", "multiplyAdd512": "Z"} {
		_, body, ok := strings.Cut(string(text), "TEXT ·"+function+"(SB)")
		if !ok {
			t.Fatalf("%s is not there", function)
		}
		body, _, _ = strings.Cut(body, "RET")
		seen := map[string]bool{}
		for line := range strings.Lines(body) {
			if f := strings.Fields(line); len(f) == 4 && f[0] == "VFMADD231PS" {
				if !strings.HasPrefix(f[3], register) || seen[f[3]] || f[3]+"," == f[1] || f[3]+"," == f[2] {
					t.Errorf("%s: %s", function, strings.TrimSpace(line))
				}
				seen[f[3]] = true
			}
		}
		if len(seen) != accumulators {
			t.Errorf("%s has %d accumulators, not %d", function, len(seen), accumulators)
		}
	}
}

func TestFLOP(t *testing.T) {
	// 8 lanes, 12 accumulators, a multiply-add is two operations.
	if got, want := FLOP(Width256, 1), 8.0*12*2*turn; got != want {
		t.Errorf("FLOP(256, 1) = %v, want %v", got, want)
	}
	if got, want := FLOP(Width512, 3), 6*FLOP(Width256, 1); got != want {
		t.Errorf("FLOP(512, 3) = %v, want %v", got, want)
	}
}

// Loops of no length must end, and long ones return.
func TestRun(t *testing.T) {
	for _, w := range []Width{Width256, Width512} {
		if !Has(w) {
			continue
		}
		for _, turns := range []int{0, 1, 3} {
			Run(w, 2, turns)
		}
	}
}
