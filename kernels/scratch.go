package kernels

// Scratch holds the packing buffers of one goroutine.
type Scratch struct{}

// NewScratch allocates the buffers, whose size is fixed.
func NewScratch() *Scratch { return &Scratch{} }
