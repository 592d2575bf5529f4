// Package sandboxtest makes WebAssembly modules for tests: Build compiles Go
// packages of this repository, and Guest writes small plugins byte by byte,
// well-behaved or as hostile as no compiler would write them.
package sandboxtest
