//go:build !purego

package kernels

func packColumnsAVX2(dst, src []float32, depth, step, cols, width int) {
	packColumns(transposeAVX2, 8, dst, src, depth, step, cols, width)
}

func packColumnsAVX512(dst, src []float32, depth, step, cols, width int) {
	packColumns(transposeAVX512, 16, dst, src, depth, step, cols, width)
}

// packRowsWide packs for the narrowest tile, too, which is that of AVX2.
func packRowsWide(dst, src []float32, rows, step, cols, width int) {
	if width < 16 {
		packRowsAVX2(dst, src, rows, step, cols, width)
	} else {
		packRowsAVX512(dst, src, rows, step, cols, width)
	}
}
