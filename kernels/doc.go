// Package kernels is float32 arithmetic on slices, dispatched by what the CPU can do.
package kernels
