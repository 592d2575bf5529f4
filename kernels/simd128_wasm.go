//go:build js && simd128 && !purego

package kernels

var (
	tile8SIMD128 = tile{n: 8, rows: 4, byRow: byRow4x8SIMD128, columns: 4, byColumn: byColumn4x8SIMD128}
	tile4SIMD128 = tile{n: 4, rows: 8, byRow: byRow8x4SIMD128, columns: 8, byColumn: byColumn8x4SIMD128}
)

// pickSIMD128 leaves at most 3 columns empty.
func pickSIMD128(cols int) *tile {
	if cols <= 4 {
		return &tile4SIMD128
	}
	return &tile8SIMD128
}

func packColumnsSIMD128(dst, src []float32, depth, step, cols, width int) {
	packColumns(transposeSIMD128, 4, dst, src, depth, step, cols, width)
}

func raiseSIMD128(t *table) {
	t.level = SIMD128
	t.pick = pickSIMD128
	t.packRows, t.packColumns = packRowsSIMD128, packColumnsSIMD128

	t.add, t.addScaled, t.scale = addSIMD128, addScaledSIMD128, scaleSIMD128
	t.mul, t.mulAdd, t.dot = mulSIMD128, mulAddSIMD128, dotSIMD128
	t.avgPool = avgPoolBy(addSIMD128, scaleSIMD128)
	t.avgPoolBackward = avgPoolBackwardBy(addScaledSIMD128)
	t.depthwise = depthwiseBy(mulAddSIMD128)
	t.depthwiseWeights = depthwiseWeightsBy(mulAddSIMD128)
}
