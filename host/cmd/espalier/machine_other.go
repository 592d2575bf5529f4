//go:build !linux

package main

// availableMemory is known on Linux only.
func availableMemory() (int64, bool) { return 0, false }

// totalMemory is known on Linux only.
func totalMemory() (int64, bool) { return 0, false }

// processorName is known on Linux only.
func processorName() string { return "unknown processor" }
