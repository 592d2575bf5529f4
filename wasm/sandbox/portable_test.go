package sandbox

import (
	"testing"
	"time"

	. "github.com/espalier-nas/espalier/wasm/sandbox/sandboxtest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestPortableFuel pins what a small guest spends, which holds for every engine
// on every architecture and in a browser tab, and ends what never ends there.
func TestPortableFuel(t *testing.T) {
	o := impatient()
	o.Limits.Fuel.Next = 100_000
	s := open(t, o)
	_, u, err := load(t, s, sound().Wasm()).Call(background, spec.OpCodeNext, []byte("{}"))
	// esp_alloc has 2 instructions; esp_call has 7 for each of three operations,
	// and 2 more, and is paid for as a whole.
	if err != nil || u.Fuel != 2+3*7+2 {
		t.Errorf("used %+v, %v", u, err)
	}
	m := load(t, s, calling(Code(Forever, packed(0, 0))).Wasm())
	_, u, err = m.Call(background, spec.OpCodeNext, nil)
	expect(t, "fuel", err, ErrLimit, "fuel", "100,000 are allowed")
	if u.Fuel != 100_002 {
		t.Errorf("used %+v", u)
	}
	m.options.Limits.Fuel.Next, m.options.Limits.Time = 1<<60, 10*time.Millisecond
	_, _, err = m.Call(background, spec.OpCodeNext, nil)
	expect(t, "time", err, ErrLimit, "time", "longer than 10ms")
	wellBehaved(t, s)
}
