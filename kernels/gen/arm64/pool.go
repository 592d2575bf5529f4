package arm64

import (
	"fmt"
	"math"
)

// pools writes the kernels of pool.go.
func pools(w *file) {
	const run = "outputs, channels, step, tapsH, tapsW, row int)"
	w.function("maxPool", "func(y []float32, at []int32, x []float32, first, "+run, "maxPoolNEON is maxPool.", (*function).maxPool)
	w.function("maxPoolBackward", "func(dx, dy []float32, at []int32, first, "+run, "maxPoolBackwardNEON is maxPoolBackward.", (*function).maxPoolBackward)
	w.function("avgPool", "func(y, x []float32, alpha float32, "+run, "avgPoolNEON is avgPool.", (*function).avgPool)
	w.function("avgPoolBackward", "func(dx, dy []float32, alpha float32, "+run, "avgPoolBackwardNEON is avgPoolBackward.", (*function).avgPoolBackward)
}

func (f *function) maxPool() {
	var best, where vector
	f.windows(windows{
		in: "x", outs: []string{"y", "at"}, indexed: true,
		begin: func(n lanes, index vector, _ []general) {
			best, where = f.copies(f.float("-Inf", math.Inf(-1)), n.registers()), f.copies(index, n.registers())
		},
		tap: func(n lanes, index vector, in general) {
			x := f.load(n, in, 0)
			larger, number := f.like(x), f.like(x)
			f.comment("if x > best || x != x { best, at = x, index }")
			f.do("FCMGT", larger, x, best)
			f.do("FCMEQ", number, x, x)
			f.do("VBIT", best, x, larger)
			f.do("VBIT", where, index, larger)
			f.do("VBIF", best, x, number)
			f.do("VBIF", where, index, number)
		},
		end: func(n lanes, outs []general) {
			f.save(best, n, outs[0], 0)
			f.save(where, n, outs[1], 0)
		},
	})
}

func (f *function) maxPoolBackward() {
	var d, where vector
	f.windows(windows{
		in: "dx", outs: []string{"dy", "at"}, indexed: true,
		begin: func(n lanes, _ vector, outs []general) { d, where = f.load(n, outs[0], 0), f.load(n, outs[1], 0) },
		tap: func(n lanes, index vector, in general) {
			dx := f.load(n, in, 0)
			passes := f.like(dx)
			f.comment("if at == index { dx += dy }")
			f.do("VCMEQ", passes, where, index)
			f.do("VAND", passes, passes, d)
			f.do("FADD", dx, dx, passes)
			f.save(dx, n, in, 0)
		},
	})
}

func (f *function) avgPool() {
	var sum vector
	alpha := f.same("alpha")
	f.windows(windows{
		in: "x", outs: []string{"y"},
		begin: func(n lanes, _ vector, _ []general) { sum = f.zero(n.registers()) },
		tap:   func(n lanes, _ vector, in general) { f.do("FADD", sum, sum, f.load(n, in, 0)) },
		end: func(n lanes, outs []general) {
			f.do("FMUL", sum, sum, alpha)
			f.save(sum, n, outs[0], 0)
		},
	})
}

func (f *function) avgPoolBackward() {
	var d vector
	alpha := f.same("alpha")
	f.windows(windows{
		in: "dx", outs: []string{"dy"},
		begin: func(n lanes, _ vector, outs []general) {
			d = f.load(n, outs[0], 0)
			f.do("FMUL", d, d, alpha)
		},
		tap: func(n lanes, _ vector, in general) {
			dx := f.load(n, in, 0)
			f.do("FADD", dx, dx, d)
			f.save(dx, n, in, 0)
		},
	})
}

// windows is the loop over a run of outputs, over their channels, 8 at a time, then 4, then 1, and over the taps of an
// output. If it is indexed, its functions get the indices of the tap's elements, where first is that of in[0].
type windows struct {
	in      string                                      // parameter: the map that the taps are in
	outs    []string                                    // parameters: the maps that the outputs are in
	indexed bool                                        // there is a parameter first
	begin   func(n lanes, index vector, outs []general) // before the taps
	tap     func(n lanes, index vector, in general)     // for each tap
	end     func(n lanes, outs []general)               // after the taps
}

