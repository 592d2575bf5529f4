package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tiles512 writes the micro-kernels of AVX-512. Of the 32 registers, 24 hold sums; rows of a that do not fill
// a block are multiplied in one of half as many rows, if that is enough.
func tiles512(w *writer) {
	w.byRow512(8, 1)
	w.byRow512(8, 2)
	w.byRow512(8, 3)
	w.byColumn512(16, 1)
	w.byColumn512(12, 2)
	w.byColumn512(8, 3)
}

// block512 returns accumulators of rows × vectors of 16 columns, set to 0.
func (w *writer) block512(rows, vectors int) block {
	b := make(block, rows)
	for i := range b {
		for range vectors {
			v := w.ZMM()
			w.VXORPS(v, v, v)
			b[i] = append(b[i], v)
		}
	}
	return b
}

// multiplyAdd512 adds to the block the product of a column of a and a row of b.
func (w *writer) multiplyAdd512(t block, a func(row int) Mem, b Mem) {
	row := make([]reg.VecVirtual, len(t[0]))
	for j := range row {
		row[j] = w.ZMM()
		w.VMOVUPS(b.Offset(64*j), row[j])
	}
	for i, acc := range t {
		x := w.ZMM()
		w.VBROADCASTSS(a(i), x)
		for j, c := range acc {
			w.VFMADD231PS(row[j], x, c)
		}
	}
}

// byRow512 writes a kernel of that name in package kernels' tile.
func (w *writer) byRow512(rows, vectors int) {
	name := fmt.Sprintf("byRow%dx%dAVX512", rows, 16*vectors)
	w.function(name, "func(m int, a []float32, aOff, runs []int, runLen, skip int, b []float32, bStep int, c []float32, cOff []int, cols int, add bool)",
		fmt.Sprintf("%s is byRow for a tile of %d rows and %d columns.", name, rows, 16*vectors))
	left, aOff, cOff := w.AllocLocal(8), w.AllocLocal(8), w.AllocLocal(8)
	tmp := w.GP64()
	w.move(w.Param("m"), tmp, left)
	w.move(w.Param("aOff").Base(), tmp, aOff)
	w.move(w.Param("cOff").Base(), tmp, cOff)
	masks := w.masks(vectors)

	full, half, end := w.label("full"), w.label("half"), w.label("end")
	w.CMPQ(left, U8(rows/2))
	w.JLE(LabelRef(half))
	w.Label(full)
	w.Comment("for left = m; left > rows/2; left -= rows {")
	w.rowBlock512(rows, vectors, left, aOff, cOff, masks)
	w.ADDQ(U8(8*rows), aOff)
	w.ADDQ(U8(8*rows), cOff)
	w.SUBQ(U8(rows), left)
	w.JLE(LabelRef(end))
	w.CMPQ(left, U8(rows/2))
	w.JG(LabelRef(full))
	w.Label(half)
	w.Comment("the rest has at most rows/2 rows")
	w.rowBlock512(rows/2, vectors, left, aOff, cOff, masks)
	w.Label(end)
	w.done()
}

// rowBlock512 multiplies the next rows, as many as there are, and stores what it gets.
func (w *writer) rowBlock512(rows, vectors int, left, aOff, cOff Mem, masks []reg.OpmaskVirtual) {
	w.Comment("a_i = &a[aOff[i]]")
	sums := w.block512(rows, vectors)
	table, base := w.GP64(), w.base("a")
	w.MOVQ(aOff, table)
	a := make([]reg.GPVirtual, rows)
	for i := range a {
		a[i] = w.GP64()
		w.MOVQ(Mem{Base: table, Disp: 8 * i}, a[i])
		w.LEAQ(Mem{Base: base, Index: a[i], Scale: 4}, a[i])
	}
	w.Comment("ahead = &a[aOff[rows]], where the next block begins")
	ahead := w.GP64()
	w.MOVQ(Mem{Base: table, Disp: 8 * rows}, ahead)
	w.LEAQ(Mem{Base: base, Index: ahead, Scale: 4}, ahead)
	table, to := w.GP64(), w.base("c")
	w.MOVQ(cOff, table)
	w.fetch(rows, 64*vectors, func(i int, at reg.GPVirtual) Mem {
		w.MOVQ(Mem{Base: table, Disp: 8 * i}, at)
		return Mem{Base: to, Index: at, Scale: 4}
	})
	b, step := w.base("b"), w.long("bStep")
	w.SHLQ(U8(2), step)
	w.walk(func(at reg.GPVirtual) func() {
		return func() {
			w.Comment("fetch ahead; sums[i][j] += a_i[at] * b[j]; b += bStep; at++")
			w.PREFETCHT0(Mem{Base: ahead})
			w.ADDQ(U8(fetched), ahead)
			w.multiplyAdd512(sums, func(i int) Mem { return Mem{Base: a[i], Index: at, Scale: 4} }, Mem{Base: b})
			w.ADDQ(step, b)
			w.INCQ(at)
		}
	}, func(free reg.GPVirtual) { w.skip(ahead, free) })

	rest, offsets, to := w.GP64(), w.GP64(), w.base("c")
	w.MOVQ(left, rest)
	w.MOVQ(cOff, offsets)
	w.store512(sums, rest, masks, func(i int) reg.GPVirtual {
		c := w.GP64()
		w.MOVQ(Mem{Base: offsets, Disp: 8 * i}, c)
		w.LEAQ(Mem{Base: to, Index: c, Scale: 4}, c)
		return c
	})
}

