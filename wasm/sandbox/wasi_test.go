package sandbox

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"
)

// invoke calls a host function by name in a small memory.
func invoke(t *testing.T, w *world, mem memory, name string, args ...uint64) errno {
	t.Helper()
	f, ok := wasiFuncs[name]
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	if len(f.params) != len(args) {
		t.Fatalf("%s takes %d parameters, not %d", name, len(f.params), len(args))
	}
	e, err := f.call(w, mem, args)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return e
}

func newWorld() *world {
	return &world{state: machineState{random: randomSeed}, tail: ring{limit: 64}}
}

// TestWASIGolden fixes what a guest sees first: other hosts have to answer the
// same, byte for byte.
func TestWASIGolden(t *testing.T) {
	w, mem := newWorld(), make(memory, 256)
	if e := invoke(t, w, mem, "random_get", 0, 20); e != errnoSuccess {
		t.Fatal(e)
	}
	if got, want := hex.EncodeToString(mem[:24]), goldenRandom+"00000000"; got != want {
		t.Errorf("random bytes %s, want %s", got, want)
	}
	for n, want := range []uint64{1640995200000001000, 1640995200000002000} {
		if e := invoke(t, w, mem, "clock_time_get", clockRealtime, 1, 32); e != errnoSuccess {
			t.Fatal(e)
		}
		if got := binary.LittleEndian.Uint64(mem[32:]); got != want {
			t.Errorf("look %d at the calendar: %d, want %d", n, got, want)
		}
	}
	invoke(t, w, mem, "clock_time_get", clockMonotonic, 1, 32)
	if got := binary.LittleEndian.Uint64(mem[32:]); got != 3000 {
		t.Errorf("monotonic clock %d, want 3000", got)
	}
}

// goldenRandom is splitmix64 seeded with 0x657370616c696572, computed by another program.
const goldenRandom = "fd3e76da42bac1d927d3a18dc6e138cb621caf23"

// TestWASIDenies calls every function on a file that is not open.
func TestWASIDenies(t *testing.T) {
	harmless := map[string]errno{
		"args_get": 0, "args_sizes_get": 0, "environ_get": 0, "environ_sizes_get": 0, "sched_yield": 0, "random_get": 0,
		"clock_res_get": errnoInval, "clock_time_get": errnoInval, "poll_oneoff": errnoInval, "proc_raise": errnoNosys,
	}
	for name, f := range wasiFuncs {
		if name == "proc_exit" {
			continue
		}
		args := make([]uint64, len(f.params))
		if len(args) > 0 {
			args[0] = 7
		}
		want, ok := harmless[name]
		if !ok {
			want = errnoBadf
		}
		if got := invoke(t, newWorld(), make(memory, 64), name, args...); got != want {
			t.Errorf("%s on descriptor 7: %d, want %d", name, got, want)
		}
	}
	if len(wasiFuncs) != 46 {
		t.Errorf("%d functions; preview 1 has 46", len(wasiFuncs))
	}
}

func TestStreams(t *testing.T) {
	w, mem := newWorld(), make(memory, 256)
	copy(mem[100:], "hello, world")
	vectors := []uint32{100, 5, 105, 7}
	for i, v := range vectors {
		binary.LittleEndian.PutUint32(mem[4*i:], v)
	}
	if e := invoke(t, w, mem, "fd_write", 2, 0, 2, 40); e != errnoSuccess {
		t.Fatal(e)
	}
	if got := w.tail.text(); got != "hello, world" || mem[40] != 12 {
		t.Errorf("wrote %q, %d bytes", got, mem[40])
	}
	for name, c := range map[string]struct {
		want errno
		args []uint64
	}{
		"to standard input": {errnoBadf, []uint64{0, 0, 2, 40}},
		"vectors outside":   {errnoFault, []uint64{1, 250, 2, 40}},
		"too many vectors":  {errnoInval, []uint64{1, 0, 1 << 20, 40}},
		"count outside":     {errnoFault, []uint64{1, 0, 1, 1<<32 - 1}},
	} {
		if e := invoke(t, w, mem, "fd_write", c.args...); e != c.want {
			t.Errorf("%s: %d, want %d", name, e, c.want)
		}
	}
	mem[40] = 9
	if e := invoke(t, w, mem, "fd_read", 0, 0, 1, 40); e != errnoSuccess || mem[40] != 0 {
		t.Errorf("reading gives %d and %d bytes", e, mem[40])
	}
	if e := invoke(t, w, mem, "fd_fdstat_get", 1, 64); e != errnoSuccess || mem[64] != characterDevice {
		t.Errorf("status %d, type %d", e, mem[64])
	}
	if e := invoke(t, w, mem, "fd_filestat_get", 1, 64); e != errnoSuccess || mem[80] != characterDevice || mem[64] != 0 {
		t.Errorf("file status %d, type %d", e, mem[80])
	}
	if e := invoke(t, w, mem, "fd_filestat_get", 1, 200); e != errnoFault {
		t.Errorf("file status past the end: %d", e)
	}
}

