package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tiles writes the micro-kernels. Two multiply-adds can begin each cycle and take four, so at least 8
// accumulators are needed; and a load takes as long as a multiply-add, so a tile that is too narrow waits for
// its loads. 12 accumulators leave 4 of the 16 registers for a and b. byRow of 8 columns has no address registers for
// 12 rows: its 6 rows have two accumulators each, for even and odd elements of a run.
func tiles(w *writer) {
	w.byRow(6, 1)
	w.byRow(6, 2)
	w.byRow(4, 3)
	w.byColumn(12, 1)
	w.byColumn(6, 2)
	w.byColumn(4, 3)
}

// block is the accumulators of a tile, rows × vectors of 8 columns.
type block [][]reg.VecVirtual

func (w *writer) block(rows, vectors int) block {
	b := make(block, rows)
	for i := range b {
		for range vectors {
			b[i] = append(b[i], w.zero(8))
		}
	}
	return b
}

// multiplyAdd adds to the block the product of a column of a and a row of b.
func (w *writer) multiplyAdd(t block, a func(row int) Mem, b Mem) {
	row := make([]reg.VecVirtual, len(t[0]))
	for j := range row {
		row[j] = w.load(8, b.Offset(32*j))
	}
	x := w.YMM()
	for i, acc := range t {
		w.VBROADCASTSS(a(i), x)
		for j, c := range acc {
			w.VFMADD231PS(row[j], x, c)
		}
	}
}

// byRow writes a kernel of that name in package kernels' tile.
func (w *writer) byRow(rows, vectors int) {
	name := fmt.Sprintf("byRow%dx%dAVX2", rows, 8*vectors)
	w.function(name, "func(m int, a []float32, aOff, runs []int, runLen, skip int, b []float32, bStep int, c []float32, cOff []int, cols int, add bool)",
		fmt.Sprintf("%s is byRow for a tile of %d rows and %d columns.", name, rows, 8*vectors))
	buf := w.AllocLocal(32 * rows * vectors)
	left, aOff, cOff := w.AllocLocal(8), w.AllocLocal(8), w.AllocLocal(8)
	tmp := w.GP64()
	w.move(w.Param("m"), tmp, left)
	w.move(w.Param("aOff").Base(), tmp, aOff)
	w.move(w.Param("cOff").Base(), tmp, cOff)

	tile := w.label("tile")
	w.Label(tile)
	w.Comment("for left = m; left > 0; left -= rows {")
	sums := []block{w.block(rows, vectors)}
	if vectors == 1 {
		sums = append(sums, w.block(rows, vectors))
	}
	w.Comment("a_i = &a[aOff[i]]")
	table, base := w.GP64(), w.base("a")
	w.MOVQ(aOff, table)
	a := make([]reg.GPVirtual, rows)
	for i := range a {
		a[i] = w.GP64()
		w.MOVQ(Mem{Base: table, Disp: 8 * i}, a[i])
		w.LEAQ(Mem{Base: base, Index: a[i], Scale: 4}, a[i])
	}
	ahead := w.GP64()
	w.MOVQ(Mem{Base: table, Disp: 8 * rows}, ahead)
	w.LEAQ(Mem{Base: base, Index: ahead, Scale: 4}, ahead)
	table, to := w.GP64(), w.base("c")
	w.MOVQ(cOff, table)
	w.fetch(rows, 32*vectors, func(i int, at reg.GPVirtual) Mem {
		w.MOVQ(Mem{Base: table, Disp: 8 * i}, at)
		return Mem{Base: to, Index: at, Scale: 4}
	})
	w.runsByRow(sums, a, ahead)

	rest := w.GP64()
	w.MOVQ(left, rest)
	w.store(sums[0], rest, buf, func() func(reg.GPVirtual) {
		table, base := w.GP64(), w.base("c")
		w.MOVQ(cOff, table)
		return func(c reg.GPVirtual) {
			w.MOVQ(Mem{Base: table}, c)
			w.ADDQ(U8(8), table)
			w.LEAQ(Mem{Base: base, Index: c, Scale: 4}, c)
		}
	})
	w.ADDQ(U8(8*rows), aOff)
	w.ADDQ(U8(8*rows), cOff)
	w.SUBQ(U8(rows), left)
	w.JG(LabelRef(tile))
	w.done()
}

