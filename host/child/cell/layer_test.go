package cell

import (
	"fmt"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

func named(t testing.TB, name string) *spec.Cell {
	t.Helper()
	c, err := Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestNamedCells compares the named cells with the oracle, at widths of one, two and four slices.
func TestNamedCells(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		for _, name := range []string{"lstm", "gru", "rhn-1", "rhn-3", "nascell"} {
			for i, o := range []Options{
				{In: 5, Units: 7, Batch: 3, Steps: 4}, {In: 16, Units: 16, Batch: 1, Steps: 1},
				{In: 30, Units: 75, Batch: 2, Steps: 3}, {In: 9, Units: 261, Batch: 2, Steps: 2},
			} {
				for _, masked := range []bool{false, true} {
					for _, o.Inference = range []bool{false, true} {
						t.Run(fmt.Sprintf("%s/%+v/mask=%v", name, o, masked), func(t *testing.T) {
							newTrial(t, named(t, name), o, masked, 1, uint64(i)).compare(t, 2e-5)
						})
					}
				}
			}
		}
	})
}