func (f *function) windows(l windows) {
	window, first, in := f.base(l.in), f.general("&"+l.in+"[channel]"), f.general("&"+l.in+"[tap]")
	outputs, left, down, right := f.integer("outputs"), f.general("channels left"), f.general("rows left"), f.general("taps left")
	pixel, row, step := f.integer("channels"), f.integer("row"), f.integer("step")
	f.comment("row -= tapsW*channels")
	f.loadInteger("tapsW", right)
	f.op("MUL %v, %v, %v", pixel, right, right)
	f.op("SUB %v, %v, %v", right, row, row)
	i := &indices{function: f}
	if l.indexed {
		i.begin(pixel, row, step)
	}
	for _, r := range []general{pixel, row, step} {
		f.op("LSL $2, %v, %v", r, r)
	}
	outs := make([]general, len(l.outs))
	for k, o := range l.outs {
		outs[k] = f.base(o)
	}

	output := f.label("output")
	f.mark(output)
	f.comment("for range outputs {")
	f.op("MOVD %v, %v", window, first)
	f.loadInteger("channels", left)
	i.copy(i.channel, i.output)
	for _, n := range []lanes{8, 4, 1} {
		channels, done, rows, taps := f.label("channels"), f.label("done"), f.label("rows"), f.label("taps")
		f.mark(channels)
		f.op("SUBS $%d, %v, %v", n, left, left)
		f.op("BLT %s", done)
		f.op("MOVD %v, %v", first, in)
		i.copy(i.tap, i.channel)
		f.scope(func() {
			l.begin(n, i.of(n), outs)
			f.loadInteger("tapsH", down)
			f.mark(rows)
			f.loadInteger("tapsW", right)
			f.mark(taps)
			f.scope(func() { l.tap(n, i.of(n), in) })
			f.op("ADD %v, %v, %v", pixel, in, in)
			i.add(i.tap, i.perTap)
			f.op("SUBS $1, %v, %v", right, right)
			f.op("BNE %s", taps)
			f.op("ADD %v, %v, %v", row, in, in)
			i.add(i.tap, i.perRow)
			f.op("SUBS $1, %v, %v", down, down)
			f.op("BNE %s", rows)
			if l.end != nil {
				l.end(n, outs)
			}
		})
		for _, r := range append(outs, first) {
			f.op("ADD $%d, %v, %v", 4*n, r, r)
		}
		if l.indexed {
			i.add(i.channel, f.bits(fmt.Sprintf("%d", n), uint64(n), "S4"))
		}
		f.op("B %s", channels)
		f.mark(done)
		f.op("ADD $%d, %v, %v", n, left, left)
	}
	f.op("ADD %v, %v, %v", step, window, window)
	i.add(i.output, i.perOutput)
	f.op("SUBS $1, %v, %v", outputs, outputs)
	f.op("BNE %s", output)
}

// indices are, in each lane, the index of the element that windows works on; without begin, there are none.
type indices struct {
	*function
	output, channel, tap      vector // of an output's first tap and channels, of a vector of channels there, of a tap
	perTap, perRow, perOutput vector // how far one is from the next
}

// begin sets the indices of the first 8 channels and how far it is to the next, in elements.
func (i *indices) begin(pixel, row, step general) {
	i.output, i.channel, i.tap = i.vector(2), i.vector(2), i.vector(2)
	i.comment("output = first, first+1, …")
	i.scope(func() {
		first := i.integer("first")
		for lane := range 8 {
			i.op("VMOV %v, V%d.S[%d]", first, i.output[lane/4], lane%4)
			i.op("ADD $1, %v, %v", first, first)
		}
	})
	same := func(r general) vector {
		v := i.vector(1)
		i.op("VDUP %v, V%d.S4", r, v[0])
		return v
	}
	i.perTap, i.perRow, i.perOutput = same(pixel), same(row), same(step)
}

// of returns the indices of n elements of a tap.
func (i *indices) of(n lanes) vector { return i.tap[:min(len(i.tap), n.registers())] }

func (i *indices) copy(to, from vector) { i.function.copy(to, from) }

func (i *indices) add(to, by vector) { i.do("VADD", to, to, by) }
