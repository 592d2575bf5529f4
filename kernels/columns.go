package kernels

// ColumnSums adds; x is (rows, cols), row-major, dst is (cols):
//
//	for r := range rows { for c := range cols { dst[c] += x[r][c] } }
func ColumnSums(dst, x []float32, rows, cols int) {
	check(cols, dst)
	check(rows*cols, x)
	for r := range rows {
		addGeneric(dst[:cols], x[r*cols:])
	}
}

// AddBias adds; y is (rows, cols), row-major, bias is (cols):
//
//	for r := range rows { for c := range cols { y[r][c] += bias[c] } }
func AddBias(y, bias []float32, rows, cols int) {
	check(cols, bias)
	check(rows*cols, y)
	for r := range rows {
		addGeneric(y[r*cols:(r+1)*cols], bias)
	}
}
