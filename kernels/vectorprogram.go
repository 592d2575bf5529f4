package kernels

// A VectorOp is one elementwise operation of a VectorProgram: it sets dst to what its code says, or adds that
// to dst. Operands are numbered; those that a code does not read are 0. dst may be one of the others.
type VectorOp struct {
	Code         VectorCode
	Add          bool
	Dst, A, B, C int
}

// read returns the operands that an operation reads.
func (op VectorOp) read() []int {
	read := []int{op.A, op.B, op.C}[:op.Code.operands()]
	if op.Add {
		read = append(read, op.Dst)
	}
	return read
}

// A Matrix is an operand (rows, cols) of a VectorProgram; row i begins at X[i*LD]. LD 0 repeats one row, of an
// operand that is only read.
type Matrix struct {
	X  []float32
	LD int
}

// A VectorProgram is a straight line of elementwise operations on matrices of one size. It is done strip by strip, so
// that what passes from one operation to the next is in a cache; it is the loop
//
//	for i := range rows { for j := range cols { for _, op := range ops { op, on element (i, j) of its operands } } }
//
// A program is read only, so that goroutines may share it.
type VectorProgram struct {
	steps       []vectorStep
	operands    int
	temporaries int
	uses        []vectorUse // of the operands
}

type vectorUse struct{ read, written bool }

const (
	vectorStrip = 2048 // elements of a strip, 8 KiB: some operands stay in the L1 cache, and a kernel's call weighs little
	vectorLeast = 16   // elements of a strip where there are most temporaries: a vector of the widest level

	msgVectorOp      = "kernels: an operation of a vector program has an unknown code or operand"
	msgVectorUnset   = "kernels: a vector program reads a temporary that it has not set"
	msgVectorTooMany = "kernels: a vector program has too many temporaries"
	msgVectorOperand = "kernels: operands do not suit the vector program"
)

// NewVectorProgram checks the operations. Operands 0 to operands-1 are given to Run; the next ones, so many as
// temporaries says, exist only within a strip and are to be set before they are read.
func NewVectorProgram(ops []VectorOp, operands, temporaries int) *VectorProgram {
	if temporaries > rowsLen/vectorLeast {
		panic(msgVectorTooMany)
	}
	p := &VectorProgram{
		operands:    operands,
		temporaries: temporaries,
		uses:        make([]vectorUse, operands+temporaries),
	}
	for _, op := range ops {
		if op.Code >= vectorCodes {
			panic(msgVectorOp)
		}
		read := op.read()
		for _, i := range append(read, op.Dst) {
			if i < 0 || i >= len(p.uses) {
				panic(msgVectorOp)
			}
		}
		for _, i := range read {
			if i >= operands && !p.uses[i].written {
				panic(msgVectorUnset)
			}
			p.uses[i].read = true
		}
		p.uses[op.Dst].written = true
	}
	p.steps = vectorSteps(ops, operands)
	return p
}

// Run does the operations on operands (rows, cols). Those that the program writes must not overlap others, unless they
// are the same matrix.
func (p *VectorProgram) Run(s *Scratch, rows, cols int, operands []Matrix) {
	p.check(rows, cols, operands)
	if rows <= 0 || cols <= 0 {
		return
	}
	t := active.Load()
	high, wide := p.strip(cols)
	for row := 0; row < rows; row += high {
		for col := 0; col < cols; col += wide {
			p.run(t, s, operands, row, col, min(high, rows-row), min(wide, cols-col))
		}
	}
}

func (p *VectorProgram) check(rows, cols int, operands []Matrix) {
	if len(operands) != p.operands || rows < 0 || cols < 0 {
		panic(msgVectorOperand)
	}
	if rows == 0 || cols == 0 {
		return
	}
	for i, m := range operands {
		use := p.uses[i]
		switch {
		case !use.read && !use.written:
		case m.LD < 0, rows > 1 && m.LD < cols && (m.LD != 0 || use.written), len(m.X) < (rows-1)*m.LD+cols:
			panic(msgVectorOperand)
		}
	}
}

// strip returns how many rows and columns are done at a time.
func (p *VectorProgram) strip(cols int) (high, wide int) {
	elements := min(vectorStrip, rowsLen/max(1, p.temporaries))
	wide = min(cols, elements/vectorLeast*vectorLeast)
	return max(1, elements/wide), wide
}

// run does the operations on rows and cols elements from a place on.
func (p *VectorProgram) run(t *table, s *Scratch, operands []Matrix, row, col, rows, cols int) {
	at := func(i int) ([]float32, int) {
		if i < p.operands {
			m := operands[i]
			return m.X[row*m.LD+col:], m.LD
		}
		return s.band[(i-p.operands)*rows*cols:], cols
	}
	for i := range p.steps {
		op := &p.steps[i]
		dst, ldDst := at(op.Dst)
		a, ldA := at(op.A)
		b, ldB := a, ldA
		c, ldC := a, ldA
		if op.reads > 1 {
			b, ldB = at(op.B)
			if op.reads > 2 {
				c, ldC = at(op.C)
			}
		}
		t.vector[op.Code](dst, a, b, c, rows, cols, ldDst, ldA, ldB, ldC, op.join, op.Add)
	}
}
