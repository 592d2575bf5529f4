package child

// Stepper trains a program one step at a time, for callers that bring their
// own batches and schedule, such as benchmarks. One step is: fill Input, call
// Forward in training, Backward, and Step.
type Stepper struct{ updater *updater }

// NewStepper makes the state of the optimiser o for p, at its beginning.
func NewStepper(p *Program, o Optimizer) *Stepper { return &Stepper{newUpdater(o, p)} }

// Clip scales the gradient of the next step down to the given Euclidean norm if
// it is longer.
func (s *Stepper) Clip(norm float64) { s.updater.clip(norm) }

// Step moves the parameters by their gradients at the given learning rate. It
// allocates nothing.
func (s *Stepper) Step(lr float64) { s.updater.step(lr) }

// Gradients copies the gradients of the learned parameters, which have the
// names and shapes that they have in Weights.
func (p *Program) Gradients() []Tensor {
	var list []Tensor
	for _, q := range p.params {
		if q.grad != nil {
			list = append(list, Tensor{q.name, q.shape, append([]float32(nil), q.grad...)})
		}
	}
	return list
}
