package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tiles writes the micro-kernels: rows × vectors of 8 columns. The shapes use 12 accumulators, so that two
// multiply-adds a cycle of four cycles' latency stay busy; those of 8 columns lack the address registers, or loads, for it.
func tiles(w *writer) {
	for _, t := range []struct{ rows, vectors int }{{6, 1}, {6, 2}, {4, 3}} {
		w.byRow(t.rows, t.vectors)
	}
	for _, t := range []struct{ rows, vectors int }{{12, 1}, {6, 2}, {4, 3}} {
		w.byColumn(t.rows, t.vectors)
	}
}

// block is a tile's accumulators.
type block struct {
	rows, vectors int
	acc           [][]reg.VecVirtual
}

func (w *writer) block(rows, vectors int) *block {
	b := &block{rows: rows, vectors: vectors, acc: make([][]reg.VecVirtual, rows)}
	for i := range b.acc {
		for range vectors {
			b.acc[i] = append(b.acc[i], w.YMM())
		}
	}
	return b
}

func (w *writer) clear(b *block) {
	for _, row := range b.acc {
		for _, v := range row {
			w.VXORPS(v, v, v)
		}
	}
}

// multiplyAdd adds to the block the outer product of a column of a, its rows at the given addresses, and a row of b.
func (w *writer) multiplyAdd(t *block, a func(row int) Mem, b reg.Register) {
	row := make([]reg.VecVirtual, t.vectors)
	for j := range row {
		row[j] = w.YMM()
		w.VMOVUPS(Mem{Base: b, Disp: 32 * j}, row[j])
	}
	x := w.YMM()
	for i, acc := range t.acc {
		w.VBROADCASTSS(a(i), x)
		for j, c := range acc {
			w.VFMADD231PS(row[j], x, c)
		}
	}
}

// store writes the block, or adds it, to c; left and cols hold how many of its rows and columns are wanted.
// A partial block goes through the stack frame, at buf.
func (w *writer) store(t *block, left, cols reg.Register, start func() (next func(c reg.GPVirtual)), buf Mem) {
	partial, plain, end := w.label("partial"), w.label("plain"), w.label("stored")
	w.CMPQ(left, U8(t.rows))
	w.JLT(LabelRef(partial))
	w.CMPQ(cols, U8(8*t.vectors))
	w.JLT(LabelRef(partial))

	c := w.GP64()
	flag, _ := w.Param("add").Resolve()
	w.CMPB(flag.Addr, U8(0))
	w.JE(LabelRef(plain))
	next := start()
	for _, acc := range t.acc {
		next(c)
		for j, v := range acc {
			w.VADDPS(Mem{Base: c, Disp: 32 * j}, v, v)
			w.VMOVUPS(v, Mem{Base: c, Disp: 32 * j})
		}
	}
	w.JMP(LabelRef(end))
	w.Label(plain)
	next = start()
	for _, acc := range t.acc {
		next(c)
		for j, v := range acc {
			w.VMOVUPS(v, Mem{Base: c, Disp: 32 * j})
		}
	}
	w.JMP(LabelRef(end))

	w.Label(partial)
	for i, acc := range t.acc {
		for j, v := range acc {
			w.VMOVUPS(v, buf.Offset(32*(i*t.vectors+j)))
		}
	}
	rows, from := w.GP64(), w.GP64()
	w.MOVQ(left, rows)
	w.CMPQ(rows, U8(t.rows))
	atMost := w.label("rows")
	w.JLE(LabelRef(atMost))
	w.MOVQ(U32(t.rows), rows)
	w.Label(atMost)
	w.LEAQ(buf, from)
	next = start()
	row := w.label("row")
	w.Label(row)
	next(c)
	flag, _ = w.Param("add").Resolve()
	w.CMPB(flag.Addr, U8(0))
	rowAdd := w.label("rowAdd")
	stored := w.label("rowStored")
	w.JNE(LabelRef(rowAdd))
	w.copyRow(c, from, cols, false)
	w.JMP(LabelRef(stored))
	w.Label(rowAdd)
	w.copyRow(c, from, cols, true)
	w.Label(stored)
	w.ADDQ(U32(32*t.vectors), from)
	w.DECQ(rows)
	w.JNZ(LabelRef(row))
	w.Label(end)
}

// copyRow copies, or adds, cols elements.
func (w *writer) copyRow(c, from, cols reg.Register, add bool) {
	j := w.GP64()
	four, one, check, end := w.label("four"), w.label("one"), w.label("check"), w.label("end")
	v := w.XMM()
	w.XORQ(j, j)
	k := w.GP64()
	w.MOVQ(cols, k)
	w.JMP(LabelRef(check))
	w.Label(four)
	w.VMOVUPS(Mem{Base: from, Index: j, Scale: 4}, v)
	if add {
		w.VADDPS(Mem{Base: c, Index: j, Scale: 4}, v, v)
	}
	w.VMOVUPS(v, Mem{Base: c, Index: j, Scale: 4})
	w.ADDQ(U8(4), j)
	w.Label(check)
	w.SUBQ(U8(4), k)
	w.JGE(LabelRef(four))
	w.ADDQ(U8(4), k)
	w.JZ(LabelRef(end))
	w.Label(one)
	w.VMOVSS(Mem{Base: from, Index: j, Scale: 4}, v)
	if add {
		w.VADDSS(Mem{Base: c, Index: j, Scale: 4}, v, v)
	}
	w.VMOVSS(v, Mem{Base: c, Index: j, Scale: 4})
	w.INCQ(j)
	w.DECQ(k)
	w.JNZ(LabelRef(one))
	w.Label(end)
}

