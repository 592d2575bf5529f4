package kernels

// A table holds the kernels of one level. The exported functions check their operands and call it;
// kernels check nothing and never keep what they are given.
type table struct {
	level Level

	pick func(cols int) *tile // the tile for the first of cols columns that are left

	packRows    func(dst, src []float32, rows, step, cols, width int)
	packColumns func(dst, src []float32, depth, step, cols, width int)

	winograd6, winograd8 transforms

	add       func(dst, x []float32)
	addScaled func(dst []float32, alpha float32, x []float32)
	scale     func(dst []float32, alpha float32)
	mul       func(dst, x, y []float32)
	mulAdd    func(dst, x, y []float32)
	dot       func(x, y []float32) float32

	exp    func(dst, x []float32)
	vector [vectorCodes]vectorKernel

	largest func(x []float32) float32
	expSum  func(dst, x []float32, shift float32) float64

	// The distance between rows is ld; cols is at most stripCols where a strip is involved.
	columnSums    func(x []float32, rows, cols, ld int) strip
	columnMoments func(x, about []float32, rows, cols, ld int) (sums, squares strip)
	addBias       func(y, bias []float32, rows, cols, ld int)
	scaleShift    func(y, x, scale, shift []float32, rows, cols, ld int, relu bool)
	normalize     func(y, x, gamma, beta, mean, invStd []float32, rows, cols, ld int, relu bool)
	gradientSums  func(sums, products []float64, dy, x, gamma, beta, mean, invStd []float32, rows, cols, ld int, relu bool)
	gradientData  func(dx, dy, x, beta, mean []float32, scale, offset, slope strip, rows, cols, ld int, relu, add bool)

	maxPool         maxPool
	maxPoolBackward func(dx, dy []float32, at []int32, first, outputs, channels, step, tapsH, tapsW, row int)
	avgPool         avgPool
	avgPoolBackward avgPool

	blendBytes  func(dst []float32, a, b []uint8, t, shift, scale float32)
	interpolate func(dst, src []float32, index, low []int32, weight []float32, step int)

	depthwise        depthwise
	depthwiseWeights depthwiseWeights

	sgd  func(w, dw, v []float32, lr, momentum, weightDecay float32, nesterov bool)
	adam func(w, dw, m, v []float32, lr, beta1, beta2, eps, weightDecay, correction1, correction2 float32)
}

func genericTable() table {
	return table{
		level: Generic,

		pick: func(int) *tile { return &genericTile },

		packRows:    packRowsGeneric,
		packColumns: packColumnsGeneric,

		winograd6: genericTransforms(pairs6, 3, 4),
		winograd8: genericTransforms(pairs8, 2, 4, 5, 7),

		add:       addGeneric,
		addScaled: addScaledGeneric,
		scale:     scaleGeneric,
		mul:       mulGeneric,
		mulAdd:    mulAddGeneric,
		dot:       dotGeneric,

		exp:    expGeneric,
		vector: genericVectors(),

		largest: largestGeneric,
		expSum:  expSumGeneric,

		columnSums:    columnSumsGeneric,
		columnMoments: columnMomentsGeneric,
		addBias:       addBiasGeneric,
		scaleShift:    scaleShiftGeneric,
		normalize:     normalizeGeneric,
		gradientSums:  gradientSumsGeneric,
		gradientData:  gradientDataGeneric,

		maxPool:         maxPoolBy(largerGeneric),
		maxPoolBackward: maxPoolBackwardGeneric,
		avgPool:         avgPoolBy(addGeneric, scaleGeneric),
		avgPoolBackward: avgPoolBackwardBy(addScaledGeneric),

		blendBytes:  blendBytesGeneric,
		interpolate: interpolateGeneric,

		depthwise:        depthwiseBy(mulAddGeneric),
		depthwiseWeights: depthwiseWeightsBy(mulAddGeneric),

		sgd:  sgdGeneric,
		adam: adamGeneric,
	}
}
