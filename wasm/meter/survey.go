package meter

import (
	"slices"

	wasm "github.com/espalier-nas/espalier/wasm/binary"
)

// point is a place in a function where fuel is charged.
type point struct {
	at    int // offset in the code
	what  kind
	cost  int64  // of a block: for the instructions, and for the values to move
	index uint32 // of the table that grows
	// above is the point that may pay in place of this one: whoever comes to
	// this one has come by that one since he was last here. -1: none.
	above int
}

type kind byte

const (
	// block: the entry of a function, the head of a loop, or what follows the
	// end of a block.
	block kind = iota
	// ofBytes and ofEntries: before an instruction whose work is the length on
	// top of the stack.
	ofBytes
	ofEntries
	// grownMemory and grownTable: after memory.grow and table.grow.
	grownMemory
	grownTable
)

// together is how many instructions one charge pays for at most, if it may be
// split. Fewer make calls slower, more make them seem to cost more than they
// do: a charge pays for instructions that a branch may skip. With 128, a guest
// written in Go, whose functions are one loop around one switch, takes 1.4
// times the time of one without meter and pays for a quarter of what it would
// pay without splitting, at 1.12 times the time. Other compilers' code hardly
// depends on it.
const together = 128

// valuesPerUnit is how many values an engine may move for one unit. Where ways
// through the code begin or come together, it may have to clear or move every
// local, and every value that a block or a function takes or gives, and the code
// that makes it do so can lie where it is never run. A compiler that moves them
// from one place of its stack to another takes 0.1 ns for each.
const valuesPerUnit = 32

// opened is a block that has begun and not ended.
type opened struct {
	payer  int // the point that pays for what is before it
	values int // that the block takes and gives
}

// survey finds the points of a function of type t, in order, and reports whether
// one of them needs a local.
//
// Structured code makes it simple to say who pays for an instruction. Control
// comes to the rest of a block, after an inner block's end, by that end only,
// and back to a loop by its head only. So each of these places, and the
// function's entry, pays for the instructions from there on, until the next
// such place or the end of the block that it is in. An instruction inside of an
// inner block (though not of an inner loop) is paid for by whoever paid before
// that block.
func (w *writer) survey(b wasm.Body, t wasm.FuncType) (scratch bool) {
	w.points, w.open = w.points[:0], w.open[:0]
	payer := 0 // the point that pays for the present instruction
	begin := func(at, above, values int) {
		payer = len(w.points)
		w.points = append(w.points, point{at: at, above: above, cost: int64((b.Locals() + values) / valuesPerUnit)})
	}
	begin(0, -1, len(t.Results))
	b.Each(func(i wasm.Instruction) {
		w.points[payer].cost++
		last := len(w.open) - 1
		switch i.Op {
		case wasm.OpBlock, wasm.OpIf:
			w.open = append(w.open, opened{payer, w.values(i)})
		case wasm.OpLoop:
			w.open = append(w.open, opened{payer, w.values(i)})
			begin(i.End, -1, w.values(i))
		case wasm.OpElse:
			if last >= 0 { // or the module is not valid
				payer = w.open[last].payer
			}
		case wasm.OpEnd:
			if last >= 0 {
				begin(i.End, w.open[last].payer, w.open[last].values)
				w.open = w.open[:last]
			}
		}
		if p, ok := byLength(i); ok {
			w.points = append(w.points, p)
			scratch = true
		}
	})
	w.join()
	return scratch
}

// values is how many values a block takes and gives, 0 where its type is not
// among those of the module: then it gives one at most.
func (w *writer) values(block wasm.Instruction) int {
	if int(block.Index) >= len(w.types) {
		return 0
	}
	t := w.types[block.Index]
	return len(t.Params) + len(t.Results)
}

// byLength returns the point of an instruction whose work depends on a length.
func byLength(i wasm.Instruction) (point, bool) {
	switch i.Op {
	case wasm.OpMemoryFill, wasm.OpMemoryCopy, wasm.OpMemoryInit:
		return point{at: i.Start, what: ofBytes}, true
	case wasm.OpTableFill, wasm.OpTableCopy, wasm.OpTableInit:
		return point{at: i.Start, what: ofEntries}, true
	case wasm.OpMemoryGrow:
		return point{at: i.End, what: grownMemory}, true
	case wasm.OpTableGrow:
		return point{at: i.End, what: grownTable, index: i.Index}, true
	}
	return point{}, false
}

// join lets the points above pay, where that is not for too many.
func (w *writer) join() {
	for i := len(w.points) - 1; i > 0; i-- {
		p := &w.points[i]
		if p.what != block || p.above < 0 {
			continue
		}
		if above := &w.points[p.above]; above.cost+p.cost <= together {
			above.cost += p.cost
			p.cost = 0
		}
	}
	w.points = slices.DeleteFunc(w.points, func(p point) bool { return p.what == block && p.cost == 0 })
}
