//go:build !cgo

package main

import "errors"

// peers reports that there are none in this build.
func peers(comparison) ([]contestant, []string, error) {
	return nil, nil, errors.New("built without cgo, so OpenBLAS and oneDNN cannot be called: install a C compiler, or unset CGO_ENABLED")
}
