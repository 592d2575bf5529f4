//go:build !purego

package kernels

var (
	tile16AVX512 = tile{n: 16, rows: 8, byRow: byRow8x16AVX512, columns: 16, byColumn: byColumn16x16AVX512}
	tile32AVX512 = tile{n: 32, rows: 8, byRow: byRow8x32AVX512, columns: 12, byColumn: byColumn12x32AVX512}
	tile48AVX512 = tile{n: 48, rows: 8, byRow: byRow8x48AVX512, columns: 8, byColumn: byColumn8x48AVX512}
)

// pickAVX512 leaves as few columns empty as it can, at most 15, and
// avoids the narrowest tile, which waits for its loads.
func pickAVX512(cols int) *tile {
	switch {
	case cols <= 8:
		return &tile8AVX2
	case cols <= 16:
		return &tile16AVX512
	case cols <= 32, cols > 48 && cols <= 64:
		return &tile32AVX512
	default:
		return &tile48AVX512
	}
}

func raiseAVX512(t *table) {
	t.level = AVX512
	t.pick = pickAVX512
	t.packRows, t.packColumns = packRowsWide, packColumnsAVX512
	t.winograd6, t.winograd8 = winogradAVX512()

	t.blendBytes = blendBytesAVX512

	t.add, t.addScaled, t.scale = addAVX512, addScaledAVX512, scaleAVX512
	t.mul, t.mulAdd, t.dot = mulAVX512, mulAddAVX512, dotAVX512

	t.exp = expAVX512
	t.vector = vectorsAVX512
	t.largest, t.expSum = largestAVX512, expSumAVX512

	t.columnSums, t.columnMoments, t.addBias = columnSumsAVX512, columnMomentsAVX512, addBiasAVX512
	t.scaleShift, t.normalize = scaleShiftAVX512, normalizeAVX512
	t.gradientSums, t.gradientData = gradientSumsAVX512, gradientDataAVX512

	t.maxPool, t.maxPoolBackward = maxPoolAVX512, maxPoolBackwardAVX512
	t.avgPool, t.avgPoolBackward = avgPoolAVX512, avgPoolBackwardAVX512

	t.depthwise, t.depthwiseWeights = depthwiseAVX512, depthwiseWeightsAVX512

	t.sgd, t.adam = sgdAVX512, adamAVX512
}

var vectorsAVX512 = [vectorCodes]vectorKernel{
	VectorCopy:          vectorCopyAVX512,
	VectorNegate:        vectorNegateAVX512,
	VectorOneMinus:      vectorOneMinusAVX512,
	VectorAdd:           vectorAddAVX512,
	VectorMul:           vectorMulAVX512,
	VectorMax:           vectorMaxAVX512,
	VectorRelu:          vectorReluAVX512,
	VectorTanh:          vectorTanhAVX512,
	VectorSigmoid:       vectorSigmoidAVX512,
	VectorSin:           vectorSinAVX512,
	VectorReluGrad:      vectorReluGradAVX512,
	VectorTanhGrad:      vectorTanhGradAVX512,
	VectorSigmoidGrad:   vectorSigmoidGradAVX512,
	VectorSinGrad:       vectorSinGradAVX512,
	VectorMaxGrad:       vectorMaxGradAVX512,
	VectorMaxGradSecond: vectorMaxGradSecondAVX512,
}
