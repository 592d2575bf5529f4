package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// depthwises writes the kernels of depthwise.go. Both walk the channels a vector at a time, and for each vector the
// positions; their loads, two in a cycle, are what they wait for, so the first has four positions share the load of a
// tap's weights, and the second four taps that of a position's gradient.
func depthwises(w *writer) {
	w.depthwise()
	w.depthwiseWeights()
}

// multiplyAdd1 adds from[i]*v[i] to the sums.
func (w *writer) multiplyAdd1(n lanes, from Mem, v, sum reg.VecVirtual) {
	if n == 1 {
		w.VFMADD231SS(from, v, sum)
	} else {
		w.VFMADD231PS(from, v, sum)
	}
}

// local copies a parameter to the stack frame, in bytes if it counts float32.
func (w *writer) local(name string, shift int) Mem {
	m, r := w.AllocLocal(8), w.long(name)
	if shift > 0 {
		w.SHLQ(U8(shift), r)
	}
	w.MOVQ(r, m)
	return m
}

// pointer copies the address of a slice's first element to the stack frame.
func (w *writer) pointer(slice string) Mem {
	m := w.AllocLocal(8)
	w.MOVQ(w.base(slice), m)
	return m
}

// inBytes loads a parameter that counts float32, in bytes.
func (w *writer) inBytes(name string) reg.GPVirtual {
	r := w.long(name)
	w.SHLQ(U8(2), r)
	return r
}

// vectorsOf writes the loop over a vector of channels at a time; the slices move on with it.
func (w *writer) vectorsOf(slices []Mem, body func(n lanes)) {
	left := w.local("channels", 0)
	for _, n := range w.set.steps {
		loop, end := w.label("channels"), w.label("end")
		w.Label(loop)
		w.SUBQ(U8(n), left)
		w.JL(LabelRef(end))
		body(n)
		for _, s := range slices {
			w.ADDQ(U8(4*n), s)
		}
		w.JMP(LabelRef(loop))
		w.Label(end)
		w.ADDQ(U8(n), left)
	}
	w.done()
}

func (w *writer) depthwise() {
	w.function("depthwise"+w.set.name, "func(y, x, w []float32, wAt, rows, cols, channels, yRow, yCol, xRow, xCol, tapsH, tapsW, tapRow, tapCol, wRow, wCol int, add bool)",
		"depthwise"+w.set.name+" is depthwise.")
	s := sweep{y: w.pointer("y"), x: w.pointer("x"), w: w.pointer("w")}
	w.Comment("w = w[wAt:]; tapRow -= tapsW*tapCol; wRow -= tapsW*wCol")
	w.ADDQ(w.inBytes("wAt"), s.w)
	taps := w.inBytes("tapsW")
	s.tapCol, s.wCol = w.inBytes("tapCol"), w.inBytes("wCol")
	s.tapRow, s.wRow = w.local("tapRow", 2), w.local("wRow", 2)
	for _, d := range []struct {
		col string
		row Mem
	}{{"tapCol", s.tapRow}, {"wCol", s.wRow}} {
		line := w.long(d.col)
		w.IMULQ(taps, line)
		w.SUBQ(line, d.row)
	}
	s.yCol, s.yRow, s.xRow = w.local("yCol", 2), w.local("yRow", 2), w.local("xRow", 2)
	s.xCol, s.xCol3 = w.inBytes("xCol"), w.GP64()
	w.LEAQ(Mem{Base: s.xCol, Index: s.xCol, Scale: 2}, s.xCol3)
	rowY, rowX, rows := w.AllocLocal(8), w.AllocLocal(8), w.AllocLocal(8)
	w.vectorsOf([]Mem{s.y, s.x, s.w}, func(n lanes) {
		row, four, ones, one, end := w.label("row"), w.label("four"), w.label("ones"), w.label("one"), w.label("endRow")
		y, x, cols := w.GP64(), w.GP64(), w.GP64()
		w.MOVQ(s.y, y)
		w.MOVQ(s.x, x)
		w.loadLong("rows", cols)
		w.MOVQ(cols, rows)
		w.Label(row)
		w.Comment("for range rows {")
		w.MOVQ(y, rowY)
		w.MOVQ(x, rowX)
		w.loadLong("cols", cols)
		w.SUBQ(U8(4), cols)
		w.JL(LabelRef(ones))
		w.Label(four)
		w.Comment("for ; cols >= 4; cols -= 4 {")
		w.positions(n, 4, &s, y, x)
		w.SUBQ(U8(4), cols)
		w.JGE(LabelRef(four))
		w.Label(ones)
		w.ADDQ(U8(4), cols)
		w.JZ(LabelRef(end))
		w.Label(one)
		w.Comment("for ; cols > 0; cols-- {")
		w.positions(n, 1, &s, y, x)
		w.DECQ(cols)
		w.JNZ(LabelRef(one))
		w.Label(end)
		w.MOVQ(rowY, y)
		w.MOVQ(rowX, x)
		w.ADDQ(s.yRow, y)
		w.ADDQ(s.xRow, x)
		w.DECQ(rows)
		w.JNZ(LabelRef(row))
	})
}

