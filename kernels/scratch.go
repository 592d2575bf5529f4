package kernels

// The sizes below decide in which order products are summed, so they are the same on every machine.
const (
	maxDepth  = 512     // of one block's inner dimension: a panel of b then fits the L1 cache
	bandLen   = 1 << 16 // elements of a packed piece of a map, or of packed rows of a: 256 KiB, a part of L2
	panelLen  = 1 << 16 // elements of packed panels of b
	offsetLen = 2048    // positions, or rows, of one block
	maxTile   = 16      // no tile has more rows
)

// Scratch holds the packing buffers of one goroutine, about half a megabyte. Two calls must not use one
// Scratch at a time.
type Scratch struct {
	band   []float32
	panels []float32
	aOff   []int
	cOff   []int
	runs   []int
}

// NewScratch allocates the buffers, whose size is fixed.
func NewScratch() *Scratch {
	return &Scratch{
		band:   make([]float32, bandLen+maxTile),
		panels: make([]float32, panelLen),
		aOff:   make([]int, offsetLen+maxTile),
		cOff:   make([]int, offsetLen+maxTile),
		runs:   make([]int, offsetLen),
	}
}
