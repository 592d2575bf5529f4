package kernels

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
)

// A Level names a set of kernels, by the instructions they need.
type Level string

// Generic is the portable Go reference: the same bits on every architecture.
const Generic Level = "generic"

// AVX2 needs the x86-64 extensions AVX2 and FMA.
const AVX2 Level = "avx2"

// AVX512 needs the x86-64 extensions AVX-512 F, DQ, BW and VL, and BMI2, beside those of AVX2.
const AVX512 Level = "avx512"

// NEON is for 64-bit Arm, whose machines all have these instructions.
const NEON Level = "neon"

// SIMD128 is for WebAssembly with 128-bit vectors, in programs that are built with the tag simd128 and started by
// simd128/instantiate.js. It gives the bits of Generic.
const SIMD128 Level = "simd128"

// EnvLevel is the environment variable that forces a level at start.
const EnvLevel = "ESPALIER_KERNELS"

var (
	tables    = machineTables()
	active    atomic.Pointer[table]
	initError error
)

func init() {
	active.Store(tables[len(tables)-1])
	if l := os.Getenv(EnvLevel); l != "" {
		if _, err := Use(Level(l)); err != nil {
			initError = fmt.Errorf("%s: %w", EnvLevel, err)
		}
	}
}

// machineTables builds one table per level this machine has, weakest first.
// Each starts as a copy of the level below it and overwrites what it does faster.
func machineTables() []*table {
	t := genericTable()
	all := []*table{&t}
	for _, raise := range raises() {
		next := *all[len(all)-1]
		raise(&next)
		all = append(all, &next)
	}
	return all
}

// Levels returns the levels this machine has, weakest first.
func Levels() []Level {
	out := make([]Level, len(tables))
	for i, t := range tables {
		out[i] = t.level
	}
	return out
}

// Active returns the level in use.
func Active() Level { return active.Load().level }

// InitError reports why ESPALIER_KERNELS could not be honoured; the best level is in use then.
// Programs show it and stop, since results depend on the level.
func InitError() error { return initError }

// Use makes l the level of every later call, in all goroutines, and returns a function that puts
// the previous level back. Calls under way finish at the level they began with.
func Use(l Level) (restore func(), err error) {
	for _, t := range tables {
		if t.level == l {
			before := active.Swap(t)
			return func() { active.Store(before) }, nil
		}
	}
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = string(t.level)
	}
	return nil, fmt.Errorf("kernels: level %q is unknown or this machine lacks it; it has %s", l, strings.Join(names, ", "))
}
