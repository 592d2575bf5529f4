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
	maxTypes      = 10_000
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
