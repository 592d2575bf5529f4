package kernels

// A transform maps vectors to other vectors: y_o = sum over i of c[o][i]*x_i, for every element of rows rows of cols
// elements. Element e of row r of x_i is src[i*srcStep + r*srcRow + e], that of y_o is dst[o*dstStep + r*dstRow + e].
type transform func(dst []float32, dstStep, dstRow int, src []float32, srcStep, srcRow, rows, cols int)

// An addingTransform overwrites, or adds to, what is in dst.
type addingTransform func(dst []float32, dstStep, dstRow int, src []float32, srcStep, srcRow, rows, cols int, add bool)

// transforms are those of Winograd's method for a number of points. filter[r] maps r taps to points, output[m] maps
// points to m places; see axis.
type transforms struct {
	input  transform
	filter [8]transform
	output [8]addingTransform
}

// The points at which polynomials are evaluated: 0, each of these and its negative, and infinity. Powers of two keep
// the transforms of inputs and outputs free of rounding in their factors; larger sets cost more accuracy.
var (
	pairs6 = []float64{1, 2}
	pairs8 = []float64{1, 2, 0.5}
)

// genericTransforms returns the transforms of Toom and Cook for the points of pairs, for filters of the given
// sizes. With M_a the product of (t - b) over the finite points b other than a, and M the product over all:
//
//	input:  x_a = sum over k of [t^k]M_a * d_k;   at infinity [t^k]M
//	filter: u_a = sum over k of a^k/M_a(a) * g_k; at infinity the last g
//	output: y_j = sum over a of a^j * z_a;        the last one also gets z at infinity
//
// If z_a = x_a*u_a, then y_j = sum over k of g_k * d_(j+k) (Winograd, 1980; Lavin & Gray, 2016).
func genericTransforms(pairs []float64, sizes ...int) transforms {
	points := []float64{0}
	for _, a := range pairs {
		points = append(points, a, -a)
	}
	n := len(points) + 1
	in := make([][]float32, n)
	all := []float64{1}
	for _, b := range points {
		all = timesRoot(all, b)
	}
	at := make([]float64, len(points)) // M_a(a)
	for i, a := range points {
		rest := []float64{1}
		for j, b := range points {
			if j != i {
				rest = timesRoot(rest, b)
			}
		}
		in[i] = singles(rest, n)
		for k := len(rest) - 1; k >= 0; k-- {
			at[i] = float64(at[i]*a) + rest[k]
		}
	}
	in[n-1] = singles(all, n)
	t := transforms{input: withoutAdding(matrixTransform(in))}
	for _, size := range sizes {
		filter, out := make([][]float32, n), make([][]float32, size)
		for j := range out {
			out[j] = make([]float32, n)
		}
		for i, a := range points {
			filter[i] = make([]float32, size)
			power := 1.0
			for k := range size {
				filter[i][k], out[k][i] = float32(power/at[i]), float32(power)
				power *= a
			}
		}
		filter[n-1] = make([]float32, size)
		filter[n-1][size-1], out[size-1][n-1] = 1, 1
		t.filter[size], t.output[size] = withoutAdding(matrixTransform(filter)), matrixTransform(out)
	}
	return t
}

// timesRoot returns p(t)*(t-b); coefficients are in ascending order.
func timesRoot(p []float64, b float64) []float64 {
	out := make([]float64, len(p)+1)
	for k, v := range p {
		out[k] -= float64(b * v)
		out[k+1] += v
	}
	return out
}

// singles returns p as n float32, with zeros at the end.
func singles(p []float64, n int) []float32 {
	out := make([]float32, n)
	for k, v := range p {
		out[k] = float32(v)
	}
	return out
}

// matrixTransform returns the transform with the coefficients c.
func matrixTransform(c [][]float32) addingTransform {
	return func(dst []float32, dstStep, dstRow int, src []float32, srcStep, srcRow, rows, cols int, add bool) {
		for r := range rows {
			for o, factors := range c {
				out := dst[o*dstStep+r*dstRow:][:cols]
				if !add {
					clear(out)
				}
				for i, f := range factors {
					if f != 0 {
						addScaledGeneric(out, f, src[i*srcStep+r*srcRow:])
					}
				}
			}
		}
	}
}

func withoutAdding(f addingTransform) transform {
	return func(dst []float32, dstStep, dstRow int, src []float32, srcStep, srcRow, rows, cols int) {
		f(dst, dstStep, dstRow, src, srcStep, srcRow, rows, cols, false)
	}
}
