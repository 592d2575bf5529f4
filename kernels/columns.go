package kernels

// Column kernels work on a strip of columns of row-major matrices. Those that go on to other columns of the same rows
// take so many rows that they stay in the cache meanwhile.

// stripCols is the number of columns in a strip.
const stripCols = 32

// strip has one element per column. It is passed by value, since through a function in a table a pointer
// escapes to the heap; were it much longer, the assembly's callers would overrun the part of the stack that is
// left to functions without a stack check.
type strip = [stripCols]float32

// stripRows returns how many rows of cols columns to work on at a time.
func stripRows(cols int) int { return 4096 / min(cols, stripCols) }

// sumRows is how many rows are summed in float32; sums over more rows go on in float64.
const sumRows = 512

// totals are the sums of a strip over all rows.
type totals [stripCols]float64

func (t *totals) add(s *strip, width int) {
	for i, v := range s[:width] {
		t[i] += float64(v)
	}
}

// ColumnSums adds; x is (rows, cols), row-major, dst is (cols):
//
//	for r := range rows { for c := range cols { dst[c] += x[r][c] } }
func ColumnSums(dst, x []float32, rows, cols int) {
	check(cols, dst)
	check(rows*cols, x)
	active.Load().addColumnSums(dst, x, rows, cols)
}

func (t *table) addColumnSums(dst, x []float32, rows, cols int) {
	for c := 0; c < cols; c += stripCols {
		width := min(stripCols, cols-c)
		var sums totals
		for r := 0; r < rows; r += sumRows {
			part := t.columnSums(x[r*cols+c:], min(sumRows, rows-r), width, cols)
			sums.add(&part, width)
		}
		for i, v := range sums[:width] {
			dst[c+i] += float32(v)
		}
	}
}

// AddBias adds; y is (rows, cols), row-major, bias is (cols):
//
//	for r := range rows { for c := range cols { y[r][c] += bias[c] } }
func AddBias(y, bias []float32, rows, cols int) {
	check(cols, bias)
	check(rows*cols, y)
	t := active.Load()
	for r := 0; r < rows && cols > 0; r += stripRows(cols) {
		t.addBias(y[r*cols:], bias, min(stripRows(cols), rows-r), cols, cols)
	}
}

func columnSumsGeneric(x []float32, rows, cols, ld int) (sums strip) {
	for r := range rows {
		for c, v := range x[r*ld:][:cols] {
			sums[c%stripCols] += v
		}
	}
	return sums
}

func addBiasGeneric(y, bias []float32, rows, cols, ld int) {
	for r := range rows {
		addGeneric(y[r*ld:][:cols], bias)
	}
}