// subscribe writes a subscription to a clock or, with another tag, to a stream.
func subscribe(mem memory, n int, tag byte, id uint32, timeout uint64, flags uint16) {
	b := mem[n*subscriptionBytes:][:subscriptionBytes]
	binary.LittleEndian.PutUint64(b, uint64(n+1))
	b[8] = tag
	binary.LittleEndian.PutUint32(b[16:], id)
	binary.LittleEndian.PutUint64(b[24:], timeout)
	binary.LittleEndian.PutUint16(b[40:], flags)
}

func TestPoll(t *testing.T) {
	const events, happened = 256, 500
	for name, c := range map[string]struct {
		prepare func(mem memory)
		count   uint64
		want    []uint64 // userdata of the events
		errno   uint16   // of the first
		clock   uint64   // afterwards
	}{
		"one sleep":          {func(m memory) { subscribe(m, 0, tagClock, 1, 5000, 0) }, 1, []uint64{1}, 0, 5100},
		"the earlier":        {func(m memory) { subscribe(m, 0, tagClock, 1, 5000, 0); subscribe(m, 1, tagClock, 0, 70, 0) }, 2, []uint64{2}, 0, 170},
		"both at once":       {func(m memory) { subscribe(m, 0, tagClock, 1, 70, 0); subscribe(m, 1, tagClock, 0, 70, 0) }, 2, []uint64{1, 2}, 0, 170},
		"a moment past":      {func(m memory) { subscribe(m, 0, tagClock, 1, 50, absoluteTime) }, 1, []uint64{1}, 0, 100},
		"a moment to come":   {func(m memory) { subscribe(m, 0, tagClock, 1, 900, absoluteTime) }, 1, []uint64{1}, 0, 900},
		"a date":             {func(m memory) { subscribe(m, 0, tagClock, 0, clockStart+900, absoluteTime) }, 1, []uint64{1}, 0, 900},
		"the end of time":    {func(m memory) { subscribe(m, 0, tagClock, 1, 1<<64-1, 0) }, 1, []uint64{1}, 0, 1<<64 - 1},
		"a stream":           {func(m memory) { subscribe(m, 0, tagClock, 1, 5000, 0); subscribe(m, 1, tagFdRead, 0, 0, 0) }, 2, []uint64{2}, 0, 100},
		"a file not open":    {func(m memory) { subscribe(m, 0, tagFdWrite, 9, 0, 0) }, 1, []uint64{1}, errnoBadf16, 100},
		"an unknown clock":   {func(m memory) { subscribe(m, 0, tagClock, 9, 0, 0) }, 1, []uint64{1}, uint16(errnoInval), 100},
		"an unknown subject": {func(m memory) { subscribe(m, 0, 7, 0, 0, 0) }, 1, []uint64{1}, uint16(errnoInval), 100},
	} {
		w, mem := newWorld(), make(memory, 512)
		w.state.clock = 100
		c.prepare(mem)
		if e := invoke(t, w, mem, "poll_oneoff", 0, events, c.count, happened); e != errnoSuccess {
			t.Errorf("%s: %d", name, e)
			continue
		}
		n, _ := mem.u32(happened)
		var got []uint64
		for i := range int(n) {
			got = append(got, binary.LittleEndian.Uint64(mem[events+i*eventBytes:]))
		}
		if len(got) != len(c.want) || got[0] != c.want[0] || binary.LittleEndian.Uint16(mem[events+8:]) != c.errno || w.state.clock != c.clock {
			t.Errorf("%s: events %v with error %d, clock %d; want %v, %d, %d", name, got,
				binary.LittleEndian.Uint16(mem[events+8:]), w.state.clock, c.want, c.errno, c.clock)
		}
	}
	mem := make(memory, 512)
	for name, args := range map[string][]uint64{"nothing": {0, 256, 0, 500}, "too much": {0, 256, 5000, 500}} {
		if e := invoke(t, newWorld(), mem, "poll_oneoff", args...); e != errnoInval {
			t.Errorf("waiting for %s: %d", name, e)
		}
	}
	if e := invoke(t, newWorld(), mem, "poll_oneoff", 480, 0, 1, 500); e != errnoFault {
		t.Errorf("subscriptions past the end: %d", e)
	}
}

