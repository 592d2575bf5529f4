package kernels

// The sizes below decide in which order products are summed, so they are the same on every machine.
const (
	maxDepth  = 512     // of one block's inner dimension: a panel of b then fits the L1 cache
	bandLen   = 1 << 16 // elements of a packed piece of a map: 256 KiB, a part of L2
	rowsLen   = 1 << 18 // elements of packed rows of a
	panelLen  = 1 << 18 // elements of packed panels of b: 1 MiB
	offsetLen = 2048    // positions, or rows, of one block
	maxTile   = 16      // no tile has more rows
	maxWidth  = 48      // nor more columns
)

// Scratch holds the buffers of one goroutine, about five megabytes. Two calls must not use one
// Scratch at a time.
type Scratch struct {
	band   []float32
	panels []float32
	aOff   []int
	cOff   []int
	runs   []int

	// Of Winograd: values at points, their products, and what is between points and places; then lines of a row of
	// tiles, and those at the edge of a map.
	points, sums, places []float32
	lines, edge          []float32
	whole                [1]Part // a map of one part
}

// NewScratch allocates the buffers, whose size is fixed.
func NewScratch() *Scratch {
	return &Scratch{
		band:   make([]float32, rowsLen+maxTile),
		panels: make([]float32, panelLen),
		aOff:   make([]int, offsetLen+maxTile),
		cOff:   make([]int, offsetLen+maxTile),
		runs:   make([]int, offsetLen),

		points: make([]float32, blockLen+maxWidth),
		sums:   make([]float32, blockLen+maxWidth),
		places: make([]float32, blockLen+maxWidth),
		lines:  make([]float32, lineLen),
		edge:   make([]float32, lineLen),
	}
}
