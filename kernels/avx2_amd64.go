//go:build !purego

package kernels

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
	t.packRows, t.packColumns = packRowsAVX2, packColumnsAVX2
	t.winograd6, t.winograd8 = winogradAVX2()

	t.add, t.addScaled, t.scale = addAVX2, addScaledAVX2, scaleAVX2
	t.mul, t.mulAdd, t.dot = mulAVX2, mulAddAVX2, dotAVX2

	t.exp = expAVX2
	t.vector = vectorsAVX2
	t.largest, t.expSum = largestAVX2, expSumAVX2

	t.columnSums, t.columnMoments, t.addBias = columnSumsAVX2, columnMomentsAVX2, addBiasAVX2
	t.scaleShift, t.normalize = scaleShiftAVX2, normalizeAVX2
	t.gradientSums, t.gradientData = gradientSumsAVX2, gradientDataAVX2

	t.blendBytes, t.interpolate = blendBytesAVX2, interpolateAVX2

	t.maxPool, t.maxPoolBackward = maxPoolAVX2, maxPoolBackwardAVX2
	t.avgPool, t.avgPoolBackward = avgPoolAVX2, avgPoolBackwardAVX2

	t.depthwise, t.depthwiseWeights = depthwiseAVX2, depthwiseWeightsAVX2

	t.sgd, t.adam = sgdAVX2, adamAVX2
}

var vectorsAVX2 = [vectorCodes]vectorKernel{
	VectorCopy:          vectorCopyAVX2,
	VectorNegate:        vectorNegateAVX2,
	VectorOneMinus:      vectorOneMinusAVX2,
	VectorAdd:           vectorAddAVX2,
	VectorMul:           vectorMulAVX2,
	VectorMax:           vectorMaxAVX2,
	VectorRelu:          vectorReluAVX2,
	VectorTanh:          vectorTanhAVX2,
	VectorSigmoid:       vectorSigmoidAVX2,
	VectorSin:           vectorSinAVX2,
	VectorReluGrad:      vectorReluGradAVX2,
	VectorTanhGrad:      vectorTanhGradAVX2,
	VectorSigmoidGrad:   vectorSigmoidGradAVX2,
	VectorSinGrad:       vectorSinGradAVX2,
	VectorMaxGrad:       vectorMaxGradAVX2,
	VectorMaxGradSecond: vectorMaxGradSecondAVX2,
}
