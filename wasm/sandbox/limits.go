package sandbox

import (
	"errors"
	"fmt"
	"time"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Limits bound what a plugin may use. ParseLimits knows them by shorter names.
type Limits struct {
	// FileBytes is the largest module file. Default 16 MiB.
	FileBytes int
	// MemoryBytes is the largest linear memory of one instance, a multiple of
	// 64 KiB, at most 4 GiB. Default 64 MiB; guests written in Go need 16 MiB.
	MemoryBytes int64

	// Fuel bounds the work of a guest, by operation.
	Fuel Fuel
	// Time bounds every call by the wall clock as well, a backstop against
	// what fuel cannot see: a guest that misses every cache, or a machine that
	// is far too busy. Fuel is meant to end a call long before. Default 10 s.
	Time time.Duration
	// Compile bounds compiling a module that is not in the cache; the compiler
	// itself cannot be interrupted and ends on its own. Default 60 s.
	Compile time.Duration

	// InputBytes is the largest request. Default 1 MiB.
	InputBytes int
	// AnswerBytes is the largest answer. Default 1 MiB.
	AnswerBytes int
	// StderrBytes is how much of the end of a guest's output is kept for
	// error messages. Default 64 KiB.
	StderrBytes int
	// LogLines is how many lines a guest may log during one call; more are
	// dropped. Default 1000.
	LogLines int

	// Steps is the largest max_steps that a space may declare. Default 10,000.
	Steps int
	// Transitions is how many decisions a Space remembers. Default 65,536.
	Transitions int
}

// Fuel is what each operation of a guest may spend, in units of package meter:
// instructions, roughly. The bundled plugins, which are written in Go, spend 3
// million on preparing an instance, 1 to 7 million on a decision or reward and
// 2 to 20 million on a network with their usual params, and up to a tenth of the
// defaults with the largest. Doc.go says how long such a budget can last.
type Fuel struct {
	// Init bounds preparing an instance: its start function, _initialize,
	// esp_abi and a first describe. Default 1 billion.
	Init int64
	// Describe bounds one description. Default 1 billion.
	Describe int64
	// Next bounds one decision. Default 1 billion.
	Next int64
	// Build bounds building one network. Default 4 billion.
	Build int64
	// Reward bounds one reward. Default 1 billion.
	Reward int64
}

const pageBytes = 64 << 10

// DefaultLimits are the limits named in the fields' comments.
func DefaultLimits() Limits {
	return Limits{
		FileBytes:   16 << 20,
		MemoryBytes: 64 << 20,
		Fuel:        Fuel{Init: 1e9, Describe: 1e9, Next: 1e9, Build: 4e9, Reward: 1e9},
		Time:        10 * time.Second,
		Compile:     time.Minute,
		InputBytes:  1 << 20,
		AnswerBytes: 1 << 20,
		StderrBytes: 64 << 10,
		LogLines:    1000,
		Steps:       spec.MaxSteps,
		Transitions: 65_536,
	}
}

// Validate reports every limit that is out of range.
func (l Limits) Validate() error {
	var errs []error
	for _, b := range bounds {
		errs = append(errs, b.check(b.get(l)))
	}
	return errors.Join(errs...)
}

// size writes a number of bytes for people.
func size(bytes int64) string {
	switch {
	case bytes >= 1<<20 && bytes%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", bytes>>20)
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%.4g KiB", float64(bytes)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", bytes)
}
