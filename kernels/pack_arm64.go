//go:build !purego

package kernels

func packColumnsNEON(dst, src []float32, depth, step, cols, width int) {
	packColumns(transposeNEON, 4, dst, src, depth, step, cols, width)
}