// byRow writes the kernel of that name in package kernels' tile.
func (w *writer) byRow(rows, vectors int) {
	name := fmt.Sprintf("byRow%dx%dAVX2", rows, 8*vectors)
	w.function(name, "func(m int, a []float32, aOff, runs []int, runLen int, b []float32, bStep int, c []float32, cOff []int, cols int, add bool)",
		fmt.Sprintf("%s is byRow for tiles of %d rows and %d columns.", name, rows, 8*vectors))
	buf := w.AllocLocal(32 * rows * vectors)
	left, aOff, cOff := w.AllocLocal(8), w.AllocLocal(8), w.AllocLocal(8)

	tmp := w.GP64()
	w.loadLong("m", tmp)
	w.MOVQ(tmp, left)
	w.Load(w.Param("aOff").Base(), tmp)
	w.MOVQ(tmp, aOff)
	w.Load(w.Param("cOff").Base(), tmp)
	w.MOVQ(tmp, cOff)

	tile := w.label("tile")
	w.Label(tile)
	t := w.block(rows, vectors)
	w.clear(t)
	table, base := w.GP64(), w.base("a")
	w.MOVQ(aOff, table)
	a := make([]reg.GPVirtual, rows)
	for i := range a {
		a[i] = w.GP64()
		w.MOVQ(Mem{Base: table, Disp: 8 * i}, a[i])
		w.LEAQ(Mem{Base: base, Index: a[i], Scale: 4}, a[i])
	}
	b, step := w.base("b"), w.long("bStep")
	w.SHLQ(U8(2), step)
	runs, more := w.base("runs"), w.GP64()
	w.Load(w.Param("runs").Len(), more)

	run, inner := w.label("run"), w.label("inner")
	at, count := w.GP64(), w.GP64()
	w.Label(run)
	w.MOVQ(Mem{Base: runs}, at)
	w.ADDQ(U8(8), runs)
	w.loadLong("runLen", count)
	w.Label(inner)
	w.multiplyAdd(t, func(i int) Mem { return Mem{Base: a[i], Index: at, Scale: 4} }, b)
	w.ADDQ(step, b)
	w.INCQ(at)
	w.DECQ(count)
	w.JNZ(LabelRef(inner))
	w.DECQ(more)
	w.JNZ(LabelRef(run))

	rest := w.GP64()
	w.MOVQ(left, rest)
	w.store(t, rest, w.long("cols"), func() func(reg.GPVirtual) {
		table, base := w.GP64(), w.base("c")
		w.MOVQ(cOff, table)
		return func(c reg.GPVirtual) {
			w.MOVQ(Mem{Base: table}, c)
			w.ADDQ(U8(8), table)
			w.LEAQ(Mem{Base: base, Index: c, Scale: 4}, c)
		}
	}, buf)
	w.ADDQ(U8(8*rows), aOff)
	w.ADDQ(U8(8*rows), cOff)
	w.SUBQ(U8(rows), left)
	w.JG(LabelRef(tile))
	w.done()
}

// byColumn writes the kernel of that name in package kernels' tile.
func (w *writer) byColumn(rows, vectors int) {
	name := fmt.Sprintf("byColumn%dx%dAVX2", rows, 8*vectors)
	w.function(name, "func(m int, a []float32, aStep int, runs []int, runLen int, b []float32, bStep int, c []float32, ldc, cols int, add bool)",
		fmt.Sprintf("%s is byColumn for tiles of %d rows and %d columns.", name, rows, 8*vectors))
	buf := w.AllocLocal(32 * rows * vectors)

	t := w.block(rows, vectors)
	w.clear(t)
	base, aStep := w.base("a"), w.long("aStep")
	b, bStep := w.base("b"), w.long("bStep")
	w.SHLQ(U8(2), aStep)
	w.SHLQ(U8(2), bStep)
	runs, more := w.base("runs"), w.GP64()
	w.Load(w.Param("runs").Len(), more)

	run, inner := w.label("run"), w.label("inner")
	a, count := w.GP64(), w.GP64()
	w.Label(run)
	w.MOVQ(Mem{Base: runs}, a)
	w.LEAQ(Mem{Base: base, Index: a, Scale: 4}, a)
	w.ADDQ(U8(8), runs)
	w.loadLong("runLen", count)
	w.Label(inner)
	w.multiplyAdd(t, func(i int) Mem { return Mem{Base: a, Disp: 4 * i} }, b)
	w.ADDQ(aStep, a)
	w.ADDQ(bStep, b)
	w.DECQ(count)
	w.JNZ(LabelRef(inner))
	w.DECQ(more)
	w.JNZ(LabelRef(run))

	w.store(t, w.long("m"), w.long("cols"), func() func(reg.GPVirtual) {
		at, ldc := w.base("c"), w.long("ldc")
		w.SHLQ(U8(2), ldc)
		return func(c reg.GPVirtual) {
			w.MOVQ(at, c)
			w.ADDQ(ldc, at)
		}
	}, buf)
	w.done()
}
