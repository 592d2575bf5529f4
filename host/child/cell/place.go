package cell

// place is where a vector program finds or leaves a vector (N, U) of a time step.
type place struct {
	kind  placeKind
	index int // of the state, slot, or other vector of the kind
}

type placeKind uint8

const (
	atX       placeKind = iota
	atMask              // (N, U), of all steps
	atState             // a state of the step before
	atNext              // a state of this step
	atSlot              // a pre-activation; after the vector program of a stage backward, its gradient
	atKept              // another value that is stored
	atY                 // the caller's output
	atDY                // its gradient
	atDX                // the gradient of x, where elementwise operations read x
	atDNext             // the gradient of a state of this step, from the step after
	atDState            // that of a state of the step before
	atAdjoint           // the gradient of a value, from later stages of the step
)
