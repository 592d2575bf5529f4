package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// pools writes the kernels of pool.go.
func pools(w *writer) {
	const run = "outputs, channels, step, tapsH, tapsW, row int)"
	w.function("maxPool"+w.set.name, "func(y []float32, at []int32, x []float32, first, "+run, "maxPool"+w.set.name+" is maxPool.")
	var best, bound, where reg.VecVirtual
	w.windows(windows{
		in: "x", outs: []string{"y", "at"}, indexed: true,
		begin: func(n lanes, index reg.VecVirtual, _ []Mem) {
			best, bound, where = w.constant(n, "minusInfinity", math.Inf(-1)), w.constant(n, "minusInfinity", math.Inf(-1)), w.vec(n)
			w.VMOVAPS(index, where)
		},
		tap: func(n lanes, index reg.VecVirtual, in Mem) {
			x := w.load(n, in)
			// The bound is best, or Inf where that is NaN, so that a single comparison, not (x <= bound), will do.
			mask, number := w.compare(n, notLessEqual, bound, x), w.vec(n)
			w.VMINPS(w.float(n, "infinity", math.Inf(1)), x, number)
			w.blend(mask, number, bound)
			w.blend(mask, x, best)
			w.blend(mask, index, where)
		},
		end: func(n lanes, outs []Mem) {
			w.save(n, best, outs[0])
			w.save(n, where, outs[1])
		},
	})

	w.function("maxPoolBackward"+w.set.name, "func(dx, dy []float32, at []int32, first, "+run, "maxPoolBackward"+w.set.name+" is maxPoolBackward.")
	var d reg.VecVirtual
	w.windows(windows{
		in: "dx", outs: []string{"dy", "at"}, indexed: true,
		begin: func(n lanes, _ reg.VecVirtual, outs []Mem) { d, where = w.load(n, outs[0]), w.load(n, outs[1]) },
		tap: func(n lanes, index reg.VecVirtual, in Mem) {
			dx := w.load(n, in)
			w.addWhere(n, index, where, d, dx)
			w.save(n, dx, in)
		},
	})

	w.function("avgPool"+w.set.name, "func(y, x []float32, alpha float32, "+run, "avgPool"+w.set.name+" is avgPool.")
	var sum reg.VecVirtual
	alpha := w.same(w.full(), "alpha")
	w.windows(windows{
		in: "x", outs: []string{"y"},
		begin: func(n lanes, _ reg.VecVirtual, _ []Mem) { sum = w.zero(n) },
		tap:   func(n lanes, _ reg.VecVirtual, in Mem) { w.VADDPS(w.load(n, in), sum, sum) },
		end: func(n lanes, outs []Mem) {
			w.VMULPS(narrow(n, alpha), sum, sum)
			w.save(n, sum, outs[0])
		},
	})

	w.function("avgPoolBackward"+w.set.name, "func(dx, dy []float32, alpha float32, "+run, "avgPoolBackward"+w.set.name+" is avgPoolBackward.")
	alpha = w.same(w.full(), "alpha")
	w.windows(windows{
		in: "dx", outs: []string{"dy"},
		begin: func(n lanes, _ reg.VecVirtual, outs []Mem) {
			d = w.load(n, outs[0])
			w.VMULPS(narrow(n, alpha), d, d)
		},
		tap: func(n lanes, _ reg.VecVirtual, in Mem) {
			dx := w.load(n, in)
			w.VADDPS(d, dx, dx)
			w.save(n, dx, in)
		},
	})
}

// addWhere adds d to to where the integers a and b are equal.
func (w *writer) addWhere(n lanes, a, b, d, to reg.VecVirtual) {
	if w.set == avx512 {
		equal := w.K()
		w.VPCMPEQD(a, b, equal)
		w.VADDPS(d, to, equal, to)
		return
	}
	equal := w.vec(n)
	w.VPCMPEQD(a, b, equal)
	w.VANDPS(d, equal, equal)
	w.VADDPS(equal, to, to)
}

// windows is the loop over a run of outputs, over their channels, a vector at a time, and over the taps of an output.
// Every function of it gets, if it is indexed, the indices of the tap's elements, where first is that of in[0].
type windows struct {
	in      string                                          // parameter: the map that the taps are in
	outs    []string                                        // parameters: the maps that the outputs are in
	indexed bool                                            // there is a parameter first
	begin   func(n lanes, index reg.VecVirtual, outs []Mem) // before the taps
	tap     func(n lanes, index reg.VecVirtual, in Mem)
	end     func(n lanes, outs []Mem) // after the taps
}

