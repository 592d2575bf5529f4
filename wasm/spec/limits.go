package spec

import "math"

// Limits of a Network. They are far above anything that can be trained, and
// low enough that sizes never overflow and a hostile network is refused before
// any memory is set aside for it.
const (
	MaxNodes      = 5000    // nodes of a network; the deepest published for CIFAR, ResNet-1202, has 4209
	MaxCellNodes  = 500     // nodes of a cell
	MaxCellStates = 16      // states of a cell
	MaxName       = 128     // bytes of the name of a node, cell or state
	MaxDim        = 1 << 16 // height, width or length of an input
	MaxChannels   = 1 << 16 // channels of a feature map, units of a layer
	MaxClasses    = 1 << 20 // width of the logits, ids of a vocabulary
	MaxKernel     = 64      // extent of a kernel, stride or dilation per axis
	MaxElements   = 1 << 27 // numbers in one feature map of one example
	MaxLayers     = 64      // stacked layers of a recurrent node
	MaxParams     = 1e9     // learned numbers of a network
	MaxMACs       = 1e13    // multiply-accumulates of one forward pass of one example
)

// product multiplies numbers that are not negative; a product beyond int64 is
// math.MaxInt64.
func product(factors ...int64) int64 {
	p := int64(1)
	for _, f := range factors {
		if f != 0 && p > math.MaxInt64/f {
			return math.MaxInt64
		}
		p *= f
	}
	return p
}

// sum adds numbers that are not negative; a sum beyond int64 is math.MaxInt64.
func sum(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