// runsByRow adds the products of all runs to sums[0]; a has the addresses of the rows, and ahead that of the row after them.
func (w *writer) runsByRow(sums []block, a []reg.GPVirtual, ahead reg.GPVirtual) {
	b, step := w.base("b"), w.long("bStep")
	w.SHLQ(U8(2), step)
	runs, more := w.base("runs"), w.GP64()
	w.Load(w.Param("runs").Len(), more)
	run, inner, single, next := w.label("run"), w.label("inner"), w.label("single"), w.label("next")
	at, count := w.GP64(), w.GP64()
	column := func(l int) func(int) Mem {
		return func(i int) Mem { return Mem{Base: a[i], Index: at, Scale: 4, Disp: 4 * l} }
	}

	w.Label(run)
	w.Comment("for _, at := range runs {")
	w.MOVQ(Mem{Base: runs}, at)
	w.ADDQ(U8(8), runs)
	w.loadLong("runLen", count)
	if len(sums) == 1 {
		w.Label(inner)
		w.Comment("for range runLen { fetch ahead; sums[i][j] += a_i[at] * b[j]; b += bStep; at++ }")
		w.PREFETCHT0(Mem{Base: ahead})
		w.ADDQ(U8(fetched), ahead)
		w.multiplyAdd(sums[0], column(0), Mem{Base: b})
		w.ADDQ(step, b)
		w.INCQ(at)
		w.DECQ(count)
		w.JNZ(LabelRef(inner))
		w.skip(ahead, at)
	} else {
		w.SUBQ(U8(2), count)
		w.JL(LabelRef(single))
		w.Label(inner)
		w.Comment("for range runLen/2 { even[i][j] += a_i[at] * b[j]; odd[i][j] += a_i[at+1] * b[bStep+j]; b += 2*bStep; at += 2 }")
		w.multiplyAdd(sums[0], column(0), Mem{Base: b})
		w.multiplyAdd(sums[1], column(1), Mem{Base: b, Index: step, Scale: 1})
		w.LEAQ(Mem{Base: b, Index: step, Scale: 2}, b)
		w.ADDQ(U8(2), at)
		w.SUBQ(U8(2), count)
		w.JGE(LabelRef(inner))
		w.Label(single)
		w.INCQ(count)
		w.JNZ(LabelRef(next))
		w.multiplyAdd(sums[0], column(0), Mem{Base: b})
		w.ADDQ(step, b)
		w.Label(next)
	}
	w.DECQ(more)
	w.JNZ(LabelRef(run))
	for _, odd := range sums[1:] {
		for i, acc := range odd {
			for j, c := range acc {
				w.VADDPS(c, sums[0][i][j], sums[0][i][j])
			}
		}
	}
}

// fetched is how many bytes ahead each step of byRow fetches: 8 elements, as package kernels' tile says.
const fetched = 32

// skip leaves out what byRow need not fetch after a run.
func (w *writer) skip(ahead, tmp reg.GPVirtual) {
	w.loadLong("skip", tmp)
	w.LEAQ(Mem{Base: ahead, Index: tmp, Scale: 4}, ahead)
}

// byColumn writes a kernel of that name in package kernels' tile.
func (w *writer) byColumn(rows, vectors int) {
	name := fmt.Sprintf("byColumn%dx%dAVX2", rows, 8*vectors)
	w.function(name, "func(m int, a []float32, aStep int, runs []int, runLen int, b []float32, bStep int, c []float32, ldc, cols int, add bool)",
		fmt.Sprintf("%s is byColumn for a tile of %d rows and %d columns.", name, rows, 8*vectors))
	buf := w.AllocLocal(32 * rows * vectors)
	sums := w.block(rows, vectors)
	c, distance := w.base("c"), w.long("ldc")
	w.SHLQ(U8(2), distance)
	w.fetch(rows, 32*vectors, func(i int, _ reg.GPVirtual) Mem {
		if i > 0 {
			w.ADDQ(distance, c)
		}
		return Mem{Base: c}
	})
	base, aStep := w.base("a"), w.long("aStep")
	b, bStep := w.base("b"), w.long("bStep")
	w.SHLQ(U8(2), aStep)
	w.SHLQ(U8(2), bStep)
	runs, more := w.base("runs"), w.GP64()
	w.Load(w.Param("runs").Len(), more)

	run, inner := w.label("run"), w.label("inner")
	a, count := w.GP64(), w.GP64()
	w.Label(run)
	w.Comment("for _, at := range runs {")
	w.MOVQ(Mem{Base: runs}, a)
	w.LEAQ(Mem{Base: base, Index: a, Scale: 4}, a)
	w.ADDQ(U8(8), runs)
	w.loadLong("runLen", count)
	w.Label(inner)
	w.Comment("for range runLen { fetch what later tiles read of a's row; sums[i][j] += a[at+i] * b[j]; at += aStep; b += bStep }")
	w.PREFETCHT1(Mem{Base: a, Disp: 128})
	w.multiplyAdd(sums, func(i int) Mem { return Mem{Base: a, Disp: 4 * i} }, Mem{Base: b})
	w.ADDQ(aStep, a)
	w.ADDQ(bStep, b)
	w.DECQ(count)
	w.JNZ(LabelRef(inner))
	w.DECQ(more)
	w.JNZ(LabelRef(run))

	w.store(sums, w.long("m"), buf, func() func(reg.GPVirtual) {
		at, ldc := w.base("c"), w.long("ldc")
		w.SHLQ(U8(2), ldc)
		return func(c reg.GPVirtual) {
			w.MOVQ(at, c)
			w.ADDQ(ldc, at)
		}
	})
	w.done()
}

