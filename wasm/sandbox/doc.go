// Package sandbox runs plugins: it loads a WebAssembly module that speaks ABI 1
// (see package guest), gives it the search spaces and reward shapers that it
// offers as Go values, and bounds whatever it does.
//
//	s, err := sandbox.New(ctx, sandbox.Default())
//	m, err := s.Load(ctx, "cnn", wasm)
//	space, err := m.Space(ctx, "v1", json.RawMessage(`{"layers":6}`))
//	step, err := space.Next(ctx, spec.Step{}, nil)
//
// # What a plugin can reach
//
// Its own memory, and nothing else. Of its imports it gets esp.log, env.abort
// and WASI preview 1; the latter is answered by wasi.go, which holds no code
// for files, sockets, arguments or the environment. A module that imports
// anything else is refused before it runs.
//
// # What is promised of answers
//
// Every call is a function of the module and the request. A plugin may count,
// cache, leak, draw random numbers, read clocks or range over a Go map: every
// call still begins in the same state, the one after initialisation and a
// first describe, and so gets the same answer on any instance of any age, in a
// pool of any size, and spends the same fuel. Clocks start at
// 2022-01-01T00:00:00Z and advance by a microsecond a reading, sleeping advances
// them at once, and random_get is splitmix64 with a fixed seed. The one thing
// that can differ is whether a call meets Limits.Time, since that is of the wall
// clock; a call that Limits.Fuel allows comes near it only on a machine that is
// far too busy.
//
// Every answer is checked: a step against the space's description, the anchor
// points announced and max_steps, a network and a reward by their own Validate.
// States save questions, as spec.Step promises. A plugin that
// breaks that promise gets walks that depend on those before, but no illegal
// step.
//
// # Errors
//
// A failure is an *Error of one of five kinds; Report writes all that is known,
// with the end of what the guest printed, which is where a Go panic says why.
// After a crash, an overrun or an answer that breaks the protocol the instance
// is thrown away, and the next call has another.
//
// # What a call can cost
//
// Package meter makes every guest count its instructions, and a call that has
// spent its fuel ends, be it in a loop, in recursion without a loop or in the
// interpreter of a browser tab. Compiled guests spend 10 to 20 million units in
// a millisecond on an x86-64 of 2025, so that a billion lasts 50 to 100 ms; a
// loop of nothing but divisions lasts ten times as long, and one whose every
// read misses every cache, the slowest that we could make, a hundred times.
// Interpreted, a billion lasts ten seconds or more. Limits.Time ends what lasts
// too long.
//
// Compiled code cannot be interrupted, and Go's garbage collector, and with it
// every other goroutine, waits for it. So guests hand control to the host after
// every 131,072 units: every 10 µs, and every 10 ms in the slowest guest. What
// the host does for a guest, such as filling memory with random bytes, the guest
// pays for as well.
//
// # Known limits
//
// Built for a browser (GOOS=js), where Go has one thread, this package works, by
// interpreting; other goroutines wait for a call.
//
// Compiling cannot be interrupted either. Load gives up after Limits.Compile,
// but the compiler goes on until it is done, and Close waits for it. Package
// binary refuses files that could make it take out of proportion to their size:
// the worst that pass take 20 s, and 2 s more for each megabyte, in a goroutine
// that leaves others alone.
//
// # Why?
//
// Why restore a snapshot before every call? Without it, an answer depends on
// the calls before: a Go guest's map order and its random numbers, any guest's
// counters. Asking authors for purity and sampling whether they keep it finds
// such bugs late. Copying 2.4 MB takes 50 µs, beside a call of 30 to 500 µs,
// and the state cache saves most calls. It also makes esp_free needless: what
// a call allocates is forgotten with everything else. A fresh instance for
// every call, which a few modules still need (see restorable), takes 5 ms.
//
// Why an own WASI? The engine's is configurable, so that denying is a setting,
// and its clocks and random numbers are streams that go on from call to call.
// Ours is state that a snapshot holds. A host in a browser has to answer the
// same, byte for byte, from the same table.
//
// Why fuel, and not the engine's own deadline? That makes calls 5 to 20 times
// slower, where the meter takes 1.1 to 1.4 times; it is noticed in loops only,
// so that recursion ran 11 s past a deadline of 300 ms, with Go's garbage
// collector waiting; and whether a call meets it depends on the machine.
//
// Why parse the module before the engine does? The engine sets memory aside
// for what a module claims to hold; five bytes can claim four billion imports.
//
// Why not several compiler threads? A panic of the compiler, which only a
// hostile module could cause, would end the process from a thread of its own.
package sandbox
