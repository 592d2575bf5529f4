package kernels

import "math"

// BatchNormForward normalises the columns of x (rows, cols), row-major, into y (Ioffe & Szegedy, 2015,
// algorithm 1). gamma, beta, mean and invStd are (cols); mean and invStd, of the biased variance, are
// outputs, found in two passes. rows must be positive. y must not overlap x.
//
//	mean[c]   = sum over r of x[r][c] / rows
//	invStd[c] = 1 / sqrt(sum over r of (x[r][c]-mean[c])² / rows + eps)
//	y[r][c]   = gamma[c]*(x[r][c]-mean[c])*invStd[c] + beta[c], then max(·, 0) if relu
func BatchNormForward(y, x, gamma, beta, mean, invStd []float32, rows, cols int, eps float32, relu bool) {
	check(rows*cols, y, x)
	check(cols, gamma, beta, mean, invStd)
	for c := range cols {
		var s, q float64
		for r := range rows {
			s += float64(x[r*cols+c])
		}
		m := float32(s / float64(rows))
		for r := range rows {
			d := x[r*cols+c] - m
			q += float64(float32(d * d))
		}
		inv := float32(1 / math.Sqrt(q/float64(rows)+float64(eps)))
		mean[c], invStd[c] = m, inv
		for r := range rows {
			v := float32(float32(gamma[c]*inv)*(x[r*cols+c]-m)) + beta[c]
			if relu && v < 0 {
				v = 0
			}
			y[r*cols+c] = v
		}
	}
}

// BatchNormInfer sets; x and y are (rows, cols), row-major, scale and shift (cols); y may be x:
//
//	y[r][c] = x[r][c]*scale[c] + shift[c], then max(·, 0) if relu
func BatchNormInfer(y, x, scale, shift []float32, rows, cols int, relu bool) {
	check(rows*cols, y, x)
	check(cols, scale, shift)
	for r := range rows {
		for c := range cols {
			v := float32(x[r*cols+c]*scale[c]) + shift[c]
			if relu && v < 0 {
				v = 0
			}
			y[r*cols+c] = v
		}
	}
}

// BatchNormBackward adds the gradients of BatchNormForward (Ioffe & Szegedy, 2015, section 3) to
// dx (rows, cols), dgamma and dbeta (cols). With d[r][c] = dy[r][c], or 0 where relu and y[r][c] <= 0,
// and u[r][c] = (x[r][c]-mean[c])*invStd[c],
//
//	S[c] = sum over r of d[r][c],  T[c] = sum over r of d[r][c]*u[r][c]
//	dbeta[c] += S[c],  dgamma[c] += T[c]
//	dx[r][c] += gamma[c]*invStd[c] * (d[r][c] - S[c]/rows - u[r][c]*T[c]/rows)
//
// y is read only if relu.
func BatchNormBackward(dx, dgamma, dbeta, dy, x, y, gamma, mean, invStd []float32, rows, cols int, relu bool) {
	check(rows*cols, dx, dy, x)
	check(cols, dgamma, dbeta, gamma, mean, invStd)
	if relu {
		check(rows*cols, y)
	}
	for c := range cols {
		var s, t float64
		for i := c; i < rows*cols; i += cols {
			if !relu || y[i] > 0 {
				s += float64(dy[i])
				t += float64(float32(dy[i] * float32((x[i]-mean[c])*invStd[c])))
			}
		}
		dbeta[c] += float32(s)
		dgamma[c] += float32(t)
		a, b := float32(s/float64(rows)), float32(t/float64(rows))
		g := float32(gamma[c] * invStd[c])
		for i := c; i < rows*cols; i += cols {
			d := dy[i]
			if relu && !(y[i] > 0) {
				d = 0
			}
			u := float32((x[i] - mean[c]) * invStd[c])
			dx[i] += float32(g * (d - a - float32(u*b)))
		}
	}
}
