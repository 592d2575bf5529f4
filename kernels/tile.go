package kernels

// A tile is a micro-kernel: it keeps a block of c in registers while it walks the inner dimension. All
// packing, blocking and bookkeeping around it is portable. Its two kernels differ in how a lies in memory;
// both read b as rows of n columns, bStep apart, in the order in which the inner dimension is walked, and
// write the first cols columns of c, overwriting or, if add, adding.
type tile struct {
	n int // columns of b and c

	// byRow multiplies m rows of a, in blocks of rows. Row i consists of len(runs) runs of runLen elements;
	// the run r begins at a[aOff[i]+runs[r]]. Row i of c begins at c[cOff[i]]. aOff is filled
	// up to a multiple of rows, and one element more can be read. While a block of rows is multiplied, the kernel may
	// fetch into the cache what follows a[aOff[rows]], where the next block begins: 8 elements with each step, leaving out
	// skip elements after each run.
	//
	//	for i := range m { for j := range cols {
	//		s, p := 0, 0
	//		for r := range runs { for l := range runLen {
	//			s += a[aOff[i]+runs[r]+l] * b[p+j]
	//			p += bStep
	//		} }
	//		c[cOff[i]+j] = s (+ c[cOff[i]+j] if add)
	//	} }
	rows  int
	byRow func(m int, a []float32, aOff, runs []int, runLen, skip int, b []float32, bStep int, c []float32, cOff []int, cols int, add bool)

	// byColumn multiplies one block of m <= columns rows of the transposed a. Element l of a's row i in run
	// r is a[runs[r]+l*aStep+i]; elements up to i < columns can be read. Row i of c begins at c[i*ldc].
	//
	//	for i := range m { for j := range cols {
	//		s, p := 0, 0
	//		for r := range runs { for l := range runLen {
	//			s += a[runs[r]+l*aStep+i] * b[p+j]
	//			p += bStep
	//		} }
	//		c[i*ldc+j] = s (+ c[i*ldc+j] if add)
	//	} }
	columns  int
	byColumn func(m int, a []float32, aStep int, runs []int, runLen int, b []float32, bStep int, c []float32, ldc, cols int, add bool)
}

// genericTile is small, since more accumulators than these, with the products, would not stay in the 15 registers
// that Go uses on amd64: 4×4 has less than half the speed there.
var genericTile = tile{n: 3, rows: 2, byRow: byRowGeneric, columns: 2, byColumn: byColumnGeneric}

func byRowGeneric(m int, a []float32, aOff, runs []int, runLen, _ int, b []float32, bStep int, c []float32, cOff []int, cols int, add bool) {
	for i := 0; i < m; i += 2 {
		var c00, c01, c02, c10, c11, c12 float32
		p := 0
		for _, run := range runs {
			a0 := a[aOff[i]+run:][:runLen]
			a1 := a[aOff[i+1]+run:][:runLen]
			for l, x := range a0 {
				q := b[p : p+3 : p+3]
				p += bStep
				b0, b1, b2 := q[0], q[1], q[2]
				c00 += float32(x * b0)
				c01 += float32(x * b1)
				c02 += float32(x * b2)
				x = a1[l]
				c10 += float32(x * b0)
				c11 += float32(x * b1)
				c12 += float32(x * b2)
			}
		}
		storeGeneric(c[cOff[i]:][:cols], c00, c01, c02, add)
		if i+1 < m {
			storeGeneric(c[cOff[i+1]:][:cols], c10, c11, c12, add)
		}
	}
}

func byColumnGeneric(m int, a []float32, aStep int, runs []int, runLen int, b []float32, bStep int, c []float32, ldc, cols int, add bool) {
	var c00, c01, c02, c10, c11, c12 float32
	p := 0
	for _, at := range runs {
		for range runLen {
			x, y := a[at:at+2:at+2], b[p:p+3:p+3]
			at, p = at+aStep, p+bStep
			x0, x1, b0, b1, b2 := x[0], x[1], y[0], y[1], y[2]
			c00 += float32(x0 * b0)
			c01 += float32(x0 * b1)
			c02 += float32(x0 * b2)
			c10 += float32(x1 * b0)
			c11 += float32(x1 * b1)
			c12 += float32(x1 * b2)
		}
	}
	storeGeneric(c[:cols], c00, c01, c02, add)
	if m > 1 {
		storeGeneric(c[ldc:][:cols], c10, c11, c12, add)
	}
}

func storeGeneric(c []float32, s0, s1, s2 float32, add bool) {
	block := [...]float32{s0, s1, s2}
	for j := range c {
		if add {
			block[j] += c[j]
		}
		c[j] = block[j]
	}
}