// A sweep is where the operands of depthwise are: those of the channels under way, and the distances, in bytes.
type sweep struct {
	y, x, w                   Mem
	yRow, yCol, xRow          Mem
	xCol, xCol3, tapCol, wCol reg.GPVirtual // xCol3 is 3*xCol
	tapRow, wRow              Mem           // from the end of a row of taps to the next
}

// positions sets count outputs, or adds to them, and moves y and x on.
func (w *writer) positions(n lanes, count int, s *sweep, y, x reg.GPVirtual) {
	sums := make([]reg.VecVirtual, count)
	for i := range sums {
		sums[i] = w.zero(n)
	}
	at, from, down, right := w.GP64(), w.GP64(), w.GP64(), w.GP64()
	inputs := []Mem{{Base: at}, {Base: at, Index: s.xCol, Scale: 1}, {Base: at, Index: s.xCol, Scale: 2}, {Base: at, Index: s.xCol3, Scale: 1}}
	row, tap := w.label("tapRow"), w.label("tap")
	w.Comment("sums[i] += x[i*xCol+h*tapRow+v*tapCol] * w[h*wRow+v*wCol]")
	w.MOVQ(x, at)
	w.MOVQ(s.w, from)
	w.loadLong("tapsH", down)
	w.Label(row)
	w.loadLong("tapsW", right)
	w.Label(tap)
	weight := w.load(n, Mem{Base: from})
	for i, sum := range sums {
		w.multiplyAdd1(n, inputs[i], weight, sum)
	}
	w.ADDQ(s.tapCol, at)
	w.ADDQ(s.wCol, from)
	w.DECQ(right)
	w.JNZ(LabelRef(tap))
	w.ADDQ(s.tapRow, at)
	w.ADDQ(s.wRow, from)
	w.DECQ(down)
	w.JNZ(LabelRef(row))

	w.Comment("y[i*yCol] = sums[i] (+ y[i*yCol])")
	plain := w.label("plain")
	add, _ := w.Param("add").Resolve()
	w.CMPB(add.Addr, U8(0))
	w.JE(LabelRef(plain))
	w.MOVQ(y, at)
	for _, sum := range sums {
		w.VADDPS(w.load(n, Mem{Base: at}), sum, sum)
		w.ADDQ(s.yCol, at)
	}
	w.Label(plain)
	for _, sum := range sums {
		w.save(n, sum, Mem{Base: y})
		w.ADDQ(s.yCol, y)
	}
	if count == 4 {
		w.LEAQ(Mem{Base: x, Index: s.xCol, Scale: 4}, x)
	} else {
		w.ADDQ(s.xCol, x)
	}
}