// fetch asks for the rows of c that a block is going to write, of so many bytes, if there is enough to do meanwhile. row writes
// what finds the next of them.
func (w *writer) fetch(rows, bytes int, row func(i int, at reg.GPVirtual) Mem) {
	const while = 32 // elements of a run
	soon, at := w.label("soon"), w.long("runLen")
	w.CMPQ(at, U8(while))
	w.JLT(LabelRef(soon))
	w.Comment("fetch c")
	for i := range rows {
		c := row(i, at)
		for at := 0; at <= bytes; at += 64 {
			w.PREFETCHT0(c.Offset(at))
		}
	}
	w.Label(soon)
}

// store writes, or adds, left rows, if there are so many, and cols columns of the block to c. start begins a walk
// over c's rows; what it returns moves on to the next. A partial block goes by way of the stack frame.
func (w *writer) store(t block, left reg.GPVirtual, buf Mem, start func() func(c reg.GPVirtual)) {
	partial, plain, end := w.label("partial"), w.label("plain"), w.label("stored")
	cols := w.long("cols")
	add, err := w.Param("add").Resolve()
	if err != nil {
		panic(err)
	}
	w.CMPQ(left, U8(len(t)))
	w.JLT(LabelRef(partial))
	w.CMPQ(cols, U8(8*len(t[0])))
	w.JLT(LabelRef(partial))
	w.CMPB(add.Addr, U8(0))
	w.JE(LabelRef(plain))
	w.Comment("c[i][j] += sums[i][j]")
	w.storeRows(t, start(), true)
	w.JMP(LabelRef(end))
	w.Label(plain)
	w.Comment("c[i][j] = sums[i][j]")
	w.storeRows(t, start(), false)
	w.JMP(LabelRef(end))

	w.Label(partial)
	for i, acc := range t {
		for j, v := range acc {
			w.VMOVUPS(v, buf.Offset(32*(i*len(acc)+j)))
		}
	}
	w.storePart(add.Addr, 4*8*len(t[0]), left, cols, len(t), buf, start())
	w.Label(end)
}

func (w *writer) storeRows(t block, next func(c reg.GPVirtual), add bool) {
	c := w.GP64()
	for _, acc := range t {
		next(c)
		for j, v := range acc {
			if add {
				w.VADDPS(Mem{Base: c, Disp: 32 * j}, v, v)
			}
			w.VMOVUPS(v, Mem{Base: c, Disp: 32 * j})
		}
	}
}

// storePart stores min(left, most) rows of cols elements from buf, where they are pitch bytes apart.
func (w *writer) storePart(add Mem, pitch int, left, cols reg.GPVirtual, most int, buf Mem, next func(c reg.GPVirtual)) {
	row, adding, stored, few := w.label("row"), w.label("adding"), w.label("rowStored"), w.label("few")
	c, from := w.GP64(), w.GP64()
	w.CMPQ(left, U8(most))
	w.JLE(LabelRef(few))
	w.MOVQ(U32(most), left)
	w.Label(few)
	w.LEAQ(buf, from)
	w.Label(row)
	w.Comment("for range min(left, rows) { for j := range cols { c[i][j] = sums[i][j] (+ c[i][j]) } }")
	next(c)
	w.CMPB(add, U8(0))
	w.JNE(LabelRef(adding))
	w.copyRow(c, from, cols, false)
	w.JMP(LabelRef(stored))
	w.Label(adding)
	w.copyRow(c, from, cols, true)
	w.Label(stored)
	w.ADDQ(U8(pitch), from)
	w.DECQ(left)
	w.JNZ(LabelRef(row))
}

// copyRow stores, or adds, cols elements.
func (w *writer) copyRow(c, from, cols reg.GPVirtual, add bool) {
	count := w.GP64()
	w.MOVQ(cols, count)
	w.streamBy([]lanes{4, 1}, count, []reg.GPVirtual{from, c}, func(n lanes, at []Mem) {
		v := w.load(n, at[0])
		if add {
			w.VADDPS(w.load(n, at[1]), v, v)
		}
		w.save(n, v, at[1])
	})
}
