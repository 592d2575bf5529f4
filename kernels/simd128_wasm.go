//go:build js && simd128 && !purego

package kernels

var (
	tile4SIMD128  = tile{n: 4, rows: 6, byRow: byRow6x4SIMD128, columns: 8, byColumn: byColumn8x4SIMD128}
	tile8SIMD128  = tile{n: 8, rows: 5, byRow: byRow5x8SIMD128, columns: 4, byColumn: byColumn4x8SIMD128}
	tile12SIMD128 = tile{n: 12, rows: 3, byRow: byRow3x12SIMD128, columns: 3, byColumn: byColumn3x12SIMD128}
)

// pickSIMD128 leaves at most 3 columns empty: 4 that 8 do not divide go together with 8 others, if there are any.
func pickSIMD128(cols int) *tile {
	switch {
	case cols <= 4:
		return &tile4SIMD128
	case cols > 8 && (cols-1)%8 < 4:
		return &tile12SIMD128
	default:
		return &tile8SIMD128
	}
}

func packColumnsSIMD128(dst, src []float32, depth, step, cols, width int) {
	packColumns(transposeSIMD128, 4, dst, src, depth, step, cols, width)
}

// winogradSIMD128 returns the transforms for 6 and for 8 points.
func winogradSIMD128() (six, eight transforms) {
	six.input = winogradInput6SIMD128
	six.filter[3], six.output[3] = winogradFilter6x3SIMD128, winogradOutput6x3SIMD128
	six.filter[4], six.output[4] = winogradFilter6x4SIMD128, winogradOutput6x4SIMD128
	eight.input = winogradInput8SIMD128
	eight.filter[2], eight.output[2] = winogradFilter8x2SIMD128, winogradOutput8x2SIMD128
	eight.filter[4], eight.output[4] = winogradFilter8x4SIMD128, winogradOutput8x4SIMD128
	eight.filter[5], eight.output[5] = winogradFilter8x5SIMD128, winogradOutput8x5SIMD128
	eight.filter[7], eight.output[7] = winogradFilter8x7SIMD128, winogradOutput8x7SIMD128
	return six, eight
}

func raiseSIMD128(t *table) {
	t.level = SIMD128
	t.pick = pickSIMD128
	t.packRows, t.packColumns = packRowsSIMD128, packColumnsSIMD128
	t.winograd6, t.winograd8 = winogradSIMD128()

	t.add, t.addScaled, t.scale = addSIMD128, addScaledSIMD128, scaleSIMD128
	t.mul, t.mulAdd, t.dot = mulSIMD128, mulAddSIMD128, dotSIMD128

	t.exp = expSIMD128
	t.vector = vectorsSIMD128
	t.largest, t.expSum = largestSIMD128, expSumSIMD128

	t.columnSums, t.columnMoments, t.addBias = columnSumsSIMD128, columnMomentsSIMD128, addBiasSIMD128
	t.scaleShift, t.normalize = scaleShiftSIMD128, normalizeSIMD128
	t.gradientSums, t.gradientData = gradientSumsSIMD128, gradientDataSIMD128

	t.maxPool, t.maxPoolBackward = maxPoolSIMD128, maxPoolBackwardSIMD128
	t.avgPool, t.avgPoolBackward = avgPoolSIMD128, avgPoolBackwardSIMD128

	t.blendBytes, t.interpolate = blendBytesSIMD128, interpolateSIMD128

	t.depthwise, t.depthwiseWeights = depthwiseSIMD128, depthwiseWeightsSIMD128

	t.sgd, t.adam = sgdSIMD128, adamSIMD128
}

var vectorsSIMD128 = [vectorCodes]vectorKernel{
	VectorCopy:          vectorCopySIMD128,
	VectorNegate:        vectorNegateSIMD128,
	VectorOneMinus:      vectorOneMinusSIMD128,
	VectorAdd:           vectorAddSIMD128,
	VectorMul:           vectorMulSIMD128,
	VectorMax:           vectorMaxSIMD128,
	VectorRelu:          vectorReluSIMD128,
	VectorTanh:          vectorTanhSIMD128,
	VectorSigmoid:       vectorSigmoidSIMD128,
	VectorSin:           vectorSinSIMD128,
	VectorReluGrad:      vectorReluGradSIMD128,
	VectorTanhGrad:      vectorTanhGradSIMD128,
	VectorSigmoidGrad:   vectorSigmoidGradSIMD128,
	VectorSinGrad:       vectorSinGradSIMD128,
	VectorMaxGrad:       vectorMaxGradSIMD128,
	VectorMaxGradSecond: vectorMaxGradSecondSIMD128,
}
