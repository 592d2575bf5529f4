package kernels

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func TestPack(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		k := active.Load()
		var widths []int
		for cols := 1; cols <= 100; cols++ {
			widths = append(widths, k.pick(cols).n)
		}
		slices.Sort(widths)
		for _, width := range slices.Compact(widths) {
			for cols := 1; cols <= width; cols++ {
				for _, depth := range []int{0, 1, 7, 16, 35} {
					t.Run(fmt.Sprintf("%d of %d, %d", cols, width, depth), func(t *testing.T) { testPack(t, k, width, cols, depth) })
				}
			}
		}
	})
}

// testPack packs cols columns of depth rows from both layouts.
func testPack(t *testing.T, k *table, width, cols, depth int) {
	r := newRand()
	want := make([]float32, depth*width)
	rows := newGuarded(t, r, "rows", max(0, (depth-1)*(cols+3)+cols))
	columns := newGuarded(t, r, "columns", max(0, (cols-1)*(depth+2)+depth))
	for _, from := range []struct {
		pack func(dst, src []float32, depth, step, cols, width int)
		src  *guarded
		step int
		at   func(l, i int) int
	}{
		{k.packRows, rows, cols + 3, func(l, i int) int { return l*(cols+3) + i }},
		{k.packColumns, columns, depth + 2, func(l, i int) int { return i*(depth+2) + l }},
	} {
		for l := range depth {
			for i := range cols {
				want[l*width+i] = from.src.x[from.at(l, i)]
			}
		}
		dst := newGuarded(t, r, "dst", depth*width)
		Fill(dst.x, float32(math.NaN()))
		from.pack(dst.x, from.src.x, depth, from.step, cols, width)
		if !slices.Equal(dst.x, want) {
			t.Errorf("got %v, want %v", dst.x, want)
		}
		dst.intact(true)
		from.src.intact(false)
	}
}