// byColumn512 writes a kernel of that name in package kernels' tile.
func (w *writer) byColumn512(rows, vectors int) {
	name := fmt.Sprintf("byColumn%dx%dAVX512", rows, 16*vectors)
	w.function(name, "func(m int, a []float32, aStep int, runs []int, runLen int, b []float32, bStep int, c []float32, ldc, cols int, add bool)",
		fmt.Sprintf("%s is byColumn for a tile of %d rows and %d columns.", name, rows, 16*vectors))
	masks := w.masks(vectors)
	m := w.long("m")
	half, end := w.label("half"), w.label("end")
	w.CMPQ(m, U8(rows/2))
	w.JLE(LabelRef(half))
	w.columnBlock512(rows, vectors, m, masks)
	w.JMP(LabelRef(end))
	w.Label(half)
	w.Comment("rows/2 rows are enough")
	w.columnBlock512(rows/2, vectors, m, masks)
	w.Label(end)
	w.done()
}

func (w *writer) columnBlock512(rows, vectors int, m reg.GPVirtual, masks []reg.OpmaskVirtual) {
	sums := w.block512(rows, vectors)
	c, distance := w.base("c"), w.long("ldc")
	w.SHLQ(U8(2), distance)
	w.fetch(rows, 64*vectors, func(i int, _ reg.GPVirtual) Mem {
		if i > 0 {
			w.ADDQ(distance, c)
		}
		return Mem{Base: c}
	})
	base, aStep := w.base("a"), w.long("aStep")
	b, bStep := w.base("b"), w.long("bStep")
	w.SHLQ(U8(2), aStep)
	w.SHLQ(U8(2), bStep)
	w.walk(func(a reg.GPVirtual) func() {
		w.LEAQ(Mem{Base: base, Index: a, Scale: 4}, a)
		return func() {
			w.Comment("fetch what later tiles read of a's row; sums[i][j] += a[at+i] * b[j]; at += aStep; b += bStep")
			w.PREFETCHT1(Mem{Base: a, Disp: 128})
			w.multiplyAdd512(sums, func(i int) Mem { return Mem{Base: a, Disp: 4 * i} }, Mem{Base: b})
			w.ADDQ(aStep, a)
			w.ADDQ(bStep, b)
		}
	}, func(reg.GPVirtual) {})
	to, ldc := w.base("c"), w.long("ldc")
	w.SHLQ(U8(2), ldc)
	w.store512(sums, m, masks, func(i int) reg.GPVirtual {
		if i > 0 {
			w.ADDQ(ldc, to)
		}
		return to
	})
}

// walk writes the loop over the runs and, in each, over runLen elements. at is where
// a run begins; begin writes what is to be done there, and returns what writes a step; end writes what is to be done after
// the run, when at is free.
func (w *writer) walk(begin func(at reg.GPVirtual) func(), end func(free reg.GPVirtual)) {
	runs, more, tmp := w.AllocLocal(8), w.AllocLocal(8), w.GP64()
	w.move(w.Param("runs").Base(), tmp, runs)
	w.move(w.Param("runs").Len(), tmp, more)
	run, inner := w.label("run"), w.label("inner")
	w.Label(run)
	w.Comment("for _, at := range runs { for range runLen {")
	at, count := w.GP64(), w.GP64()
	w.MOVQ(runs, at)
	w.ADDQ(U8(8), runs)
	w.MOVQ(Mem{Base: at}, at)
	step := begin(at)
	w.loadLong("runLen", count)
	w.Label(inner)
	step()
	w.DECQ(count)
	w.JNZ(LabelRef(inner))
	end(at)
	w.DECQ(more)
	w.JNZ(LabelRef(run))
}

// masks returns, for each vector of a row of cols columns, which of its columns there are.
func (w *writer) masks(vectors int) []reg.OpmaskVirtual {
	w.Comment("masks = 1<<cols - 1, 16 bits each")
	cols, bits := w.long("cols"), w.GP64()
	w.MOVQ(I32(-1), bits)
	w.SHLXQ(cols, bits, bits)
	w.NOTQ(bits)
	masks := make([]reg.OpmaskVirtual, vectors)
	for j := range masks {
		masks[j] = w.K()
		w.KMOVW(bits.As32(), masks[j])
		w.SHRQ(U8(16), bits)
	}
	return masks
}

// store512 writes, or adds, the first left rows of the block, as far as it has them, where row says.
func (w *writer) store512(t block, left reg.GPVirtual, masks []reg.OpmaskVirtual, row func(i int) reg.GPVirtual) {
	adding, end := w.label("adding"), w.label("stored")
	add, err := w.Param("add").Resolve()
	if err != nil {
		panic(err)
	}
	rows := func(store func(c Mem, v reg.VecVirtual, mask reg.OpmaskVirtual)) {
		for i, acc := range t {
			if i > 0 {
				w.CMPQ(left, U8(i))
				w.JLE(LabelRef(end))
			}
			c := row(i)
			for j, v := range acc {
				store(Mem{Base: c, Disp: 64 * j}, v, masks[j])
			}
		}
	}
	w.CMPB(add.Addr, U8(0))
	w.JNE(LabelRef(adding))
	w.Comment("c[i][j] = sums[i][j]")
	rows(func(c Mem, v reg.VecVirtual, mask reg.OpmaskVirtual) { w.VMOVUPS(v, mask, c) })
	w.JMP(LabelRef(end))
	w.Label(adding)
	w.Comment("c[i][j] += sums[i][j]")
	rows(func(c Mem, v reg.VecVirtual, mask reg.OpmaskVirtual) {
		w.VADDPS(c, v, mask, v)
		w.VMOVUPS(v, mask, c)
	})
	w.Label(end)
}
