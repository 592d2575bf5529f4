package kernels

// Gemm sets c (m, n) to alpha*op(a)*op(b) + beta*c, where op transposes if the flag says so:
// op(a) is (m, k), op(b) is (k, n). All are row-major; lda, ldb and ldc are the distances between rows, in
// elements. c must not overlap a or b. With beta 0, c is not read.
//
//	for i := range m { for j := range n {
//		s := 0
//		for l := range k { s += op(a)[i][l] * (alpha * op(b)[l][j]) }
//		c[i][j] = s + beta*c[i][j]
//	} }
//
// The bits of c[i][j] do not depend on m and i: a row's result is the same alone and among others. With alpha 0,
// a and b are not read.
func Gemm(s *Scratch, transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if m < 0 || n < 0 || k < 0 {
		panic("kernels: negative matrix size")
	}
	if m == 0 || n == 0 {
		return
	}
	checkMatrix(a, transA, m, k, lda)
	checkMatrix(b, transB, k, n, ldb)
	checkMatrix(c, false, m, n, ldc)
	t := active.Load()
	if beta != 0 && beta != 1 {
		for i := range m {
			t.scale(c[i*ldc:i*ldc+n], beta)
		}
	}
	if k == 0 || alpha == 0 {
		if beta == 0 {
			for i := range m {
				clear(c[i*ldc : i*ldc+n])
			}
		}
		return
	}
	p := product{s: s, t: t, transA: transA, transB: transB, m: m, alpha: alpha, a: a, lda: lda, b: b, ldb: ldb, c: c, ldc: ldc}
	blocks := (k + maxDepth - 1) / maxDepth
	depth := (k + blocks - 1) / blocks
	for l := 0; l < k; l += depth {
		part := min(depth, k-l)
		width := t.panelCols(part, n)
		for j := 0; j < n; j += width {
			p.block(l, part, j, min(width, n-j), beta != 0 || l > 0)
		}
	}
}

// checkMatrix panics unless x can hold the matrix (rows, cols), or its transpose, with distance ld.
func checkMatrix(x []float32, trans bool, rows, cols, ld int) {
	if trans {
		rows, cols = cols, rows
	}
	if ld < cols {
		panic("kernels: leading dimension shorter than a row")
	}
	if rows > 0 && cols > 0 && len(x) < (rows-1)*ld+cols {
		panic("kernels: matrix shorter than its size")
	}
}

// product is a call of Gemm.
type product struct {
	s              *Scratch
	t              *table
	transA, transB bool
	m              int
	alpha          float32
	a, b, c        []float32
	lda, ldb, ldc  int
}

const (
	rowBlock = 96 // rows of a that share a pass over b's panels: a multiple of every tile's rows
	fewRows  = 12 // up to so many rows, packing b costs more than reading it in place
)

// block overwrites the columns [j, j+cols) of c with the product over the part [l, l+depth) of the inner
// dimension, or adds it to them.
func (p *product) block(l, depth, j, cols int, add bool) {
	direct := !p.transB && p.alpha == 1 && p.m <= fewRows
	if !direct {
		p.pack(p.s.panels, l, depth, j, cols)
	}
	for i := 0; i < p.m; i += rowBlock {
		rows := min(rowBlock, p.m-i)
		a, lda := p.rows(i, rows, l, depth)
		panels := p.s.panels
		for at := j; at < j+cols; {
			tile := p.t.pick(j + cols - at)
			width := min(tile.n, j+cols-at)
			b, step := panels, tile.n
			switch {
			case !direct:
				panels = panels[depth*tile.n:]
			case width == tile.n:
				b, step = p.b[l*p.ldb+at:], p.ldb
			default:
				p.pack(panels, l, depth, at, width)
			}
			c := p.c[i*p.ldc+at:]
			if p.transA {
				for r := 0; r < rows; r += tile.columns {
					tile.byColumn(min(tile.columns, rows-r), a[r:], lda, p.s.runs[:1], depth, b, step, c[r*p.ldc:], p.ldc, width, add)
				}
			} else {
				tile.byRow(rows, a, p.s.aOff, p.s.runs[:1], depth, b, step, c, p.s.cOff, width, add)
			}
			at += width
		}
	}
}

// rows returns the rows [i, i+rows) and columns [l, l+depth) of op(a), in place or copied, with their leading
// dimension, and sets the tables for byRow.
func (p *product) rows(i, rows, l, depth int) (a []float32, lda int) {
	p.s.runs[0] = 0
	if p.transA {
		// Copied, since a whole tile is read where fewer rows are left.
		const pitch = rowBlock + maxTile
		for q := range depth {
			copy(p.s.band[q*pitch:], p.a[(l+q)*p.lda+i:][:rows])
		}
		return p.s.band, pitch
	}
	for r := range p.s.aOff[:rows+maxTile] {
		p.s.aOff[r], p.s.cOff[r] = min(r, rows-1)*p.lda, r*p.ldc
	}
	return p.a[i*p.lda+l:], p.lda
}

// pack packs alpha times the columns [j, j+cols) of op(b)'s rows [l, l+depth).
func (p *product) pack(panels []float32, l, depth, j, cols int) {
	b := operand{x: p.b, channel: p.ldb, col: 1}
	if p.transB {
		b.channel, b.col = 1, p.ldb
	}
	p.t.pack(panels, &b, box{c: l, tapsH: 1, tapsW: 1, channels: depth}, j, cols)
	if p.alpha != 1 {
		p.t.scale(panels[:p.t.panelsLen(depth, cols)], p.alpha)
	}
}
