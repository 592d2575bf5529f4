package declared

import (
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// TestNumbers reads numbers as the JSON codec does.
func TestNumbers(t *testing.T) {
	for _, text := range []string{"0", "7", "-3", "0.5", "999999999", "1000000000", "12345678901234567890", "1e3"} {
		want := wire.NewDecoder([]byte(text)).Float()
		if v := parse(wire.NewDecoder([]byte(text))); v.num != want || v.text != text {
			t.Errorf("%s is read as %v, %q", text, v.num, v.text)
		}
	}
	for text, want := range map[string]int{"0": 0, "48": 48, "007": 7, "999999999": 999_999_999, "1000000000": -1, "": -1, "-1": -1, "1 ": -1, "x": -1} {
		if n, ok := natural(text); ok != (want >= 0) || ok && n != want {
			t.Errorf("%q is %d, %v", text, n, ok)
		}
	}
}
