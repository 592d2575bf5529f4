package child

import "github.com/espalier-nas/espalier/kernels"

// average is the mean of a program's parameters after each of several steps
// (Polyak & Juditsky 1992). A nil one holds none, and does nothing.
type average struct {
	program *Program
	mean    []float32
	steps   int

	include, swap *sweep // parameters
}

func newAverage(p *Program) *average {
	a := &average{program: p, mean: make([]float32, len(p.Learned()))}
	a.include, a.swap = p.sweep(a.includePart), p.sweep(a.swapPart)
	return a
}

// add includes the parameters as they are.
func (a *average) add() {
	if a != nil {
		a.steps++
		a.include.run(len(a.mean), 2)
	}
}

// exchange exchanges the parameters with the mean, if there is one: once to use
// it, and once more to go on.
func (a *average) exchange() {
	if a != nil && a.steps > 0 {
		a.swap.run(len(a.mean), 2)
	}
}

func (a *average) includePart(_ *kernels.Scratch, _, from, to int) {
	share := 1 / float32(a.steps)
	kernels.Scale(a.mean[from:to], 1-share)
	kernels.AddScaled(a.mean[from:to], share, a.program.Learned()[from:])
}

func (a *average) swapPart(_ *kernels.Scratch, _, from, to int) {
	w := a.program.Learned()[from:to]
	for i, v := range a.mean[from:to] {
		a.mean[from+i], w[i] = w[i], v
	}
}
