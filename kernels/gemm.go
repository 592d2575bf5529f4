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
	p := product{t: active.Load(), transA: transA, transB: transB, m: m, n: n, k: k, alpha: alpha, a: a, lda: lda, b: b, ldb: ldb, beta: beta, c: c, ldc: ldc}
	p.check()
	p.run(s, region{0, m, 0, n})
}

// Gemm is the function Gemm, done by the team: each thread computes a part of c, with the same bits for any number
// of threads.
func (t *Team) Gemm(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	t.GemmEpilogue(transA, transB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, nil)
}

// GemmEpilogue is Gemm, followed by an epilogue if e is not nil.
func (t *Team) GemmEpilogue(transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int, e *Epilogue) {
	t.product = product{t: active.Load(), transA: transA, transB: transB, m: m, n: n, k: k, alpha: alpha, a: a, lda: lda, b: b, ldb: ldb, beta: beta, c: c, ldc: ldc}
	t.product.finishWith(e)
	t.product.check()
	t.multiply()
}

// Packed is a matrix b (k, n) in the order in which products read it, for a level. It pays where b takes part in several
// products, as a recurrent layer's weights do in a window of time steps.
type Packed struct {
	t      *table
	k, n   int
	panels []float32 // blocks of rows, each packed
}

// PackedLen returns how many numbers a packed matrix (k, n) takes, at any level.
func PackedLen(k, n int) int {
	most := 0
	for _, t := range tables {
		most = max(most, t.panelsLen(k, n))
	}
	return most
}

// NewPacked allocates room for a matrix (k, n).
func NewPacked(k, n int) *Packed { return PackedIn(make([]float32, PackedLen(k, n)), k, n) }

// PackedIn is NewPacked with memory of the caller's, of PackedLen numbers.
func PackedIn(panels []float32, k, n int) *Packed {
	check(PackedLen(k, n), panels)
	return &Packed{k: k, n: n, panels: panels}
}

// Set packs op(b), which is (k, n), for the level in use; ldb is the distance between the rows of b.
func (p *Packed) Set(transB bool, b []float32, ldb int) {
	checkMatrix(b, transB, p.k, p.n, ldb)
	p.t = active.Load()
	from := product{t: p.t, transB: transB, alpha: 1, k: p.k, b: b, ldb: ldb}
	panels := p.panels
	depth := from.depth()
	for l := 0; l < p.k; l += depth {
		part := min(depth, p.k-l)
		from.pack(panels, l, part, 0, p.n)
		panels = panels[p.t.panelsLen(part, p.n):]
	}
}

// GemmPacked is Gemm with alpha 1 and a packed b, followed by an epilogue if e is not nil. It runs at the level for
// which b was packed.
func GemmPacked(s *Scratch, transA bool, m int, a []float32, lda int, b *Packed, beta float32, c []float32, ldc int, e *Epilogue) {
	p := b.product(transA, m, a, lda, beta, c, ldc, e)
	p.run(s, region{0, m, 0, b.n})
}

// GemmPacked is the function GemmPacked, done by the team, with the same bits for any number of threads.
func (t *Team) GemmPacked(transA bool, m int, a []float32, lda int, b *Packed, beta float32, c []float32, ldc int, e *Epilogue) {
	t.product = b.product(transA, m, a, lda, beta, c, ldc, e)
	t.multiply()
}

func (b *Packed) product(transA bool, m int, a []float32, lda int, beta float32, c []float32, ldc int, e *Epilogue) product {
	if b.t == nil {
		panic("kernels: a packed matrix was not set")
	}
	p := product{t: b.t, transA: transA, m: m, n: b.n, k: b.k, alpha: 1, a: a, lda: lda, packed: b.panels, beta: beta, c: c, ldc: ldc}
	p.finishWith(e)
	p.check()
	return p
}

// product is a call of Gemm.
type product struct {
	t              *table
	transA, transB bool
	m, n, k        int
	alpha, beta    float32
	a, b, c        []float32
	lda, ldb, ldc  int
	packed         []float32 // op(b), if not nil
	epilogue       Epilogue

	rowsEach, colsEach int // of a part, in a team
}

// finishWith sets the epilogue, which may be nil.
func (p *product) finishWith(e *Epilogue) {
	if e.check(p.n); e != nil {
		p.epilogue = *e
	}
}

