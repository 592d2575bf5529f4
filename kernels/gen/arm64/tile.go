package arm64

import "fmt"

// tiles writes the micro-kernels. Wide cores begin four multiply-adds a cycle, each of which takes four (Arm Neoverse V1
// Software Optimization Guide), so at least 16 accumulators are needed. Up to 24 of the 32 registers are accumulators;
// the rest holds a's elements, 4 to a register, by which the instructions multiply one at a time, and as much of a
// row of b as there is room for.
func tiles(w *file) {
	for _, s := range [][2]int{{8, 8}, {6, 12}, {6, 16}, {4, 24}} {
		rows, cols := s[0], s[1]
		name := fmt.Sprintf("byRow%dx%d", rows, cols)
		w.function(name, "func(m int, a []float32, aOff, runs []int, runLen, skip int, b []float32, bStep int, c []float32, cOff []int, cols int, add bool)",
			fmt.Sprintf("%sNEON is byRow for a tile of %d rows and %d columns.", name, rows, cols),
			func(f *function) { f.byRow(rows, cols/4) })
	}
	for _, s := range [][2]int{{12, 8}, {8, 12}, {6, 16}, {4, 24}} {
		rows, cols := s[0], s[1]
		name := fmt.Sprintf("byColumn%dx%d", rows, cols)
		w.function(name, "func(m int, a []float32, aStep int, runs []int, runLen int, b []float32, bStep int, c []float32, ldc, cols int, add bool)",
			fmt.Sprintf("%sNEON is byColumn for a tile of %d rows and %d columns.", name, rows, cols),
			func(f *function) { f.byColumn(rows, cols/4) })
	}
}

// block is the accumulators of a tile, one vector for each row.
type block []vector

func (f *function) block(rows, registers int) block {
	t := make(block, rows)
	for i := range t {
		t[i] = f.vector(registers)
	}
	return t
}

// multiplyAdd adds to the block the product of a column of a, of which element returns the register and place, and
// the row of b at an address. The row goes through the registers of room, two at a time.
func (f *function) multiplyAdd(t block, element func(row int) (register, place int), b general, room vector) {
	for j := 0; j < len(t[0]); j += 2 {
		at := j % (len(room) &^ 1)
		part := room[at : at+min(2, len(t[0])-j)]
		f.loadTo(part, 4, b, 16*j)
		for i, sums := range t {
			x, place := element(i)
			for k, v := range part {
				f.byElement("FMLA", sums[j+k], v, x, place)
			}
		}
	}
}

// byRow writes a kernel of that name in package kernels' tile.
func (f *function) byRow(rows, registers int) {
	f.frameLen = 16 * rows * registers
	left, base, aOff, cOff, step := f.integer("m"), f.base("a"), f.base("aOff"), f.base("cOff"), f.bytes("bStep")
	sums := f.block(rows, registers)

	tile := f.label("tile")
	f.mark(tile)
	f.comment("for left = m; left > 0; left -= rows {")
	f.scope(func() {
		a := make([]general, rows)
		for i := range a {
			a[i] = f.general(fmt.Sprintf("a_%d", i))
		}
		f.comment("a_i = &a[aOff[i]]")
		for i := 0; i < rows; i += 2 {
			f.op("LDP.P 16(%v), (%v, %v)", aOff, a[i], a[i+1])
		}
		for i, r := range a {
			f.op("ADD %v<<2, %v, %v", r, base, r)
			f.clear(sums[i])
		}
		f.runs(sums, a, step)
	})
	f.scope(func() {
		base := f.base("c")
		f.store(sums, left, func(c general) {
			f.op("MOVD.P 8(%v), %v", cOff, c)
			f.op("ADD %v<<2, %v, %v", c, base, c)
		})
	})
	f.op("SUBS $%d, %v, %v", rows, left, left)
	f.op("BGT %s", tile)
}