func (w *writer) windows(l windows) {
	var i indices
	if l.indexed {
		i = w.indices()
	}
	at, left, outputs := w.GP64(), w.GP64(), w.long("outputs")
	outs := make([]Mem, len(l.outs))
	for k, o := range l.outs {
		outs[k] = Mem{Base: w.base(o), Index: at, Scale: 4}
	}
	window, first, in := w.base(l.in), w.GP64(), w.GP64()
	pixel, row, step := w.long("channels"), w.long("row"), w.long("step")
	down, right := w.GP64(), w.GP64()
	w.Comment("row -= tapsW*channels")
	w.loadLong("tapsW", right)
	w.IMULQ(pixel, right)
	w.SUBQ(right, row)
	for _, r := range []reg.GPVirtual{pixel, row, step} {
		w.SHLQ(U8(2), r)
	}
	w.XORQ(at, at)

	output := w.label("output")
	w.Label(output)
	w.Comment("for range outputs {")
	w.MOVQ(window, first)
	w.loadLong("channels", left)
	i.copy(w.full(), i.channel, i.output)
	for _, n := range w.set.steps {
		channels, done, rows, taps := w.label("channels"), w.label("done"), w.label("rows"), w.label("taps")
		w.Label(channels)
		w.SUBQ(U8(n), left)
		w.JL(LabelRef(done))
		w.MOVQ(first, in)
		i.copy(n, i.tap, i.channel)
		l.begin(n, i.of(n), outs)
		w.loadLong("tapsH", down)
		w.Label(rows)
		w.loadLong("tapsW", right)
		w.Label(taps)
		l.tap(n, i.of(n), Mem{Base: in})
		w.ADDQ(pixel, in)
		i.add(n, i.perTap, i.tap)
		w.DECQ(right)
		w.JNZ(LabelRef(taps))
		w.ADDQ(row, in)
		i.add(n, i.perRow, i.tap)
		w.DECQ(down)
		w.JNZ(LabelRef(rows))
		if l.end != nil {
			l.end(n, outs)
		}
		w.ADDQ(U8(4*n), first)
		w.ADDQ(U8(n), at)
		if l.indexed {
			i.add(n, w.resident(n, fmt.Sprintf("step%d", n), uint64(n), 4), i.channel)
		}
		w.JMP(LabelRef(channels))
		w.Label(done)
		w.ADDQ(U8(n), left)
	}
	w.ADDQ(step, window)
	i.add(w.full(), i.perOutput, i.output)
	w.DECQ(outputs)
	w.JNZ(LabelRef(output))
	w.done()
}

// indices are, in each lane, the index of the element that windows works on.
type indices struct {
	w                         *writer
	output, channel, tap      reg.VecVirtual // of an output's first tap and channels, of a vector of channels there, of a tap
	perTap, perRow, perOutput reg.VecVirtual // how far one is from the next
}

func (w *writer) indices() indices {
	n := w.full()
	ints := func(v reg.GPVirtual) reg.VecVirtual {
		x, all := w.XMM(), w.vec(n)
		w.VMOVD(v.As32(), x)
		w.VPBROADCASTD(x, all)
		return all
	}
	i := indices{w: w, output: ints(w.long("first")), channel: w.vec(n), tap: w.vec(n)}
	w.Comment("output = first, first+1, …")
	w.VPADDD(w.series(), i.output, i.output)
	i.perOutput = ints(w.long("step"))
	channels, row, taps := w.long("channels"), w.long("row"), w.long("tapsW")
	i.perTap = ints(channels)
	w.IMULQ(channels, taps)
	w.SUBQ(taps, row)
	i.perRow = ints(row)
	return i
}

// of returns the indices of a tap, if there are any.
func (i *indices) of(n lanes) reg.VecVirtual {
	if i.w == nil {
		return nil
	}
	return narrow(n, i.tap)
}

func (i *indices) copy(n lanes, to, from reg.VecVirtual) {
	if i.w != nil {
		i.w.VMOVAPS(narrow(n, from), narrow(n, to))
	}
}

func (i *indices) add(n lanes, v Op, to reg.VecVirtual) {
	if i.w == nil {
		return
	}
	if r, ok := v.(reg.VecVirtual); ok {
		v = narrow(n, r)
	}
	i.w.VPADDD(v, narrow(n, to), narrow(n, to))
}

// series returns the address of 0, 1, … 15.
func (w *writer) series() Mem {
	if m, ok := w.consts["series"]; ok {
		return m
	}
	m := w.StaticGlobal("series")
	w.DataAttributes(constant)
	for i := range 16 {
		w.AddDatum(4*i, U32(i))
	}
	w.consts["series"] = m
	return m
}