const errnoBadf16 = uint16(errnoBadf)

// TestBounds gives every function pointers that point nowhere: none touches
// what is not there.
func TestBounds(t *testing.T) {
	for _, f := range wasiFuncs {
		for _, wild := range []uint64{60, 64, 1<<31 - 1, 1<<32 - 1, 1<<64 - 1} {
			for _, first := range []uint64{1, wild} {
				args := make([]uint64, len(f.params))
				for i := range args {
					args[i] = wild
				}
				if len(args) > 0 {
					args[0] = first
				}
				_, _ = f.call(newWorld(), make(memory, 64), args)
			}
		}
	}
}

func TestAbort(t *testing.T) {
	mem := make(memory, 128)
	write := func(at int, s string) uint64 {
		binary.LittleEndian.PutUint32(mem[at-4:], uint32(2*len(s)))
		for i, c := range []byte(s) {
			mem[at+2*i] = c
		}
		return uint64(at)
	}
	err := newWorld().abort(mem, []uint64{write(8, "index out of range"), write(64, "space.ts"), 12, 5})
	if err == nil || err.Error() != "aborted: index out of range at space.ts:12:5" {
		t.Error(err)
	}
	binary.LittleEndian.PutUint32(mem[4:], 1<<31)
	if err := newWorld().abort(mem, []uint64{8, 1 << 31, 1, 1}); err == nil || err.Error() != "aborted: abort at :1:1" {
		t.Error(err)
	}
}

func TestLog(t *testing.T) {
	w, mem := newWorld(), make(memory, 8192)
	copy(mem, "caf\xc3\xa9\xff")
	var got []string
	w.log = func(level Level, line string) { got = append(got, level.String()+" "+line) }
	w.lines = 3
	for _, level := range []uint64{1, 3, 1 << 31, 0} {
		if err := w.logLine(mem, []uint64{level, 0, 6}); err != nil {
			t.Fatal(err)
		}
	}
	want := "info café·; error café·; level -2147483648 café·"
	if s := strings.Join(got, "; "); s != want {
		t.Errorf("logged %q, want %q", s, want)
	}
	copy(mem, bytes.Repeat([]byte("x"), 8000))
	w.lines = 1
	if err := w.logLine(mem, []uint64{1, 0, 8000}); err != nil || len(got[3]) > maxLogLine+10 {
		t.Errorf("a long line: %d bytes, %v", len(got[3]), err)
	}
	w.lines = 1
	if err := w.logLine(mem, []uint64{1, 8000, 8000}); err == nil {
		t.Error("a line past the end of the memory is logged")
	}
}

func TestRing(t *testing.T) {
	for _, limit := range []int{0, 1, 3, 7, 100} {
		r := ring{limit: limit}
		var all bytes.Buffer
		for n := range 50 {
			p := bytes.Repeat([]byte{byte('a' + n%26)}, n%9)
			r.write(p)
			all.Write(p)
			if want := all.String()[max(0, all.Len()-limit):]; r.text() != want {
				t.Fatalf("limit %d, write %d: %q, want %q", limit, n, r.text(), want)
			}
		}
		r.reset()
		r.write([]byte("x"))
		if want := "x"[:min(1, limit)]; r.text() != want {
			t.Errorf("limit %d: %q after a reset", limit, r.text())
		}
	}
}

