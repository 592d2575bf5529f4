package sandbox

import (
	"fmt"
	"unicode/utf16"
)

// Level is the importance of a line that a guest logs.
type Level int

const (
	Debug Level = iota
	Info
	Warn
	Severe
)

func (l Level) String() string {
	if l < Debug || l > Severe {
		return fmt.Sprintf("level %d", int(l))
	}
	return [...]string{"debug", "info", "warn", "error"}[l]
}

// machineState is what a guest can change outside of its own memory.
type machineState struct {
	clock  uint64 // nanoseconds since clockStart
	random uint64 // state of the generator
}

// world is everything outside of one guest instance that it can touch.
type world struct {
	state machineState
	tail  ring
	lines int   // that the guest may still log during this call
	work  int64 // of the present host call, in units of fuel: what grows with its arguments
	log   func(Level, string)
}

// exited is the guest's wish to end itself.
type exited struct{ code uint32 }

func (e *exited) Error() string { return fmt.Sprintf("the guest exited with code %d", e.code) }

// aborted is AssemblyScript's way to trap.
type aborted struct{ message string }

func (e *aborted) Error() string { return e.message }

// maxLogLine is the longest line of esp.log in bytes; the rest is cut off.
const maxLogLine = 4 << 10

// logLine is esp.log(level, ptr, len).
func (w *world) logLine(mem memory, a []uint64) error {
	w.work = int64(min(uint32(a[2]), maxLogLine))
	text, ok := mem.at(a[1], a[2])
	if !ok {
		return fmt.Errorf("esp.log was given %d bytes at %d, outside of the memory of %d bytes", uint32(a[2]), uint32(a[1]), len(mem))
	}
	if w.lines == 0 {
		return nil
	}
	w.lines--
	line := clean(string(text[:min(len(text), maxLogLine)]))
	level := Level(int32(uint32(a[0])))
	w.tail.write([]byte(level.String() + ": " + line + "\n"))
	if w.log != nil {
		w.log(level, line)
	}
	return nil
}

// abort is AssemblyScript's env.abort(message, file, line, column).
func (w *world) abort(mem memory, a []uint64) error {
	message, file := utf16At(mem, a[0]), utf16At(mem, a[1])
	if message == "" {
		message = "abort"
	}
	return &aborted{clean(fmt.Sprintf("aborted: %s at %s:%d:%d", message, file, uint32(a[2]), uint32(a[3])))}
}

// utf16At reads an AssemblyScript string: UTF-16 code units whose length in
// bytes stands in the four bytes before them.
func utf16At(mem memory, ptr uint64) string {
	if uint32(ptr) < 4 {
		return ""
	}
	n, ok := mem.u32(ptr - 4)
	if !ok {
		return ""
	}
	b, ok := mem.at(ptr, uint64(min(n, maxLogLine)))
	if !ok {
		return ""
	}
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i]) | uint16(b[2*i+1])<<8
	}
	return string(utf16.Decode(units))
}

// hostFunc is a function that a guest may import.
type hostFunc struct {
	params string // one of i (i32) and I (i64) for each
	result string // the same, or empty
	// call runs it. An error stops the guest.
	call func(w *world, mem memory, a []uint64) (uint32, error)
}

// hostModules are all imports that a guest may have, by module and name.
var hostModules = map[string]map[string]hostFunc{
	"esp": {"log": {params: "iii", call: func(w *world, mem memory, a []uint64) (uint32, error) {
		return 0, w.logLine(mem, a)
	}}},
	"env": {"abort": {params: "iiii", call: func(w *world, mem memory, a []uint64) (uint32, error) {
		return 0, w.abort(mem, a)
	}}},
	wasiModule: wasiFuncs,
}
