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
// # The system that a guest sees
//
// WASI preview 1 is answered from state of 16 bytes an instance: clock, the
// nanoseconds since the instance was made, at first 0, and random, at first
// 0x657370616c696572 ("espalier" in ASCII, big-endian). Nothing else changes
// what a guest is told, so a host in a browser can match it byte for byte;
// testdata/wasi.json holds calls with what they return and write, to be run
// against another host. Both numbers go on from call to call of one guest; here
// they are set back with its memory, to what they were after the first describe.
//
// Pointers and sizes are unsigned 32-bit numbers, what is written is
// little-endian, and a result that does not fit the memory is 21 (fault). The
// order of checks is that of this list; where a call fails, nothing is written
// but what is said.
//
//	clock_time_get(id, precision, *time)
//	    28 if id > 3. Else clock += 1000, then time = clock, and of id 0 (the
//	    calendar) 1640995200000000000 + clock, that is from 2022-01-01T00:00:00Z
//	    on: the first reading ends in 1000. The precision is ignored. The clock
//	    also advances where time does not fit the memory. At 2^64-1 it stays.
//	clock_res_get(id, *time)
//	    28 if id > 3. Else 1000. The clock does not advance.
//	poll_oneoff(*subscriptions, *events, count, *happened)
//	    28 if count is 0 or above 1024. A subscription to a clock above 3 or to an
//	    unknown tag is ready at once with error 28, to a stream with error 8 if it
//	    is not open and 0 if it is. If none is ready at once, the clock jumps to
//	    the earliest alarm (never back). Events of what is ready and of all
//	    alarms that are due follow in the subscriptions' order, 32 bytes each:
//	    userdata, error (2 bytes), tag (1 byte), zeros. Relative timeouts count
//	    from the clock as it is, which does not advance by being looked at.
//	random_get(*bytes, size)
//	    splitmix64 (Steele, Lea and Flood 2014), for each eight bytes begun:
//	      random += 0x9e3779b97f4a7c15; z = random
//	      z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
//	      z = (z ^ z>>27) * 0x94d049bb133111eb
//	      the bytes of z ^ z>>31, the lowest first; those left over are dropped
//	args_get, environ_get(**list, *text)
//	    nothing is written.
//	args_sizes_get, environ_sizes_get(*count, *bytes)
//	    0 and 0.
//	fd_write(fd, *vectors, count, *written)
//	    8 unless fd is 1 or 2; 28 if count is above 1024. What is written is kept
//	    for error messages. At a vector that does not fit the memory, 21.
//	fd_read(fd, *vectors, count, *read)
//	    8 unless fd is 0. Else read = 0: the end of the file.
//	fd_fdstat_get, fd_filestat_get(fd, *status)
//	    8 if fd > 2. Else 24 or 64 zeros, but for the type of file, at 0 and at
//	    16: 2, a character device.
//	proc_exit(code)
//	    ends the guest, which to the host is a crash.
//
// Every other function returns a number and writes nothing. With a descriptor
// above 2, those of them that take one return 8 (badf), and with 0 to 2:
//
//	0   fd_close, fd_fdstat_set_flags
//	8   fd_prestat_get, fd_prestat_dir_name, fd_readdir, and all of path_
//	28  fd_datasync, fd_filestat_set_size, fd_sync
//	57  sock_accept, sock_recv, sock_send, sock_shutdown
//	58  fd_allocate, fd_fdstat_set_rights, fd_filestat_set_times, fd_renumber
//	70  fd_advise, fd_pread, fd_pwrite, fd_seek, fd_tell
//
// sched_yield returns 0, and proc_raise 52.
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
// loop of nothing but divisions lasts 20 times as long, and one whose every read
// misses every cache, the slowest that we could make, a thousand times.
// Interpreted, a billion lasts ten seconds or more, and most of an hour in a
// browser tab. Limits.Time ends what lasts too long.
//
// Compiled code cannot be interrupted, and Go's garbage collector, and with it
// every other goroutine, waits for it. So guests hand control to the host after
// every 131,072 units: every 10 µs, and every 10 ms in the slowest guest.
//
// What the host does for a guest, the guest pays for as well: 100 units for every
// imported function, and one more for each byte of a line that it logs (4096 at
// most), for each two random bytes, for each eight bytes that it writes and each
// vector of them; and 16 for each subscription of poll_oneoff. A guest that cannot
// pay ends in that call.
//
// # Known limits
//
// Built for a browser (GOOS=js), where Go has one thread, this package works, by
// interpreting; other goroutines wait for a call.
//
// The engine bounds how deep guests call, not this package, and its bounds differ:
// interpreted, 2000 calls deep, else a stack of 50 to 100 MB. That stack is beside
// Limits.MemoryBytes, and an instance that has used one keeps it.
//
// The sign and the payload of a NaN that arithmetic makes are up to the processor
// (core specification 2.0, 4.3.3). A guest that looks at them may answer, and
// spend, something else on a machine of another kind.
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
