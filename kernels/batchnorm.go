package kernels

import "math"

// BatchNormForward normalises the columns of x (rows, cols), row-major, into y (Ioffe & Szegedy, 2015,
// algorithm 1). gamma, beta, mean and invStd are (cols); mean and invStd, of the biased variance, are
// outputs, found in two passes. rows must be positive. y may be x.
//
//	mean[c]   = sum over r of x[r][c] / rows
//	invStd[c] = 1 / sqrt(sum over r of (x[r][c]-mean[c])² / rows + eps)
//	y[r][c]   = gamma[c]*invStd[c] * (x[r][c]-mean[c]) + beta[c], then max(·, 0) if relu
func BatchNormForward(y, x, gamma, beta, mean, invStd []float32, rows, cols int, eps float32, relu bool) {
	check(rows*cols, y, x)
	check(cols, gamma, beta, mean, invStd)
	t := active.Load()
	for c := 0; c < cols; c += stripCols {
		width := min(stripCols, cols-c)
		squares := t.moments(mean, x, c, rows, width, cols)
		for i, v := range squares[:width] {
			invStd[c+i] = float32(1 / math.Sqrt(v/float64(rows)+float64(eps)))
		}
	}
	BatchNormApply(y, x, gamma, beta, mean, invStd, rows, cols, relu)
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

// BatchNormBackward adds the gradients of BatchNormForward (Ioffe & Szegedy, 2015, section 3) to
// dgamma and dbeta (cols), and sets dx (rows, cols), which may be dy. With d[r][c] = dy[r][c], or 0 where relu and not y[r][c] > 0,
// and u[r][c] = (x[r][c]-mean[c])*invStd[c],
//
//	S[c] = sum over r of d[r][c],  T[c] = sum over r of d[r][c]*u[r][c]
//	dbeta[c] += S[c],  dgamma[c] += T[c]
//	dx[r][c] = gamma[c]*invStd[c] * (d[r][c] - S[c]/rows - u[r][c]*T[c]/rows)
//
// y is read only if relu, and may be nil otherwise.
func BatchNormBackward(dx, dgamma, dbeta, dy, x, y, gamma, mean, invStd []float32, rows, cols int, relu bool) {
	check(rows*cols, dx, dy, x)
	check(cols, dgamma, dbeta, gamma, mean, invStd)
	y = mask(y, dy, rows*cols, relu)
	t := active.Load()
	for c := 0; c < cols; c += stripCols {
		width := min(stripCols, cols-c)
		sums, products := t.gradientTotals(dy, x, y, mean, c, rows, width, cols, relu)
		for i := range width {
			dbeta[c+i] += float32(sums[i])
			dgamma[c+i] += float32(products[i] * float64(invStd[c+i]))
		}
		scale, offset, slope := gradientFactors(gamma[c:], invStd[c:], sums[:], products[:], width, rows)
		for r := 0; r < rows; r += stripRows(cols) {
			at := r*cols + c
			t.gradientData(dx[at:], dy[at:], x[at:], y[at:], mean[c:], scale, offset, slope, min(stripRows(cols), rows-r), width, cols, relu)
		}
	}
}

// columnSquaresGeneric sums (x[r][c]-mean[c])² over the rows.
func columnSquaresGeneric(x, mean []float32, rows, cols, ld int) (sums strip) {
	mean = mean[:cols]
	for r := range rows {
		for c, v := range x[r*ld:][:cols] {
			d := v - mean[c]
			sums[c%stripCols] += float32(d * d)
		}
	}
	return sums
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

// gradientSumsGeneric sums d and d*(x-mean) over the rows.
func gradientSumsGeneric(dy, x, y, mean []float32, rows, cols, ld int, relu bool) (sums, products strip) {
	mean = mean[:cols]
	for r := range rows {
		in, out := x[r*ld:][:cols], y[r*ld:][:cols]
		for c, d := range dy[r*ld:][:cols] {
			if !relu || out[c] > 0 {
				sums[c%stripCols] += d
				products[c%stripCols] += float32(d * (in[c] - mean[c]))
			}
		}
	}
	return sums, products
}

// gradientDataGeneric sets dx, which may be dy, to scale*(d - offset - (x-mean)*slope).
func gradientDataGeneric(dx, dy, x, y, mean []float32, scale, offset, slope strip, rows, cols, ld int, relu bool) {
	mean = mean[:cols]
	for r := range rows {
		in, out, to := x[r*ld:][:cols], y[r*ld:][:cols], dx[r*ld:][:cols]
		for c, d := range dy[r*ld:][:cols] {
			if relu && !(out[c] > 0) {
				d = 0
			}
			s := c % stripCols
			to[c] = scale[s] * (d - offset[s] - float32((in[c]-mean[c])*slope[s]))
		}
	}
}
