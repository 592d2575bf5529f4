// Package binary reads core WebAssembly modules without running them.
//
// Parse walks every byte that a compiler would later trust: section sizes,
// vector counts, names, local declarations and each instruction's immediates.
// An engine may allocate as much as a module merely claims to contain (a
// five-byte import section can claim four billion imports), so nothing reaches
// an engine before Parse has compared the claim with the bytes behind it and
// with the limits below. Types are left to the engine's validator.
//
// The format is that of the WebAssembly core specification 2.0, chapter 5.
// Later proposals (threads, exceptions, tail calls, garbage collection, more
// than one memory, 64-bit memories, components) are refused by name.
package binary

// Limits on what a module may declare. Where the WebAssembly JavaScript
// interface (section "Implementation-defined Limits") has a larger number, the
// smaller one here is still far above what compilers emit for a plugin, and
// keeps the memory that an engine spends on a file in proportion to its size.
const (
	maxTypes      = 2_000 // engines compile code for each
	maxParams     = 1_000 // of one function type; also of results
	maxImports    = 1_000
	maxFunctions  = 200_000
	maxTables     = 100
	maxTableSlots = 1_000_000 // all tables together
	maxGlobals    = 10_000
	maxExports    = 10_000
	maxSegments   = 100_000 // data segments; also element segments
	maxLocals     = 50_000  // of one function
	maxAllLocals  = 4_000_000
	maxDepth      = 5_000 // nested blocks of one function
	maxLoops      = 250   // nested loops of one function
	maxBody       = 7_654_321
	maxCustoms    = 1_000
)

// Limits on what makes compilers take time and memory out of proportion to the
// size of a module: the toil of one function (see toilOf), and of all together
// the sum of toil × (toil + toilPerLocal × locals), which their time follows.
// Measured with wazero 1.12 on one core of an x86-64 of 2025, with the code that
// package meter adds: the worst functions at the first limit take 1.4 s and 0.4
// GB to compile, and modules at the second 20 s, beside up to 2 s for each
// megabyte of code. In a Go program of 7 MB with most of the standard library the
// largest function is at two fifths of the first limit, and the program at a
// third of the second.
const (
	maxToil      = 1 << 16
	maxAllToil   = 50_000_000_000
	toilPerLocal = 400
)

// Limits on the values that calls and blocks take and give and that branches
// carry, where they are more than compilers emit: of each instruction, those
// beyond a few. A compiler takes 1 to 3 µs and 0.4 KB for each, so that those of
// all functions together, at most, take 20 s and those of one, which are part of
// its toil, as long as the rest of it.
const (
	fewValues    = 16
	movesPerToil = 8
	maxMoves     = 8_000_000
)
