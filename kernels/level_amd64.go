//go:build !purego

package kernels

import "github.com/klauspost/cpuid/v2"

//go:generate go run -C gen . -out ..

// raises lists what the levels above generic overwrite, as far as this machine has them, weakest first.
func raises() []func(*table) {
	if !cpuid.CPU.Supports(cpuid.AVX2, cpuid.FMA3) {
		return nil
	}
	return []func(*table){raiseAVX2}
}

var (
	tile8AVX2  = tile{n: 8, rows: 6, byRow: byRow6x8AVX2, columns: 12, byColumn: byColumn12x8AVX2}
	tile16AVX2 = tile{n: 16, rows: 6, byRow: byRow6x16AVX2, columns: 6, byColumn: byColumn6x16AVX2}
	tile24AVX2 = tile{n: 24, rows: 4, byRow: byRow4x24AVX2, columns: 4, byColumn: byColumn4x24AVX2}
)

// pickAVX2 leaves as few columns empty as it can, at most 7 unless there are fewer than 8 to begin with.
func pickAVX2(cols int) *tile {
	switch rest := cols % 16; {
	case cols <= 8:
		return &tile8AVX2
	case cols > 16 && rest > 0 && rest <= 8:
		return &tile24AVX2
	default:
		return &tile16AVX2
	}
}

func raiseAVX2(t *table) {
	t.level = AVX2
	t.pick = pickAVX2
}
