package kernels

// A tile is a micro-kernel: it keeps a block of c in registers while it walks the inner dimension. All
// packing, blocking and bookkeeping around it is portable. Its two kernels differ in how a lies in memory;
// both read b as rows of n columns, bStep apart, in the order in which the inner dimension is walked, and
// write the first cols columns of c, overwriting or, if add, adding.
type tile struct {
	n int // columns of b and c

	// byRow multiplies m rows of a, in blocks of rows. Row i consists of len(runs) runs of runLen elements;
	// the run r begins at a[aOff[i]+runs[r]]. Row i of c begins at c[cOff[i]]. aOff is filled
	// up to a multiple of rows.
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
	byRow func(m int, a []float32, aOff, runs []int, runLen int, b []float32, bStep int, c []float32, cOff []int, cols int, add bool)

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

var genericTile = tile{n: 4, rows: 4, byRow: byRowGeneric, columns: 4, byColumn: byColumnGeneric}

func byRowGeneric(m int, a []float32, aOff, runs []int, runLen int, b []float32, bStep int, c []float32, cOff []int, cols int, add bool) {
	for i := 0; i < m; i += 4 {
		var c00, c01, c02, c03, c10, c11, c12, c13, c20, c21, c22, c23, c30, c31, c32, c33 float32
		p := 0
		for _, run := range runs {
			a0 := a[aOff[i]+run:][:runLen]
			a1 := a[aOff[i+1]+run:][:runLen]
			a2 := a[aOff[i+2]+run:][:runLen]
			a3 := a[aOff[i+3]+run:][:runLen]
			for l, x := range a0 {
				q := b[p : p+4 : p+4]
				p += bStep
				b0, b1, b2, b3 := q[0], q[1], q[2], q[3]
				c00 += float32(x * b0)
				c01 += float32(x * b1)
				c02 += float32(x * b2)
				c03 += float32(x * b3)
				x = a1[l]
				c10 += float32(x * b0)
				c11 += float32(x * b1)
				c12 += float32(x * b2)
				c13 += float32(x * b3)
				x = a2[l]
				c20 += float32(x * b0)
				c21 += float32(x * b1)
				c22 += float32(x * b2)
				c23 += float32(x * b3)
				x = a3[l]
				c30 += float32(x * b0)
				c31 += float32(x * b1)
				c32 += float32(x * b2)
				c33 += float32(x * b3)
			}
		}
		block := [4][4]float32{{c00, c01, c02, c03}, {c10, c11, c12, c13}, {c20, c21, c22, c23}, {c30, c31, c32, c33}}
		for r := range min(4, m-i) {
			storeGeneric(c[cOff[i+r]:][:cols], &block[r], add)
		}
	}
}

func byColumnGeneric(m int, a []float32, aStep int, runs []int, runLen int, b []float32, bStep int, c []float32, ldc, cols int, add bool) {
	var c00, c01, c02, c03, c10, c11, c12, c13, c20, c21, c22, c23, c30, c31, c32, c33 float32
	p := 0
	for _, at := range runs {
		for range runLen {
			x, y := a[at:at+4:at+4], b[p:p+4:p+4]
			at, p = at+aStep, p+bStep
			b0, b1, b2, b3 := y[0], y[1], y[2], y[3]
			c00 += float32(x[0] * b0)
			c01 += float32(x[0] * b1)
			c02 += float32(x[0] * b2)
			c03 += float32(x[0] * b3)
			c10 += float32(x[1] * b0)
			c11 += float32(x[1] * b1)
			c12 += float32(x[1] * b2)
			c13 += float32(x[1] * b3)
			c20 += float32(x[2] * b0)
			c21 += float32(x[2] * b1)
			c22 += float32(x[2] * b2)
			c23 += float32(x[2] * b3)
			c30 += float32(x[3] * b0)
			c31 += float32(x[3] * b1)
			c32 += float32(x[3] * b2)
			c33 += float32(x[3] * b3)
		}
	}
	block := [4][4]float32{{c00, c01, c02, c03}, {c10, c11, c12, c13}, {c20, c21, c22, c23}, {c30, c31, c32, c33}}
	for r := range m {
		storeGeneric(c[r*ldc:][:cols], &block[r], add)
	}
}

func storeGeneric(c []float32, block *[4]float32, add bool) {
	for j := range c {
		if add {
			c[j] += block[j&3]
		} else {
			c[j] = block[j&3]
		}
	}
}
