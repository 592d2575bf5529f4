package sandbox

import (
	"errors"
	"fmt"
	"time"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// Limits bound what a plugin may use. Times are of the wall clock.
type Limits struct {
	// FileBytes is the largest module file. Default 16 MiB.
	FileBytes int
	// MemoryBytes is the largest linear memory of one instance, a multiple of
	// 64 KiB, at most 4 GiB. Default 64 MiB; guests written in Go need 16 MiB.
	MemoryBytes int64

	// Init bounds preparing an instance: its start function, _initialize,
	// esp_abi and a first describe. Default 2 s.
	Init time.Duration
	// Describe bounds one description. Default 1 s.
	Describe time.Duration
	// Next bounds one decision. Default 100 ms.
	Next time.Duration
	// Build bounds building one network. Default 1 s.
	Build time.Duration
	// Reward bounds one reward. Default 1 s.
	Reward time.Duration
	// Grace is added when a call that overran its limit is tried once more,
	// on another instance: a moment's load on the machine must not fail a
	// trial. 0: it is not tried again. Default 1 s.
	Grace time.Duration
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

const pageBytes = 64 << 10

// DefaultLimits are the limits named in the fields' comments.
func DefaultLimits() Limits {
	return Limits{
		FileBytes:   16 << 20,
		MemoryBytes: 64 << 20,
		Init:        2 * time.Second,
		Describe:    time.Second,
		Next:        100 * time.Millisecond,
		Build:       time.Second,
		Reward:      time.Second,
		Grace:       time.Second,
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
	within := func(name string, v, low, high int64) {
		if v < low || v > high {
			errs = append(errs, fmt.Errorf("limit %s is %d; it must be in [%d, %d]", name, v, low, high))
		}
	}
	lasting := func(name string, d, low time.Duration) {
		if d < low || d > time.Hour {
			errs = append(errs, fmt.Errorf("limit %s is %v; it must be in [%v, 1h]", name, d, low))
		}
	}
	within("FileBytes", int64(l.FileBytes), 1, 1<<30)
	within("MemoryBytes", l.MemoryBytes, pageBytes, 4<<30)
	if l.MemoryBytes%pageBytes != 0 {
		errs = append(errs, fmt.Errorf("limit MemoryBytes is %d; it must be a multiple of %d", l.MemoryBytes, pageBytes))
	}
	lasting("Init", l.Init, time.Millisecond)
	lasting("Describe", l.Describe, time.Millisecond)
	lasting("Next", l.Next, time.Millisecond)
	lasting("Build", l.Build, time.Millisecond)
	lasting("Reward", l.Reward, time.Millisecond)
	lasting("Grace", l.Grace, 0)
	lasting("Compile", l.Compile, time.Millisecond)
	within("InputBytes", int64(l.InputBytes), 1<<10, wire.MaxBytes)
	within("AnswerBytes", int64(l.AnswerBytes), 1<<10, wire.MaxBytes)
	within("StderrBytes", int64(l.StderrBytes), 0, 1<<30)
	within("LogLines", int64(l.LogLines), 0, 1<<30)
	within("Steps", int64(l.Steps), 1, spec.MaxSteps)
	within("Transitions", int64(l.Transitions), 2, 1<<30)
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
