package kernels

// Batch normalisation (Ioffe & Szegedy, 2015, algorithm 1 and section 3) comes in parts, for callers that share the rows
// among threads or work on some while they are in the cache. In training,
//
//	BatchNormMoments   of the rows, or of some, to be joined
//	BatchNormApply     with 1/invStd² = the variance + epsilon
//	BatchNormSums      of the gradients, likewise; they are dbeta, and dgamma/invStd
//	BatchNormData      with the sums over all rows
//
// and with fixed moments BatchNormInfer.

// BatchNormMoments sets; x is (rows, cols), row-major, mean and squares are (cols), and rows must be positive:
//
//	mean[c]    = sum over r of x[r][c] / rows
//	squares[c] = sum over r of (x[r][c]-mean[c])²
func BatchNormMoments(mean []float32, squares []float64, x []float32, rows, cols int) {
	check(rows*cols, x)
	check(cols, mean)
	checkSums(cols, squares)
	t := active.Load()
	for c := 0; c < cols; c += momentCols {
		width := min(momentCols, cols-c)
		var m moments
		m.measure(t, mean[c:c+width], x[c:], rows, cols)
		copy(squares[c:], m.squares[:width])
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

// BatchNormInfer sets; x and y are (rows, cols), row-major, scale and shift (cols); y may be x:
//
//	y[r][c] = x[r][c]*scale[c] + shift[c], then max(·, 0) if relu
func BatchNormInfer(y, x, scale, shift []float32, rows, cols int, relu bool) {
	check(rows*cols, y, x)
	check(cols, scale, shift)
	t := active.Load()
	for r := 0; r < rows && cols > 0; r += stripRows(cols) {
		t.scaleShift(y[r*cols:], x[r*cols:], scale, shift, min(stripRows(cols), rows-r), cols, cols, relu)
	}
}

// BatchNormSums sets; dy and x are (rows, cols), row-major, the others (cols). With d[r][c] = dy[r][c], or 0 where relu
// and BatchNormApply's y[r][c] is not > 0, which is found again from x,
//
//	sums[c]     = sum over r of d[r][c]
//	products[c] = sum over r of d[r][c]*(x[r][c]-mean[c])
func BatchNormSums(sums, products []float64, dy, x, gamma, beta, mean, invStd []float32, rows, cols int, relu bool) {
	check(rows*cols, dy, x)
	check(cols, gamma, beta, mean, invStd)
	checkSums(cols, sums)
	checkSums(cols, products)
	clear(sums[:cols])
	clear(products[:cols])
	t := active.Load()
	for r := 0; r < rows; r += sumRows {
		t.gradientSums(sums, products, dy[r*cols:], x[r*cols:], gamma, beta, mean, invStd, min(sumRows, rows-r), cols, cols, relu)
	}
}

// BatchNormData adds to dx, or sets it, and then it may be dy; dx, dy and x are (rows, cols), row-major, the others (cols).
// With the d of BatchNormSums, and sums and products those of all total rows of the batch,
//
//	dx[r][c] += gamma[c]*invStd[c] * (d[r][c] - sums[c]/total - (x[r][c]-mean[c])*products[c]*invStd[c]²/total)
func BatchNormData(dx, dy, x, gamma, beta, mean, invStd []float32, sums, products []float64, rows, cols, total int, relu, add bool) {
	check(rows*cols, dx, dy, x)
	check(cols, gamma, beta, mean, invStd)
	checkSums(cols, sums)
	checkSums(cols, products)
	t := active.Load()
	for c := 0; c < cols; c += stripCols {
		width := min(stripCols, cols-c)
		f := newGradientFactors(gamma[c:], invStd[c:], sums[c:], products[c:], width, total)
		for r := 0; r < rows; r += stripRows(cols) {
			at := r*cols + c
			t.gradientData(dx[at:], dy[at:], x[at:], beta[c:], mean[c:], f.scale, f.offset, f.slope, min(stripRows(cols), rows-r), width, cols, relu, add)
		}
	}
}

// gradientFactors are, for each column of a strip, the factors of BatchNormData:
// dx += scale*(d - offset - (x-mean)*slope).
type gradientFactors struct{ scale, offset, slope strip }

func newGradientFactors(gamma, invStd []float32, sums, products []float64, width, total int) (f gradientFactors) {
	for i := range width {
		inv := float64(invStd[i])
		f.scale[i] = gamma[i] * invStd[i]
		f.offset[i] = float32(sums[i] / float64(total))
		f.slope[i] = float32(products[i] * inv * inv / float64(total))
	}
	return f
}

func checkSums(n int, sums []float64) {
	if len(sums) < n {
		panic(msgShort)
	}
}

// normalizeGeneric sets y to gamma*invStd * (x-mean) + beta.
func normalizeGeneric(y, x, gamma, beta, mean, invStd []float32, rows, cols, ld int, relu bool) {
	gamma, beta, mean, invStd = gamma[:cols], beta[:cols], mean[:cols], invStd[:cols]
	for r := range rows {
		out := y[r*ld:][:cols]
		for c, v := range x[r*ld:][:cols] {
			v = float32(float32(gamma[c]*invStd[c])*(v-mean[c])) + beta[c]
			if relu && v < 0 {
				v = 0
			}
			out[c] = v
		}
	}
}

// scaleShiftGeneric sets y to x*scale + shift.
func scaleShiftGeneric(y, x, scale, shift []float32, rows, cols, ld int, relu bool) {
	scale, shift = scale[:cols], shift[:cols]
	for r := range rows {
		out := y[r*ld:][:cols]
		for c, v := range x[r*ld:][:cols] {
			v = float32(v*scale[c]) + shift[c]
			if relu && v < 0 {
				v = 0
			}
			out[c] = v
		}
	}
}

// gradientSumsGeneric adds BatchNormSums' sums.
func gradientSumsGeneric(sums, products []float64, dy, x, gamma, beta, mean, invStd []float32, rows, cols, ld int, relu bool) {
	for c := 0; c < cols; c += stripCols {
		var s, p strip
		width := min(stripCols, cols-c)
		gamma, beta, mean, invStd := gamma[c:c+width], beta[c:c+width], mean[c:c+width], invStd[c:c+width]
		for r := range rows {
			in := x[r*ld+c:][:width]
			for i, d := range dy[r*ld+c:][:width] {
				v := in[i] - mean[i]
				if !relu || float32(float32(gamma[i]*invStd[i])*v)+beta[i] > 0 {
					s[i%stripCols] += d
					p[i%stripCols] += float32(d * v)
				}
			}
		}
		for i := range width {
			sums[c+i] += float64(s[i])
			products[c+i] += float64(p[i])
		}
	}
}

// gradientDataGeneric adds scale*(d - offset - (x-mean)*slope) to dx, or sets dx to it.
func gradientDataGeneric(dx, dy, x, beta, mean []float32, scale, offset, slope strip, rows, cols, ld int, relu, add bool) {
	beta, mean = beta[:cols], mean[:cols]
	for r := range rows {
		in, to := x[r*ld:][:cols], dx[r*ld:][:cols]
		for c, d := range dy[r*ld:][:cols] {
			s, v := c%stripCols, in[c]-mean[c]
			if relu && !(float32(scale[s]*v)+beta[c] > 0) {
				d = 0
			}
			d = float32(scale[s] * (d - offset[s] - float32(v*slope[s])))
			if add {
				d += to[c]
			}
			to[c] = d
		}
	}
}
