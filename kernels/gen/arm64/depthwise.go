package arm64

import "fmt"

// depthwises writes the kernels of depthwise.go. Both walk the channels a vector at a time, and for each vector the
// positions. Loads are what they wait for; so in the first, four positions share the load of a tap's weights, and in
// the second, up to four taps that of a position's gradient.
func depthwises(w *file) {
	w.function("depthwise", "func(y, x, w []float32, wAt, rows, cols, channels, yRow, yCol, xRow, xCol, tapsH, tapsW, tapRow, tapCol, wRow, wCol int, add bool)",
		"depthwiseNEON is depthwise.", (*function).depthwise)
	w.function("depthwiseWeights", "func(dw, dy, x []float32, taps, wTap, xTap, rows, cols, channels, dyRow, dyCol, xRow, xCol int)",
		"depthwiseWeightsNEON is depthwiseWeights.", (*function).depthwiseWeights)
}

// vectorsOf writes the loop over a vector of channels at a time; the slices move on with it.
func (f *function) vectorsOf(slices []general, body func(n lanes)) {
	f.stream([]lanes{8, 4, 1}, f.integer("channels"), slices, body)
}

// A sweep is where the operands of depthwise are: those of the channels under way, and the distances, in bytes.
type sweep struct {
	y, x, w      general
	yCol, xCol   general
	tapCol, wCol general
	tapRow, wRow general // from the end of a row of taps to the next
}

func (f *function) depthwise() {
	s := sweep{y: f.base("y"), x: f.base("x"), w: f.base("w"), yCol: f.bytes("yCol"), xCol: f.bytes("xCol")}
	f.comment("w = w[wAt:]")
	f.advance(s.w, "wAt")
	s.tapCol, s.wCol = f.bytes("tapCol"), f.bytes("wCol")
	s.tapRow, s.wRow = f.bytes("tapRow"), f.bytes("wRow")
	f.comment("tapRow -= tapsW*tapCol; wRow -= tapsW*wCol")
	f.scope(func() {
		taps := f.integer("tapsW")
		f.op("MSUB %v, %v, %v, %v", taps, s.tapRow, s.tapCol, s.tapRow)
		f.op("MSUB %v, %v, %v, %v", taps, s.wRow, s.wCol, s.wRow)
	})
	rowY, rowX, rows := f.general("row of y"), f.general("row of x"), f.general("rows left")
	y, x, cols := f.general("position in y"), f.general("position in x"), f.general("columns left")
	f.vectorsOf([]general{s.y, s.x, s.w}, func(n lanes) {
		row, four, ones, one, end := f.label("row"), f.label("four"), f.label("ones"), f.label("one"), f.label("endRow")
		f.op("MOVD %v, %v", s.y, rowY)
		f.op("MOVD %v, %v", s.x, rowX)
		f.loadInteger("rows", rows)
		f.mark(row)
		f.comment("for range rows {")
		f.op("MOVD %v, %v", rowY, y)
		f.op("MOVD %v, %v", rowX, x)
		f.loadInteger("cols", cols)
		f.op("SUBS $4, %v, %v", cols, cols)
		f.op("BLT %s", ones)
		f.mark(four)
		f.comment("for ; cols >= 4; cols -= 4 {")
		f.scope(func() { f.positions(n, 4, &s, y, x) })
		f.op("SUBS $4, %v, %v", cols, cols)
		f.op("BGE %s", four)
		f.mark(ones)
		f.op("ADDS $4, %v, %v", cols, cols)
		f.op("BEQ %s", end)
		f.mark(one)
		f.comment("for ; cols > 0; cols-- {")
		f.scope(func() { f.positions(n, 1, &s, y, x) })
		f.op("SUBS $1, %v, %v", cols, cols)
		f.op("BNE %s", one)
		f.mark(end)
		f.advance(rowY, "yRow")
		f.advance(rowX, "xRow")
		f.op("SUBS $1, %v, %v", rows, rows)
		f.op("BNE %s", row)
	})
}

