//go:build !purego

package kernels

var (
	tile8NEON  = tile{n: 8, rows: 8, byRow: byRow8x8NEON, columns: 12, byColumn: byColumn12x8NEON}
	tile12NEON = tile{n: 12, rows: 6, byRow: byRow6x12NEON, columns: 8, byColumn: byColumn8x12NEON}
	tile16NEON = tile{n: 16, rows: 6, byRow: byRow6x16NEON, columns: 6, byColumn: byColumn6x16NEON}
	tile24NEON = tile{n: 24, rows: 4, byRow: byRow4x24NEON, columns: 4, byColumn: byColumn4x24NEON}
)

// pickNEON leaves as few columns empty as it can, at most 3 unless there are fewer than 8 to begin with.
func pickNEON(cols int) *tile {
	switch {
	case cols <= 8:
		return &tile8NEON
	case cols <= 12 || cols > 16 && cols <= 20: // 20 is 12 and 8
		return &tile12NEON
	case cols > 20 && cols <= 24 || cols > 32 && cols <= 36: // 36 is 24 and 12
		return &tile24NEON
	default:
		return &tile16NEON
	}
}

func raiseNEON(t *table) {
	t.level = NEON
	t.pick = pickNEON
	t.packRows, t.packColumns = packRowsNEON, packColumnsNEON
	t.winograd6, t.winograd8 = winogradNEON()

	t.add, t.addScaled, t.scale = addNEON, addScaledNEON, scaleNEON
	t.mul, t.mulAdd, t.dot = mulNEON, mulAddNEON, dotNEON

	t.exp = expNEON
	t.vector = vectorsNEON
	t.largest, t.expSum = largestNEON, expSumNEON

	t.columnSums, t.columnMoments, t.addBias = columnSumsNEON, columnMomentsNEON, addBiasNEON
	t.scaleShift, t.normalize = scaleShiftNEON, normalizeNEON
	t.gradientSums, t.gradientData = gradientSumsNEON, gradientDataNEON

	t.maxPool, t.maxPoolBackward = maxPoolNEON, maxPoolBackwardNEON
	t.avgPool, t.avgPoolBackward = avgPoolNEON, avgPoolBackwardNEON

	t.blendBytes, t.interpolate = blendBytesNEON, interpolateNEON

	t.depthwise, t.depthwiseWeights = depthwiseNEON, depthwiseWeightsNEON

	t.sgd, t.adam = sgdNEON, adamNEON
}

var vectorsNEON = [vectorCodes]vectorKernel{
	VectorCopy:          vectorCopyNEON,
	VectorNegate:        vectorNegateNEON,
	VectorOneMinus:      vectorOneMinusNEON,
	VectorAdd:           vectorAddNEON,
	VectorMul:           vectorMulNEON,
	VectorMax:           vectorMaxNEON,
	VectorRelu:          vectorReluNEON,
	VectorTanh:          vectorTanhNEON,
	VectorSigmoid:       vectorSigmoidNEON,
	VectorSin:           vectorSinNEON,
	VectorReluGrad:      vectorReluGradNEON,
	VectorTanhGrad:      vectorTanhGradNEON,
	VectorSigmoidGrad:   vectorSigmoidGradNEON,
	VectorSinGrad:       vectorSinGradNEON,
	VectorMaxGrad:       vectorMaxGradNEON,
	VectorMaxGradSecond: vectorMaxGradSecondNEON,
}
