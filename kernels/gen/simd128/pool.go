package simd128

// windows is the loop over the outputs of a run, over their channels four at a time and then one by one, and over the taps.
type windows struct {
	y     []string              // parameters: outputs, channels apart
	begin func(n lanes)         // before the taps; y's parameters are the addresses
	tap   func(n lanes, x code) // at an address
	end   func(n lanes)         // after the taps
}

func (f *function) windows(x string, g windows) {
	step, row, channels := f.bytes("step"), f.bytes("row"), f.bytes("channels")
	outputs, base := f.param("outputs"), f.param(x)
	count, from, line, at, h, v := f.variable(i32), f.variable(i32), f.variable(i32), f.variable(i32), f.variable(i32), f.variable(i32)
	moving := []local{from}
	for _, y := range g.y {
		moving = append(moving, f.param(y))
	}
	f.while(outputs.get(), func() {
		f.do(from.set(base.get()), count.set(f.get("channels")))
		f.stream(count, moving, func(n lanes) {
			if g.begin != nil {
				g.begin(n)
			}
			f.do(line.set(from.get()), h.set(f.get("tapsH")))
			f.while(h.get(), func() {
				f.do(at.set(line.get()), v.set(f.get("tapsW")))
				f.while(v.get(), func() {
					g.tap(n, at.get())
					f.add(at, channels.get())
					f.advance(v, -1)
				})
				f.add(line, row.get())
				f.advance(h, -1)
			})
			if g.end != nil {
				g.end(n)
			}
		})
		f.add(base, step.get())
		f.advance(outputs, -1)
	})
}

// pools writes the functions of pool.go.
func (w *file) pools() {
	const window = ", outputs, channels, step, tapsH, tapsW, row int"
	w.function("maxPool", "y []float32, at []int32, x []float32, first"+window, "", "", "is maxPool", func(f *function) {
		best, index, v, wins := f.variable(v128), f.variable(v128), f.variable(v128), f.variable(v128)
		indexOf := f.indices("x")
		begun := f.variable(i32)
		f.windows("x", windows{
			y:     []string{"y", "at"},
			begin: func(lanes) { f.do(begun.set(integer(0))) },
			tap: func(n lanes, x code) {
				f.do(v.set(n.load(x, 0)))
				f.when(begun.get(), func() {
					f.do(wins.set(or(greater(v.get(), best.get()), unlike(v.get(), v.get()))))
					f.do(best.set(pick(v.get(), best.get(), wins.get())))
					f.do(index.set(pick(indexOf(x), index.get(), wins.get())))
				}, func() { f.do(best.set(v.get()), index.set(indexOf(x)), begun.set(integer(1))) })
			},
			end: func(n lanes) {
				f.do(n.store(f.get("y"), 0, best.get()), n.store(f.get("at"), 0, index.get()))
			},
		})
	})
	w.function("maxPoolBackward", "dx, dy []float32, at []int32, first"+window, "", "", "is maxPoolBackward", func(f *function) {
		d, index, old := f.variable(v128), f.variable(v128), f.variable(v128)
		indexOf := f.indices("dx")
		f.windows("dx", windows{
			y:     []string{"dy", "at"},
			begin: func(n lanes) { f.do(d.set(n.load(f.get("dy"), 0)), index.set(n.load(f.get("at"), 0))) },
			tap: func(n lanes, x code) {
				f.do(old.set(n.load(x, 0)))
				f.do(n.store(x, 0, pick(add(old.get(), d.get()), old.get(), alikeInt(index.get(), indexOf(x)))))
			},
		})
	})
	w.function("avgPool", "y, x []float32, alpha float32"+window, "", "", "is avgPool", func(f *function) {
		sum := f.variable(v128)
		f.windows("x", windows{
			y:     []string{"y"},
			begin: func(lanes) { f.do(sum.set(zero())) },
			tap:   func(n lanes, x code) { f.do(sum.set(add(sum.get(), n.load(x, 0)))) },
			end:   func(n lanes) { f.do(n.store(f.get("y"), 0, mul(sum.get(), same(f.get("alpha"))))) },
		})
	})
	w.function("avgPoolBackward", "dx, dy []float32, alpha float32"+window, "", "", "is avgPoolBackward", func(f *function) {
		d := f.variable(v128)
		f.windows("dx", windows{
			y:     []string{"dy"},
			begin: func(n lanes) { f.do(d.set(mul(same(f.get("alpha")), n.load(f.get("dy"), 0)))) },
			tap:   func(n lanes, x code) { f.do(n.store(x, 0, add(n.load(x, 0), d.get()))) },
		})
	})
}

// indices returns what the indices of the elements at an address are, of which the parameter's first has the index first.
func (f *function) indices(param string) func(at code) code {
	start := f.let(i32, f.get(param))
	return func(at code) code {
		return addInt(sameInt(plus(f.get("first"), plain(0x75, minus(at, start.get()), integer(2)))), ramp())
	}
}
