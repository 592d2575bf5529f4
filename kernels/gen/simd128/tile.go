package simd128

import "fmt"

// tiles writes the micro-kernels of package kernels' tile. Processors have 16 vector registers or more, of which a tile needs
// its accumulators, a row of b, one element of a in all lanes, and a product: all of these shapes fit. More accumulators
// are faster where there are more registers, and slower where there are not.
func (w *file) tiles() {
	part := w.storePart()
	for _, t := range []struct{ rows, columns, vectors int }{{6, 8, 1}, {5, 4, 2}, {3, 3, 3}} {
		doc := func(kind string, rows int) string {
			return fmt.Sprintf("is %s for a tile of %d rows and %d columns", kind, rows, 4*t.vectors)
		}
		byRow, byColumn := &block{rows: t.rows, vectors: t.vectors, part: part}, &block{rows: t.columns, vectors: t.vectors, part: part}
		w.function(fmt.Sprintf("byRow%dx%d", t.rows, 4*t.vectors),
			"m int, a []float32, aOff, runs []int, runLen, skip int, b []float32, bStep int, c []float32, cOff []int, cols int, add bool",
			"runs", "", doc("byRow", t.rows), byRow.byRow)
		w.function(fmt.Sprintf("byColumn%dx%d", t.columns, 4*t.vectors),
			"m int, a []float32, aStep int, runs []int, runLen int, b []float32, bStep int, c []float32, ldc, cols int, add bool",
			"runs", "", doc("byColumn", t.columns), byColumn.byColumn)
	}
}

// storePart writes the private function that stores, or adds, the first cols elements of v, at most 4 and maybe none.
func (w *file) storePart() *function {
	f := &function{params: []value{i32, v128, i32, i32}, index: len(w.private)}
	w.private = append(w.private, f)
	at, v, cols, adds := local(0).get(), local(1), local(2).get(), local(3).get()
	f.when(notLessInt(cols, integer(4)), func() {
		f.when(adds, func() { f.do(v.set(add(v.get(), load(at, 0)))) }, nil)
		f.do(store(at, 0, v.get()))
	}, func() {
		for i := range 3 {
			f.when(greaterInt(cols, integer(i)), func() {
				f.when(adds, func() { f.do(storeLane(at, 4*i, add(v.get(), loadSame(at, 4*i)), byte(i))) },
					func() { f.do(storeLane(at, 4*i, v.get(), byte(i))) })
			}, nil)
		}
	})
	return f
}

// block is the accumulators of a tile, rows × vectors of 4 columns.
type block struct {
	rows, vectors int
	part          *function
	sums          [][]local
}

func (t *block) clear(f *function) {
	for _, row := range t.sums {
		for _, s := range row {
			f.do(s.set(zero()))
		}
	}
}

func (t *block) allocate(f *function) {
	t.sums = nil
	for range t.rows {
		t.sums = append(t.sums, f.vectors(t.vectors))
	}
}

// multiplyAdd adds the product of a column of a, each element of which is in all lanes, and a row of b.
func (t *block) multiplyAdd(f *function, a func(row int) code, b code, row []local, x local) {
	for j, v := range row {
		f.do(v.set(load(b, 16*j)))
	}
	for i, sums := range t.sums {
		f.do(x.set(a(i)))
		for j, s := range sums {
			f.do(s.set(add(s.get(), mul(x.get(), row[j].get()))))
		}
	}
}

// byRow walks the blocks of rows.
func (t *block) byRow(f *function) {
	t.allocate(f)
	row, x := f.vectors(t.vectors), f.variable(v128)
	m, aOff, cOff := f.param("m"), f.param("aOff"), f.param("cOff")
	step := f.bytes("bStep")
	b, runs, more, count, at := f.variable(i32), f.variable(i32), f.variable(i32), f.variable(i32), f.variable(i32)
	a := make([]local, t.rows)
	for i := range a {
		a[i] = f.variable(i32)
	}
	f.while(greaterInt(m.get(), integer(0)), func() {
		t.clear(f)
		f.do(b.set(f.get("b")), runs.set(f.get("runs")), more.set(f.get("len(runs)")))
		f.while(more.get(), func() {
			f.do(at.set(loadInt(runs.get(), 0)))
			for i, l := range a {
				f.do(l.set(plus(f.get("a"), shifted(plus(loadInt(aOff.get(), 8*i), at.get()), 2))))
			}
			f.do(count.set(f.get("runLen")))
			steps := func(n int) {
				for k := range n {
					t.multiplyAdd(f, func(i int) code { return loadSame(a[i].get(), 4*k) }, b.get(), row, x)
					f.add(b, step.get())
				}
				for _, l := range a {
					f.advance(l, 4*n)
				}
				f.advance(count, -n)
			}
			f.while(notLessInt(count.get(), integer(unrolled)), func() { steps(unrolled) })
			f.while(count.get(), func() { steps(1) })
			f.advance(runs, 8)
			f.advance(more, -1)
		})
		t.store(f, m, func(i int) code { return plus(f.get("c"), shifted(loadInt(cOff.get(), 8*i), 2)) }, at)
		f.advance(aOff, 8*t.rows)
		f.advance(cOff, 8*t.rows)
		f.advance(m, -t.rows)
	})
}

// unrolled is how many steps of the inner dimension follow each other without a jump.
const unrolled = 4

// byColumn walks one block.
func (t *block) byColumn(f *function) {
	t.allocate(f)
	row, x := f.vectors(t.vectors), f.variable(v128)
	b, runs, more := f.param("b"), f.param("runs"), f.param("len(runs)")
	aStep, bStep, ldc := f.bytes("aStep"), f.bytes("bStep"), f.bytes("ldc")
	count, a := f.variable(i32), f.variable(i32)
	step := func() {
		t.multiplyAdd(f, func(i int) code { return loadSame(a.get(), 4*i) }, b.get(), row, x)
		f.add(a, aStep.get())
		f.add(b, bStep.get())
	}
	f.while(more.get(), func() {
		f.do(a.set(plus(f.get("a"), shifted(loadInt(runs.get(), 0), 2))), count.set(f.get("runLen")))
		f.while(notLessInt(count.get(), integer(2)), func() {
			step()
			step()
			f.advance(count, -2)
		})
		f.when(count.get(), step, nil)
		f.advance(runs, 8)
		f.advance(more, -1)
	})
	c := f.let(i32, minus(f.get("c"), ldc.get()))
	t.store(f, f.param("m"), func(int) code { return c.keep(plus(c.get(), ldc.get())) }, a)
}

// store writes, or adds, left rows, if there are so many, and cols columns of the block. address returns that of row i, for
// i in order.
func (t *block) store(f *function, left local, address func(i int) code, at local) {
	for i, sums := range t.sums {
		one := func() {
			f.do(at.set(address(i)))
			f.when(notLessInt(f.get("cols"), integer(4*t.vectors)), func() {
				f.when(f.get("add"), func() {
					for j, s := range sums {
						f.do(s.set(add(s.get(), load(at.get(), 16*j))))
					}
				}, nil)
				for j, s := range sums {
					f.do(store(at.get(), 16*j, s.get()))
				}
			}, func() {
				for j, s := range sums {
					f.do(f.call(t.part, plus(at.get(), integer(16*j)), s.get(), minus(f.get("cols"), integer(4*j)), f.get("add")))
				}
			})
		}
		if i == 0 {
			one()
		} else {
			f.when(greaterInt(left.get(), integer(i)), one, nil)
		}
	}
}
