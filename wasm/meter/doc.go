// Package meter rewrites WebAssembly modules so that whatever they do ends.
//
//	metered, err := meter.File(wasm, budget)
//
// A metered module counts the instructions that it is about to run and stops,
// with a trap, when its host's budget for them is spent. Nothing else about it
// changes: it computes, writes and traps as before.
//
// # Fuel
//
// The count is called fuel. It lives in a global variable, from which the entry
// of every function, the head of every loop and the start of every longer
// stretch of code between them subtract the number of instructions that follow.
// What is spent is never less than the number of instructions run, and no two
// engines, nor a compiler and an interpreter, count differently: a budget ends
// a call at the same instruction everywhere. Recursion without a loop ends too.
//
// Instructions whose work depends on a length pay for that as well:
// memory.fill, memory.copy and memory.init one unit for each eight bytes,
// table.fill, table.copy and table.init one for each entry, and memory.grow and
// table.grow, if they succeed, one for each eight new bytes or each new entry.
// (An engine that copies a memory each time that it grows does more work than
// that; a host should let memories grow by doubling.) And where an engine may have
// to clear or move every local, at the entry of a function, the head of a loop and
// the end of a block, each 32 locals cost a unit, and so do each 32 values that
// the block or function takes or gives. What an imported function does is its
// host's to charge.
//
// # Slices
//
// Compiled WebAssembly cannot be interrupted: a Go program's garbage collector,
// for one, waits for it. A module therefore takes its fuel out of a reserve in
// slices, by a function of its own, Refuel. A host that can observe calls (in
// wazero, by a function listener) gets control there, every few dozen
// microseconds, and may set the variable Stop to end the module for reasons of
// its own, such as a clock. Nothing is imported for this, so a metered module
// runs wherever the plain one does.
//
// # What it costs
//
// Compiled by wazero 1.12 for an x86-64 of 2025, calls take 1.1 to 1.4 times as
// long as without meter: guests written in AssemblyScript 1.2, in C 1.3 and in Go
// 1.4 times ("espalier plugin bench" measures any). The code becomes a fifth
// larger, and takes 1.3 to 1.5 times as long to compile.
//
// # What is kept
//
// What is added comes last: one function, one type at most, three globals and
// their exports. So all indices stay as they were, and so do the custom section
// of names and every other section but those of types, functions, globals,
// exports and code. Sections with debugging information (.debug_…) are kept as
// well, but the offsets in the code that they tell of are those of the plain
// module.
//
// # Why?
//
// Why a global variable, and not a parameter or a local? Compilers keep it in
// the cache's first level, and a host can set it between calls.
//
// Why not call a host function at each charge, as other meters do? It would
// cost 20 to 100 ns instead of one.
//
// Why count instructions, and not time or cycles? Only instructions are the
// same everywhere. Some take longer: a division 20 cycles, a read that misses
// every cache 100 ns. See package sandbox for what that means for a budget.
//
// Why read the module with package binary's limits? They bound the work of
// this package, and of an engine that compiles its result, too.
package meter
