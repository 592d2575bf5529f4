// Package house holds no code, only the tests that keep the project's shape:
// which floor may import which, where each dependency is wrapped, what stands
// at the top level, and that nothing of one machine slips into a file.
package house
