// Package peak measures how many single-precision fused multiply-adds a CPU does when nothing holds it up: no
// memory, no dependences, no loop worth speaking of. No matrix product of the same vector width can be faster.
package peak

import "sync"

// A Width is the length of vector registers, in bits.
type Width int

// The widths that can be measured.
const (
	Width256 Width = 256 // AVX2 with FMA
	Width512 Width = 512 // AVX-512 F
)

// turn is how many times a turn of Run goes around its loop: about a third of a millisecond.
const turn = 100_000

// accumulators is the number of independent sums. A CPU that begins two operations a cycle and takes five cycles
// for each needs ten.
const accumulators = 12

// FLOP returns the floating-point operations of a turn of Run, a multiply-add being two.
func FLOP(w Width, threads int) float64 {
	return 2 * float64(w) / 32 * accumulators * turn * float64(threads)
}

// Run does so many turns on so many threads at a time, and returns when all are done. The CPU must have the width.
func Run(w Width, threads, turns int) {
	loop := multiplyAdd256
	if w == Width512 {
		loop = multiplyAdd512
	}
	var all sync.WaitGroup
	for range threads - 1 {
		all.Go(func() { loop(turns * turn) })
	}
	loop(turns * turn)
	all.Wait()
}
