package kernels

// momentCols is how many columns are measured at a time: so few that their moments take little of the stack, and so many
// that the pieces of rows are long enough to be read at full speed.
const momentCols = 128

// moments are the mean of each column over the rows so far, and the sum of the squares of the differences from it.
type moments struct{ mean, squares [momentCols]float64 }

// measure sets mean to the means of the first columns of x, whose rows are ld apart, and m to their moments. It reads
// x once, apart from the first block of rows: a block is summed about what is so far the mean, so that little is lost to
// rounding, and joined to the rows before it by the pairwise formula of Chan, Golub & LeVeque (1983).
func (m *moments) measure(t *table, mean, x []float32, rows, ld int) {
	for r := 0; r < rows; r += sumRows {
		height := min(sumRows, rows-r)
		for c := 0; c < len(mean); c += stripCols {
			about, block := mean[c:min(c+stripCols, len(mean))], x[r*ld+c:]
			if r == 0 {
				sums := t.columnSums(block, height, len(about), ld)
				for i := range about {
					about[i] = sums[i] / float32(height)
				}
			}
			sums, squares := t.columnMoments(block, about, height, len(about), ld)
			m.join(c, about, &sums, &squares, r, height)
		}
	}
}

// join takes in a block of rows, given its sums, and those of the squares, about a number for each column from c. It
// sets that to the new mean.
func (m *moments) join(c int, about []float32, sums, squares *strip, before, height int) {
	inverse := 1 / float64(height)
	part := float64(height) / float64(before+height)
	both := float64(before) * part
	mean, total := m.mean[c:c+len(about)], m.squares[c:c+len(about)]
	for i, a := range about {
		sum := float64(sums[i])
		offset := float64(sum * inverse) // of the block's mean
		apart := float64(a) + offset - mean[i]
		mean[i] += float64(apart * part)
		total[i] += float64(squares[i]) - float64(sum*offset) + float64(float64(apart*apart)*both)
		about[i] = float32(mean[i])
	}
}

// columnMomentsGeneric sums x - about, and its squares, over the rows.
func columnMomentsGeneric(x, about []float32, rows, cols, ld int) (sums, squares strip) {
	about = about[:cols]
	for r := range rows {
		for c, v := range x[r*ld:][:cols] {
			d := v - about[c]
			sums[c%stripCols] += d
			squares[c%stripCols] += float32(d * d)
		}
	}
	return sums, squares
}