func TestStore(t *testing.T) {
	s := &store{limit: 100}
	sizes := 0
	for n := uint64(1); n <= 100; n++ {
		before := cap(s.buf)
		b := s.resize(n)
		if len(b) != int(n) || cap(b) > 100 || bytes.ContainsFunc(b[:n-1], func(r rune) bool { return r != 1 }) || b[n-1] != 0 {
			t.Fatalf("size %d: %v", n, b)
		}
		b[n-1] = 1
		if cap(b) != before {
			sizes++
		}
	}
	if sizes > 10 {
		t.Errorf("%d copies on the way to 100 bytes", sizes)
	}
	if s.resize(101) != nil || s.denied != 101 || len(s.buf) != 100 {
		t.Errorf("beyond the limit: denied %d, size %d", s.denied, len(s.buf))
	}
	s.shrinkTo = 10
	if b := s.resize(101); len(b) != 10 {
		t.Errorf("%d bytes after shrinking to 10", len(b))
	}
	if b := s.resize(20); !bytes.Equal(b, append(bytes.Repeat([]byte{1}, 10), make([]byte, 10)...)) {
		t.Errorf("after growing again: %v", b)
	}
}

// TestUTF16 reads strings that claim to be longer than they are.
func TestUTF16(t *testing.T) {
	mem := make(memory, 10_000)
	mem.putU32(0, 1<<30)
	mem.putU32(8, 4)
	copy(mem[12:], "a\x00b\x00")
	if got := utf16At(mem, 4); len([]rune(got)) != maxLogLine/2 {
		t.Errorf("%d characters of a string of a gibibyte", len([]rune(got)))
	}
	for ptr, want := range map[uint64]string{12: "ab", 0: "", 3: "", 9_999: "", 1 << 31: ""} {
		if got := utf16At(mem, ptr); got != want {
			t.Errorf("at %d: %q", ptr, got)
		}
	}
}

// TestClockStays: a clock at its end stays there.
func TestClockStays(t *testing.T) {
	w, mem := &world{state: machineState{clock: ^uint64(0) - 10}}, make(memory, 8)
	if clockTime(w, mem, []uint64{clockMonotonic, 0, 0}) != errnoSuccess || w.state.clock != ^uint64(0) || mem[7] != 0xff {
		t.Errorf("the clock shows %d", w.state.clock)
	}
}

func TestMemo(t *testing.T) {
	m := newMemo(10, memoBytes, func(int) int { return 0 })
	for n := range 100 {
		m.put([]byte{byte(n)}, n)
		if v, ok := m.get([]byte{0}); n < 100 && (!ok || v != 0) {
			t.Fatalf("what is used all the time is forgotten after %d", n)
		}
		if v, ok := m.get([]byte{byte(n)}); !ok || v != n {
			t.Fatalf("%d is forgotten at once", n)
		}
		if len(m.young)+len(m.old) > 10 {
			t.Fatalf("%d values", len(m.young)+len(m.old))
		}
	}
	if _, ok := m.get([]byte{50}); ok {
		t.Error("what was not used for long is remembered")
	}
}

// TestMemoBytes: however few its values are, a memo holds no more bytes than it
// has room for, and the last two values whatever their size.
func TestMemoBytes(t *testing.T) {
	m := newMemo(1000, 100, func(v int) int { return v })
	for n := range 200 {
		v := (37*n)%40 + 1
		m.put([]byte{byte(n)}, v)
		held := 0
		for _, half := range []map[string]int{m.young, m.old} {
			for key, v := range half {
				held += len(key) + v
			}
		}
		if held > 100 || held < 50 && n > 10 {
			t.Fatalf("after %d values it holds %d of 100 bytes", n, held)
		}
	}
	m.put([]byte("large"), 1000)
	m.put([]byte("larger"), 2000)
	if v, ok := m.get([]byte("larger")); !ok || v != 2000 || len(m.young) != 1 {
		t.Errorf("%d, %v, %d values", v, ok, len(m.young))
	}
}