// runs adds the products of all runs; a has the addresses of the rows.
func (f *function) runs(sums block, a []general, step general) {
	b, runs, more := f.base("b"), f.base("runs"), f.length("runs")
	at, count := f.general("4*at"), f.general("run left")
	elements := f.vector(len(sums))
	room := f.vector(min(6, 32-f.vectors))
	run := f.label("run")
	f.mark(run)
	f.comment("for _, at := range runs {")
	f.op("MOVD.P 8(%v), %v", runs, at)
	f.op("LSL $2, %v, %v", at, at)
	f.loadInteger("runLen", count)
	f.run(sums, a, elements, at, b, step, count, room)
	f.op("SUBS $1, %v, %v", more, more)
	f.op("BNE %s", run)
}

// run adds the products of count elements of each row, 4 at a time and then one at a time, as far as they go.
func (f *function) run(sums block, a []general, elements vector, at, b, step, count general, room vector) {
	fours, rest, one, end := f.label("fours"), f.label("rest"), f.label("one"), f.label("end")
	f.op("SUBS $4, %v, %v", count, count)
	f.op("BLT %s", rest)
	f.mark(fours)
	f.comment("for range runLen/4 { for l := range 4 { sums[i][j] += a_i[at+l] * b[j]; b += bStep }; at += 4 }")
	for i, v := range elements {
		f.loadQuad(v, a[i], at)
	}
	for l := range 4 {
		f.multiplyAdd(sums, func(i int) (int, int) { return elements[i], l }, b, room)
		f.op("ADD %v, %v, %v", step, b, b)
	}
	f.op("ADD $16, %v, %v", at, at)
	f.op("SUBS $4, %v, %v", count, count)
	f.op("BGE %s", fours)
	f.mark(rest)
	f.op("ADDS $4, %v, %v", count, count)
	f.op("BEQ %s", end)
	f.mark(one)
	f.comment("for range runLen%4 { sums[i][j] += a_i[at] * b[j]; b += bStep; at++ }")
	for i, v := range elements {
		f.op("FMOVS (%v)(%v), F%d", a[i], at, v)
	}
	f.multiplyAdd(sums, func(i int) (int, int) { return elements[i], 0 }, b, room)
	f.op("ADD %v, %v, %v", step, b, b)
	f.op("ADD $4, %v, %v", at, at)
	f.op("SUBS $1, %v, %v", count, count)
	f.op("BNE %s", one)
	f.mark(end)
}

// byColumn writes a kernel of that name in package kernels' tile.
func (f *function) byColumn(rows, registers int) {
	f.frameLen = 16 * rows * registers
	base, aStep, b, bStep := f.base("a"), f.bytes("aStep"), f.base("b"), f.bytes("bStep")
	runs, more, at, count := f.base("runs"), f.length("runs"), f.general("&a[at]"), f.general("run left")
	sums := f.block(rows, registers)
	elements := f.vector((rows + 3) / 4)
	room := f.vector(min(6, 32-f.vectors))
	for _, v := range sums {
		f.clear(v)
	}

	run, inner := f.label("run"), f.label("inner")
	f.mark(run)
	f.comment("for _, at := range runs {")
	f.op("MOVD.P 8(%v), %v", runs, at)
	f.op("ADD %v<<2, %v, %v", at, base, at)
	f.loadInteger("runLen", count)
	f.mark(inner)
	f.comment("for range runLen { sums[i][j] += a[at+i] * b[j]; at += aStep; b += bStep }")
	whole := elements[:rows/4]
	f.loadTo(whole, 4, at, 0)
	if rows%4 == 2 {
		f.op("FMOVD %d(%v), F%d", 16*len(whole), at, elements[len(whole)])
	}
	f.multiplyAdd(sums, func(i int) (int, int) { return elements[i/4], i % 4 }, b, room)
	f.op("ADD %v, %v, %v", aStep, at, at)
	f.op("ADD %v, %v, %v", bStep, b, b)
	f.op("SUBS $1, %v, %v", count, count)
	f.op("BNE %s", inner)
	f.op("SUBS $1, %v, %v", more, more)
	f.op("BNE %s", run)

	c, ldc, left := f.base("c"), f.bytes("ldc"), f.integer("m")
	f.store(sums, left, func(to general) {
		f.op("MOVD %v, %v", c, to)
		f.op("ADD %v, %v, %v", ldc, c, c)
	})
}