// positions sets count outputs, or adds to them, and moves y and x on.
func (f *function) positions(n lanes, count int, s *sweep, y, x general) {
	from, down, right := f.general("&w[tap]"), f.general("rows of taps left"), f.general("taps left")
	sums, at := make([]vector, count), make([]general, count)
	for i := range sums {
		sums[i], at[i] = f.zero(n.registers()), f.general(fmt.Sprintf("&x[tap] of position %d", i))
		f.op("MOVD %v, %v", x, at[i])
		f.op("ADD %v, %v, %v", s.xCol, x, x)
	}
	row, tap := f.label("tapRow"), f.label("tap")
	f.comment("sums[i] += x[i*xCol+h*tapRow+v*tapCol] * w[h*wRow+v*wCol]")
	f.op("MOVD %v, %v", s.w, from)
	f.loadInteger("tapsH", down)
	f.mark(row)
	f.loadInteger("tapsW", right)
	f.mark(tap)
	f.scope(func() {
		weight := f.load(n, from, 0)
		for i, sum := range sums {
			f.do("VFMLA", sum, weight, f.load(n, at[i], 0))
			f.op("ADD %v, %v, %v", s.tapCol, at[i], at[i])
		}
	})
	f.op("ADD %v, %v, %v", s.wCol, from, from)
	f.op("SUBS $1, %v, %v", right, right)
	f.op("BNE %s", tap)
	for _, r := range at {
		f.op("ADD %v, %v, %v", s.tapRow, r, r)
	}
	f.op("ADD %v, %v, %v", s.wRow, from, from)
	f.op("SUBS $1, %v, %v", down, down)
	f.op("BNE %s", row)

	f.comment("y[i*yCol] = sums[i] (+ y[i*yCol])")
	add, plain := right, f.label("plain")
	f.op("MOVBU %s, %v", f.argument("add", "", 0), add)
	f.op("CBZ %v, %s", add, plain)
	f.op("MOVD %v, %v", y, from)
	for _, sum := range sums {
		f.do("FADD", sum, sum, f.load(n, from, 0))
		f.op("ADD %v, %v, %v", s.yCol, from, from)
	}
	f.mark(plain)
	for _, sum := range sums {
		f.save(sum, n, y, 0)
		f.op("ADD %v, %v, %v", s.yCol, y, y)
	}
}

// A tapLine is where the operands of depthwiseWeights are: those of the channels under way, and the distances, in bytes.
type tapLine struct {
	dw, dy, x   general
	wTap, xTap  general
	dyRow, xRow general
	dyCol, xCol general
}

func (f *function) depthwiseWeights() {
	l := tapLine{
		dw: f.base("dw"), dy: f.base("dy"), x: f.base("x"), wTap: f.bytes("wTap"), xTap: f.bytes("xTap"),
		dyRow: f.bytes("dyRow"), xRow: f.bytes("xRow"), dyCol: f.bytes("dyCol"), xCol: f.bytes("xCol"),
	}
	count := f.integer("taps")
	f.vectorsOf([]general{l.dw, l.dy, l.x}, func(n lanes) {
		end := f.label("endLine")
		for taps := 4; taps > 0; taps-- {
			fewer := f.label("fewer")
			f.op("CMP $%d, %v", taps, count)
			f.op("BNE %s", fewer)
			f.scope(func() { f.tapLine(n, taps, &l) })
			f.op("B %s", end)
			f.mark(fewer)
		}
		f.mark(end)
	})
}

// tapLine adds to the gradients of that many taps. Positions that follow each other have sums of their own, for the
// latency of a multiply-add.
func (f *function) tapLine(n lanes, taps int, l *tapLine) {
	sums := make([][2]vector, taps)
	for k := range sums {
		sums[k] = [2]vector{f.zero(n.registers()), f.zero(n.registers())}
	}
	rowY, rowX, rows := f.general("row of dy"), f.general("row of x"), f.general("rows left")
	dy, x, cols, tap := f.general("position in dy"), f.general("position in x"), f.general("columns left"), f.general("tap in x")
	position := func(i int) { // adds what a position contributes, and moves on to the next
		f.scope(func() {
			d := f.load(n, dy, 0)
			f.op("MOVD %v, %v", x, tap)
			for k := range sums {
				f.do("VFMLA", sums[k][i], d, f.load(n, tap, 0))
				f.op("ADD %v, %v, %v", l.xTap, tap, tap)
			}
		})
		f.op("ADD %v, %v, %v", l.dyCol, dy, dy)
		f.op("ADD %v, %v, %v", l.xCol, x, x)
	}
	row, two, one, end := f.label("row"), f.label("two"), f.label("one"), f.label("endRow")
	f.op("MOVD %v, %v", l.dy, rowY)
	f.op("MOVD %v, %v", l.x, rowX)
	f.loadInteger("rows", rows)
	f.mark(row)
	f.comment("for range rows { for range cols { sums[k] += dy[0]*x[k*xTap]; dy += dyCol; x += xCol } }")
	f.op("MOVD %v, %v", rowY, dy)
	f.op("MOVD %v, %v", rowX, x)
	f.loadInteger("cols", cols)
	f.op("SUBS $2, %v, %v", cols, cols)
	f.op("BLT %s", one)
	f.mark(two)
	position(0)
	position(1)
	f.op("SUBS $2, %v, %v", cols, cols)
	f.op("BGE %s", two)
	f.mark(one)
	f.op("ADDS $2, %v, %v", cols, cols)
	f.op("BEQ %s", end)
	position(0)
	f.mark(end)
	f.op("ADD %v, %v, %v", l.dyRow, rowY, rowY)
	f.op("ADD %v, %v, %v", l.xRow, rowX, rowX)
	f.op("SUBS $1, %v, %v", rows, rows)
	f.op("BNE %s", row)

	f.comment("dw[k*wTap] += sums[k]")
	f.op("MOVD %v, %v", l.dw, tap)
	for _, sum := range sums {
		f.do("FADD", sum[0], sum[0], sum[1])
		f.do("FADD", sum[0], sum[0], f.load(n, tap, 0))
		f.save(sum[0], n, tap, 0)
		f.op("ADD %v, %v, %v", l.wTap, tap, tap)
	}
}
