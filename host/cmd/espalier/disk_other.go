//go:build !(linux || darwin || freebsd)

package main

// freeDisk is not known on this system.
func freeDisk(string) (int64, bool) { return 0, false }
