package arm64

import (
	"strings"
	"testing"
)

// Where parameters and results are on the stack, as go vet would have them.
func TestPlaces(t *testing.T) {
	f := newFunction("f", "func(x []float32, alpha float32, on bool, n int) (sums [32]float32, last float32)")
	for name, want := range map[string]int{"x": 0, "alpha": 24, "on": 28, "n": 32, "sums": 40, "last": 168} {
		if got := f.places[name]; got != want {
			t.Errorf("%s is at %d, want %d", name, got, want)
		}
	}
	if f.argsLen != 172 || !f.slices["x"] || f.slices["sums"] {
		t.Errorf("%d bytes, slices %v", f.argsLen, f.slices)
	}
	if f := newFunction("f", "func(x []float32) float32"); f.places["ret"] != 24 {
		t.Errorf("a result without a name is at %d", f.places["ret"])
	}
}

func TestText(t *testing.T) {
	f := newFunction("addTwo", "func(x, y []float32)")
	x, y := f.base("x"), f.base("y")
	f.scope(func() {
		v := f.load(8, x, 0)
		f.do("FADD", v, v, f.float("two", 2))
		f.save(v, 8, y, 16)
	})
	w := f.load(1, x, 0)
	f.do("VFMLA", w, w, f.float("two", 2))
	const want = `
// func addTwo(x, y []float32)
// R0 &x; R1 &y; V31 two
TEXT ·addTwo(SB), NOSPLIT, $0-48
	MOVD $0x40000000, R0
	VDUP R0, V31.S4
	MOVD x_base+0(FP), R0
	MOVD y_base+24(FP), R1
	FLDPQ 0(R0), (F0, F1)
	WORD $0x4e3fd400 // FADD V0.4S, V0.4S, V31.4S
	WORD $0x4e3fd421 // FADD V1.4S, V1.4S, V31.4S
	FSTPQ (F0, F1), 16(R1)
	FMOVS 0(R0), F0
	VFMLA V31.S4, V0.S4, V0.S4
`
	if got := f.text(); got != want {
		t.Errorf("got %s", got)
	}
}

// A function that needs more registers than there are is not written.
func TestRegistersRunOut(t *testing.T) {
	for name, body := range map[string]func(f *function){
		"general": func(f *function) {
			for range 25 {
				f.general("one more")
			}
		},
		"vectors": func(f *function) { f.vector(33) },
		"constants": func(f *function) {
			f.scope(func() { f.vector(32) })
			f.float("one", 1)
		},
		"packed constants": func(f *function) {
			f.vector(31)
			for i := range 5 {
				f.pack(i, 1)
			}
		},
	} {
		func() {
			defer func() {
				if message, ok := recover().(string); !ok || !strings.Contains(message, "too few") {
					t.Errorf("%s: %q", name, message)
				}
			}()
			f := newFunction("f", "func()")
			body(f)
			f.text()
		}()
	}
}
