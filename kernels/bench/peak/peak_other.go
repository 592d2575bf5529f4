//go:build !amd64

package peak

// Has reports whether this CPU has vectors of the width.
func Has(Width) bool { return false }

func multiplyAdd256(int) { panic("peak: no such vectors") }
func multiplyAdd512(int) { panic("peak: no such vectors") }