// check panics if the operands cannot be what the product says.
func (p *product) check() {
	if p.m < 0 || p.n < 0 || p.k < 0 {
		panic("kernels: negative matrix size")
	}
	if p.m == 0 || p.n == 0 {
		return
	}
	checkMatrix(p.a, p.transA, p.m, p.k, p.lda)
	if p.packed == nil {
		checkMatrix(p.b, p.transB, p.k, p.n, p.ldb)
	}
	checkMatrix(p.c, false, p.m, p.n, p.ldc)
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

const (
	gemmDepth    = 1024    // of one block's inner dimension: the more, the fewer passes over c
	rowBlock     = 96      // rows of a that share a pass over b's panels: a multiple of every tile's rows
	panelCols    = 96      // columns that are worth a part
	rowPanel     = 48      // rows of a transposed a that are packed side by side: a multiple of every tile's columns
	rowPanels    = 240     // rows of a transposed a that are packed at a time, in panels
	packDepth    = 64      // elements of them that are packed at a time
	columnDepth  = 256     // of one block's inner dimension, where a transposed a is read where it lies: a part of the L2 cache
	fewRows      = 64      // up to so many rows, packing b costs more than reading it in place
	veryFewRows  = 12      // the same where b's rows share few sets of the cache
	smallMatrix  = 1 << 13 // elements of a b that the L1 cache holds where it is
	fetchedRows  = 8       // rows of a that are fetched while those before are multiplied
	fetchedDepth = 256     // elements of them that are worth it
	smallTask    = 1 << 19 // multiplications that are not worth a second thread
)

// sharesSets reports whether rows that are ld apart, a multiple of a kilobyte, lie in few sets of the cache.
func sharesSets(ld int) bool { return ld%256 == 0 }

// multiply divides the product among the team, along its longer side.
func (t *Team) multiply() {
	p := &t.product
	threads := len(t.scratch)
	p.rowsEach, p.colsEach = p.m, p.n
	switch {
	case threads == 1 || p.m*p.n*p.k < smallTask:
	case p.m >= p.n:
		unit := p.t.pick(p.n).rows
		if p.transA {
			unit = p.t.pick(p.n).columns
		}
		each := (p.m + threads - 1) / threads
		p.rowsEach = (each + unit - 1) / unit * unit
	default:
		p.colsEach = max(panelCols, (p.n+threads-1)/threads)
	}
	if p.m == 0 || p.n == 0 {
		return
	}
	t.Run(p, ((p.m+p.rowsEach-1)/p.rowsEach)*((p.n+p.colsEach-1)/p.colsEach))
	*p = product{}
}

// Do computes a part of c: some of its rows, or some of its columns.
func (p *product) Do(part int, s *Scratch) {
	if p.rowsEach < p.m {
		i := part * p.rowsEach
		p.run(s, region{i, min(p.rowsEach, p.m-i), 0, p.n})
		return
	}
	j, end := p.column(part*p.colsEach), p.column((part+1)*p.colsEach)
	p.run(s, region{0, p.m, j, end - j})
}

// column returns the border of panels that is next to column j.
func (p *product) column(j int) int {
	if j == 0 || j >= p.n {
		return min(j, p.n)
	}
	before := p.t.prefix(p.n, j)
	if after := min(p.n, before+p.t.pick(p.n-before).n); after-j < j-before {
		return after
	}
	return before
}

// region is rows [i, i+rows) and columns [j, j+cols) of c.
type region struct{ i, rows, j, cols int }

// depth returns how much of the inner dimension is worked on at a time.
func (p *product) depth() int {
	most := gemmDepth
	if p.columnsInPlace() {
		most = columnDepth
	}
	blocks := max(1, (p.k+most-1)/most)
	each := max(1, (p.k+blocks-1)/blocks)
	if blocks > 1 {
		each = (each + fetchedRows - 1) / fetchedRows * fetchedRows
	}
	return each
}

// columnsInPlace reports whether a transposed a is read where it lies, but for the rest of a panel: it is if few columns of c
// are to be computed, so that it would be packed for little use.
func (p *product) columnsInPlace() bool {
	return p.transA && p.packed == nil && p.n <= panelCols && !sharesSets(p.lda)
}

// run computes a region of c.
func (p *product) run(s *Scratch, r region) {
	if r.rows == 0 || r.cols == 0 {
		return
	}
	switch {
	case p.beta == 0 && (p.k == 0 || p.alpha == 0):
		for i := r.i; i < r.i+r.rows; i++ {
			clear(p.c[i*p.ldc+r.j:][:r.cols])
		}
	case p.beta != 0 && p.beta != 1:
		for i := r.i; i < r.i+r.rows; i++ {
			p.t.scale(p.c[i*p.ldc+r.j:][:r.cols], p.beta)
		}
	}
	if p.k == 0 || p.alpha == 0 {
		p.finish(r)
		return
	}
	depth := p.depth()
	for l := 0; l < p.k; l += depth {
		part := min(depth, p.k-l)
		width := panelLen / part
		kept := false // whether s.band has the rows of a, all of them
		for j := 0; j < r.cols; {
			cols := p.t.prefix(r.cols-j, width)
			p.block(s, l, part, region{r.i, r.rows, r.j + j, cols}, p.beta != 0 || l > 0, kept)
			j += cols
			kept = p.transA && r.rows <= p.together(part)
		}
	}
}

// together returns how many rows of op(a) share a pass over b's panels.
func (p *product) together(depth int) int {
	if p.transA {
		return min(rowPanels, rowsLen/depth/rowPanel*rowPanel)
	}
	return rowBlock
}

// block overwrites a region of c with the product over the part [l, l+depth) of the inner dimension, or adds it. If kept,
// the rows of a have been packed.
func (p *product) block(s *Scratch, l, depth int, r region, add, kept bool) {
	panels := s.panels
	direct := p.packed == nil && !p.transB && p.alpha == 1 &&
		(p.m <= veryFewRows || p.m <= fewRows && !sharesSets(p.ldb) || depth*r.cols <= smallMatrix || p.ldb <= panelCols)
	switch {
	case p.packed != nil:
		// The blocks before have l rows; a region begins with a panel.
		panels = p.packed[p.t.panelsLen(l, p.n)+depth*r.j:]
	case !direct:
		p.pack(panels, l, depth, r.j, r.cols)
	}
	each := p.together(depth)
	for i := 0; i < r.rows; i += each {
		rows := min(each, r.rows-i)
		a, lda := s.band, rowPanel
		if !kept {
			a, lda = p.rows(s, r.i+i, rows, l, depth)
		}
		p.panels(s, a, lda, panels, l, depth, region{r.i + i, rows, r.j, r.cols}, direct, add)
		if l+depth == p.k {
			p.finish(region{r.i + i, rows, r.j, r.cols})
		}
	}
}

// panels multiplies a block of rows with all panels of a region.
func (p *product) panels(s *Scratch, a []float32, lda int, panels []float32, l, depth int, r region, direct, add bool) {
	runs, skip := s.runs[:1], 0
	runs[0] = 0
	if !p.transA && lda != depth && depth%fetchedRows == 0 && depth >= fetchedDepth {
		// Each run fetches a row of the next block.
		runs, skip = s.runs[:fetchedRows], lda-depth
		for i := range runs {
			runs[i] = i * (depth / fetchedRows)
		}
	}
	for at, end := r.j, r.j+r.cols; at < end; {
		tile := p.t.pick(end - at)
		width := min(tile.n, end-at)
		b, bStep := panels, tile.n
		switch {
		case !direct:
			panels = panels[depth*tile.n:]
		case width == tile.n:
			b, bStep = p.b[l*p.ldb+at:], p.ldb
		default:
			p.pack(panels, l, depth, at, width)
		}
		c := p.c[r.i*p.ldc+at:]
		if p.transA {
			for i := 0; i < r.rows; i += tile.columns {
				x, step := a[i/rowPanel*rowPanel*depth+i%rowPanel:], rowPanel
				if i < r.rows/rowPanel*rowPanel && p.columnsInPlace() {
					x, step = p.a[l*p.lda+r.i+i:], p.lda
				}
				tile.byColumn(min(tile.columns, r.rows-i), x, step, runs, depth, b, bStep, c[i*p.ldc:], p.ldc, width, add)
			}
		} else {
			tile.byRow(r.rows, a, s.aOff, runs, depth/len(runs), skip, b, bStep, c, s.cOff, width, add)
		}
		at += width
	}
}

// rows returns the rows [i, i+rows) and columns [l, l+depth) of op(a), in place or packed, with their leading
// dimension, and sets the tables for byRow.
func (p *product) rows(s *Scratch, i, rows, l, depth int) (a []float32, lda int) {
	if p.transA {
		first := 0
		if p.columnsInPlace() {
			first = rows / rowPanel * rowPanel
		}
		for q := 0; q < depth; q += packDepth {
			// A few rows of a at a time, from end to end.
			for r := first; r < rows; r += rowPanel {
				p.t.packRows(s.band[r*depth+q*rowPanel:], p.a[(l+q)*p.lda+i+r:], min(packDepth, depth-q), p.lda, min(rowPanel, rows-r), rowPanel)
			}
		}
		return s.band, rowPanel
	}
	a, lda = p.a[i*p.lda+l:], p.lda
	for r := range s.aOff[:rows+maxTile] {
		s.aOff[r], s.cOff[r] = min(r, rows-1)*lda, r*p.ldc
	}
	return a, lda
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

// finish applies the epilogue to a region of c.
func (p *product) finish(r region) {
	p.epilogue.apply(p.t, p.c[r.i*p.ldc+r.j:], r.j, r.rows, r.cols, p.ldc)
}