func (w *writer) depthwiseWeights() {
	w.function("depthwiseWeights"+w.set.name, "func(dw, dy, x []float32, taps, wTap, xTap, rows, cols, channels, dyRow, dyCol, xRow, xCol int)",
		"depthwiseWeights"+w.set.name+" is depthwiseWeights.")
	l := tapLine{dw: w.pointer("dw"), dy: w.pointer("dy"), x: w.pointer("x"), rows: w.AllocLocal(8)}
	l.wTap, l.dyRow, l.xRow = w.local("wTap", 2), w.local("dyRow", 2), w.local("xRow", 2)
	l.dyCol, l.xCol, l.xTap, l.xTap3 = w.inBytes("dyCol"), w.inBytes("xCol"), w.inBytes("xTap"), w.GP64()
	w.LEAQ(Mem{Base: l.xTap, Index: l.xTap, Scale: 2}, l.xTap3)
	w.vectorsOf([]Mem{l.dw, l.dy, l.x}, func(n lanes) {
		end := w.label("endLine")
		count := w.long("taps")
		for taps := 4; taps > 0; taps-- {
			fewer := w.label("fewer")
			w.CMPQ(count, U8(taps))
			w.JNE(LabelRef(fewer))
			w.tapLine(n, taps, &l)
			w.JMP(LabelRef(end))
			w.Label(fewer)
		}
		w.Label(end)
	})
}

// A tapLine is where the operands of depthwiseWeights are: those of the channels under way, and the distances, in bytes.
type tapLine struct {
	dw, dy, x                Mem
	rows                     Mem // that are left
	wTap, dyRow, xRow        Mem
	dyCol, xCol, xTap, xTap3 reg.GPVirtual // xTap3 is 3*xTap
}

// tapLine adds to the gradients of that many taps. Positions that follow each other have sums of their own, for the latency of
// a multiply-add.
func (w *writer) tapLine(n lanes, taps int, l *tapLine) {
	sums := make([][2]reg.VecVirtual, taps)
	for k := range sums {
		sums[k] = [2]reg.VecVirtual{w.zero(n), w.zero(n)}
	}
	rowY, rowX, dy, x, second, cols := w.GP64(), w.GP64(), w.GP64(), w.GP64(), w.GP64(), w.GP64()
	add := func(d reg.VecVirtual, x reg.GPVirtual, i int) {
		inputs := []Mem{{Base: x}, {Base: x, Index: l.xTap, Scale: 1}, {Base: x, Index: l.xTap, Scale: 2}, {Base: x, Index: l.xTap3, Scale: 1}}
		for k := range sums {
			w.multiplyAdd1(n, inputs[k], d, sums[k][i])
		}
	}
	row, two, one, end := w.label("row"), w.label("two"), w.label("one"), w.label("endRow")
	w.MOVQ(l.dy, rowY)
	w.MOVQ(l.x, rowX)
	w.loadLong("rows", cols)
	w.MOVQ(cols, l.rows)
	w.Label(row)
	w.Comment("for range rows {")
	w.MOVQ(rowY, dy)
	w.MOVQ(rowX, x)
	w.loadLong("cols", cols)
	w.SUBQ(U8(2), cols)
	w.JL(LabelRef(one))
	w.Label(two)
	w.Comment("for ; cols >= 2; cols -= 2 { sums[k] += dy[0]*x[k*xTap] + dy[dyCol]*x[xCol+k*xTap]")
	w.LEAQ(Mem{Base: x, Index: l.xCol, Scale: 1}, second)
	add(w.load(n, Mem{Base: dy}), x, 0)
	add(w.load(n, Mem{Base: dy, Index: l.dyCol, Scale: 1}), second, 1)
	w.LEAQ(Mem{Base: dy, Index: l.dyCol, Scale: 2}, dy)
	w.LEAQ(Mem{Base: x, Index: l.xCol, Scale: 2}, x)
	w.SUBQ(U8(2), cols)
	w.JGE(LabelRef(two))
	w.Label(one)
	w.ADDQ(U8(2), cols)
	w.JZ(LabelRef(end))
	add(w.load(n, Mem{Base: dy}), x, 0)
	w.Label(end)
	w.ADDQ(l.dyRow, rowY)
	w.ADDQ(l.xRow, rowX)
	w.DECQ(l.rows)
	w.JNZ(LabelRef(row))

	w.Comment("dw[k*wTap] += sums[k]")
	to := w.GP64()
	w.MOVQ(l.dw, to)
	for _, sum := range sums {
		w.VADDPS(sum[1], sum[0], sum[0])
		w.VADDPS(w.load(n, Mem{Base: to}), sum[0], sum[0])
		w.save(n, sum[0], Mem{Base: to})
		w.ADDQ(l.wTap, to)
	}
}