// store writes, or adds, left rows, if there are so many, and cols columns of the block to c. next sets its register to
// the address of c's next row. A partial block goes by way of the stack frame.
func (f *function) store(t block, left general, next func(c general)) {
	partial, plain, end := f.label("partial"), f.label("plain"), f.label("stored")
	f.scope(func() {
		cols, add, c := f.integer("cols"), f.flag("add"), f.general("row of c")
		f.op("CMP $%d, %v", len(t), left)
		f.op("BLT %s", partial)
		f.op("CMP $%d, %v", 4*len(t[0]), cols)
		f.op("BLT %s", partial)
		f.op("CBZ %v, %s", add, plain)
		f.comment("c[i][j] += sums[i][j]")
		f.storeRows(t, c, next, true)
		f.op("B %s", end)
		f.mark(plain)
		f.comment("c[i][j] = sums[i][j]")
		f.storeRows(t, c, next, false)
		f.op("B %s", end)
		f.mark(partial)
		f.storePart(t, left, cols, add, c, next)
	})
	f.mark(end)
}

// storeRows reads c into the registers above the block's, which are free once all products are summed.
func (f *function) storeRows(t block, c general, next func(c general), add bool) {
	above := t[len(t)-1].at(len(t[0])) + 1
	old := vector{above, above + 1}
	for _, sums := range t {
		next(c)
		for j := 0; j < len(sums); j += 2 {
			part := sums[j:min(j+2, len(sums))]
			if add {
				was := old[:len(part)]
				f.loadTo(was, 4, c, 16*j)
				f.do("FADD", part, part, was)
			}
			f.save(part, 4, c, 16*j)
		}
	}
}

// storePart copies the block to the stack frame, and from there min(left, rows) rows of cols elements to c.
func (f *function) storePart(t block, left, cols, add, c general, next func(c general)) {
	from, rows, count, row := f.general("frame"), f.general("rows to store"), f.general("columns left"), f.general("row in frame")
	f.op("MOVD $frame-%d(SP), %v", f.frameLen, from)
	for i, sums := range t {
		f.save(sums, 4, from, 16*i*len(sums))
	}
	f.op("MOVD $%d, %v", len(t), rows)
	f.op("CMP %v, %v", rows, left)
	f.op("CSEL LT, %v, %v, %v", left, rows, rows)
	each, adding, stored := f.label("row"), f.label("adding"), f.label("stored")
	f.mark(each)
	f.comment("for range min(left, rows) { for j := range cols { c[i][j] = sums[i][j] (+ c[i][j]) } }")
	next(c)
	f.op("MOVD %v, %v", from, row)
	f.op("MOVD %v, %v", cols, count)
	f.op("CBNZ %v, %s", add, adding)
	f.copyRow(count, row, c, false)
	f.op("B %s", stored)
	f.mark(adding)
	f.copyRow(count, row, c, true)
	f.mark(stored)
	f.op("ADD $%d, %v, %v", 16*len(t[0]), from, from)
	f.op("SUBS $1, %v, %v", rows, rows)
	f.op("BNE %s", each)
}

// copyRow stores, or adds, count elements. The block is in the frame, so that its registers are free.
func (f *function) copyRow(count, from, c general, add bool) {
	f.stream([]lanes{4, 1}, count, []general{from, c}, func(n lanes) {
		v, old := vector{0}, vector{1}
		f.loadTo(v, n, from, 0)
		if add {
			f.loadTo(old, n, c, 0)
			f.do("FADD", v, v, old)
		}
		f.save(v, n, c, 0)
	})
}
