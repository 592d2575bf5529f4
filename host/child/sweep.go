package child

import (
	"sync/atomic"

	"github.com/espalier-nas/espalier/kernels"
)

// sweep is a piece of work on items, such as the examples of a batch, that can
// be done in any order and side by side. The results do not depend on how the
// items are dealt out.
type sweep struct {
	program *Program
	// do works on the items [from, to), which are one of the parts.
	do           func(s *kernels.Scratch, part, from, to int)
	items, parts int
	problem      atomic.Pointer[any] // what a part has panicked with
}

func (p *Program) sweep(do func(s *kernels.Scratch, part, from, to int)) *sweep {
	return &sweep{program: p, do: do}
}

// partNumbers is how many numbers are worth another thread: a thread reads and
// writes them in a few microseconds, and is called to work in about one.
const partNumbers = 1 << 14

// run works on items of so many numbers each. It allocates nothing.
func (w *sweep) run(items, numbers int) {
	w.runParts(items, min(items*numbers/partNumbers, partsPerThread*w.program.threads))
}

// partsPerThread is enough parts to make up for threads that are held up.
const partsPerThread = 4

// runParts works on items in so many parts, or in one if there is one thread.
func (w *sweep) runParts(items, parts int) {
	if w.program.threads == 1 {
		parts = 1
	}
	w.items, w.parts = items, min(parts, items)
	if w.parts < 2 {
		w.do(w.program.team.Scratch(), 0, 0, items)
		return
	}
	w.program.team.Run(w, w.parts)
	if problem := w.problem.Swap(nil); problem != nil {
		panic(*problem)
	}
}

// Do implements kernels.Task. What a part panics with is kept for the
// goroutine that runs the sweep.
func (w *sweep) Do(part int, s *kernels.Scratch) {
	defer func() {
		if problem := recover(); problem != nil {
			kept := problem // on the heap only here
			w.problem.Store(&kept)
		}
	}()
	w.do(s, part, part*w.items/w.parts, (part+1)*w.items/w.parts)
}
