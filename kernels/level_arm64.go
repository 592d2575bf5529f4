//go:build !purego

package kernels

// raises lists what the level above generic overwrites. Go's arm64 has no machine without vector registers.
func raises() []func(*table) { return []func(*table){raiseNEON} }
