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
	// do works on the items [from, to), which belong to a part.
	do           func(s *kernels.Scratch, part, from, to int)
	items, parts int
	grain        int                 // items that do gets at a time; 0: all of a part
	clears       []*buffer           // are set to 0 for the items, which are examples, just before do gets them
	problem      atomic.Pointer[any] // what a part has panicked with
}

func (p *Program) sweep(do func(s *kernels.Scratch, part, from, to int)) *sweep {
	return &sweep{program: p, do: do}
}

// backward makes a sweep over the examples that adds to gradients. It clears
// those to which it is the first to add, and takes so few examples of so many
// numbers at a time that what has been cleared is still in the cache.
func (p *Program) backward(numbers int, do func(s *kernels.Scratch, part, from, to int)) *sweep {
	w := p.sweep(do)
	w.grain = max(1, cachedNumbers/numbers)
	return w
}

// cachedNumbers take an eighth of a megabyte, a part of the L2 cache.
const cachedNumbers = 1 << 15

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
		w.work(w.program.team.Scratch(), 0, 0, items)
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
	w.work(s, part, part*w.items/w.parts, (part+1)*w.items/w.parts)
}

// work does the items [from, to), which are one of the parts.
func (w *sweep) work(s *kernels.Scratch, part, from, to int) {
	grain := w.grain
	if grain == 0 {
		grain = max(to-from, 1)
	}
	for i := from; i < to; i += grain {
		j := min(i+grain, to)
		for _, b := range w.clears {
			clear(b.of(i, j))
		}
		w.do(s, part, i, j)
	}
}
