package kernels

// The functions below are the parts of BatchNormForward and BatchNormBackward, for callers that work on some rows at a
// time, side by side or while they are in the cache.

// BatchNormMoments sets; x is (rows, cols), row-major, mean and squares are (cols), and rows must be positive:
//
//	mean[c]    = sum over r of x[r][c] / rows
//	squares[c] = sum over r of (x[r][c]-mean[c])²
func BatchNormMoments(mean []float32, squares []float64, x []float32, rows, cols int) {
	check(rows*cols, x)
	check(cols, mean)
	checkSums(cols, squares)
	t := active.Load()
	for c := 0; c < cols; c += stripCols {
		width := min(stripCols, cols-c)
		sums := t.moments(mean, x, c, rows, width, cols)
		copy(squares[c:], sums[:width])
	}
}

// BatchNormApply sets; y and x are (rows, cols), row-major, the others (cols); y may be x:
//
//	y[r][c] = gamma[c]*invStd[c] * (x[r][c]-mean[c]) + beta[c], then max(·, 0) if relu
func BatchNormApply(y, x, gamma, beta, mean, invStd []float32, rows, cols int, relu bool) {
	check(rows*cols, y, x)
	check(cols, gamma, beta, mean, invStd)
	t := active.Load()
	for r := 0; r < rows && cols > 0; r += stripRows(cols) {
		t.normalize(y[r*cols:], x[r*cols:], gamma, beta, mean, invStd, min(stripRows(cols), rows-r), cols, cols, relu)
	}
}

// BatchNormSums sets; dy, x and y are (rows, cols), row-major, mean, sums and products are (cols). With
// d[r][c] = dy[r][c], or 0 where relu and not y[r][c] > 0,
//
//	sums[c]     = sum over r of d[r][c]
//	products[c] = sum over r of d[r][c]*(x[r][c]-mean[c])
//
// y is read only if relu, and may be nil otherwise.
func BatchNormSums(sums, products []float64, dy, x, y, mean []float32, rows, cols int, relu bool) {
	check(rows*cols, dy, x)
	check(cols, mean)
	checkSums(cols, sums)
	checkSums(cols, products)
	y = mask(y, dy, rows*cols, relu)
	t := active.Load()
	for c := 0; c < cols; c += stripCols {
		width := min(stripCols, cols-c)
		s, p := t.gradientTotals(dy, x, y, mean, c, rows, width, cols, relu)
		copy(sums[c:], s[:width])
		copy(products[c:], p[:width])
	}
}

// BatchNormData sets dx, which may be dy; dx, dy, x and y are (rows, cols), row-major, the others (cols). With the d of
// BatchNormSums, and sums and products those of all total rows of the batch,
//
//	dx[r][c] = gamma[c]*invStd[c] * (d[r][c] - sums[c]/total - (x[r][c]-mean[c])*products[c]*invStd[c]²/total)
//
// y is read only if relu, and may be nil otherwise.
func BatchNormData(dx, dy, x, y, gamma, mean, invStd []float32, sums, products []float64, rows, cols, total int, relu bool) {
	check(rows*cols, dx, dy, x)
	check(cols, gamma, mean, invStd)
	checkSums(cols, sums)
	checkSums(cols, products)
	y = mask(y, dy, rows*cols, relu)
	t := active.Load()
	for c := 0; c < cols; c += stripCols {
		width := min(stripCols, cols-c)
		scale, offset, slope := gradientFactors(gamma[c:], invStd[c:], sums[c:], products[c:], width, total)
		for r := 0; r < rows; r += stripRows(cols) {
			at := r*cols + c
			t.gradientData(dx[at:], dy[at:], x[at:], y[at:], mean[c:], scale, offset, slope, min(stripRows(cols), rows-r), width, cols, relu)
		}
	}
}

// moments sets the means of the strip of x that begins at column c, and returns the sums of the squared differences.
func (t *table) moments(mean, x []float32, c, rows, width, ld int) (squares totals) {
	var sums totals
	for r := 0; r < rows; r += stripRows(ld) {
		part := t.columnSums(x[r*ld+c:], min(stripRows(ld), rows-r), width, ld)
		sums.add(&part, width)
	}
	for i, v := range sums[:width] {
		mean[c+i] = float32(v / float64(rows))
	}
	for r := 0; r < rows; r += stripRows(ld) {
		part := t.columnSquares(x[r*ld+c:], mean[c:], min(stripRows(ld), rows-r), width, ld)
		squares.add(&part, width)
	}
	return squares
}

// gradientTotals returns BatchNormSums' sums for the strip that begins at column c.
func (t *table) gradientTotals(dy, x, y, mean []float32, c, rows, width, ld int, relu bool) (sums, products totals) {
	for r := 0; r < rows; r += stripRows(ld) {
		at := r*ld + c
		s, p := t.gradientSums(dy[at:], x[at:], y[at:], mean[c:], min(stripRows(ld), rows-r), width, ld, relu)
		sums.add(&s, width)
		products.add(&p, width)
	}
	return sums, products
}

// gradientFactors returns what gradientData takes for a strip.
func gradientFactors(gamma, invStd []float32, sums, products []float64, width, total int) (scale, offset, slope strip) {
	for i := range width {
		inv := float64(invStd[i])
		scale[i] = gamma[i] * invStd[i]
		offset[i] = float32(sums[i] / float64(total))
		slope[i] = float32(products[i] * inv * inv / float64(total))
	}
	return scale, offset, slope
}

// mask returns y, or, if nothing will read y, n elements that can be sliced in its place.
func mask(y, dy []float32, n int, relu bool) []float32 {
	if !relu {
		return dy
	}
	check(n, y)
	return y
}

func checkSums(n int, sums []float64) {
	if len(sums) < n {
		panic(msgShort)
	}
}
