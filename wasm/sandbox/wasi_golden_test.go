package sandbox

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var updateGolden = flag.Bool("update", false, "rewrite testdata/wasi.json")

// conversation is testdata/wasi.json: calls of one guest, in order, and what
// any host has to answer. It holds nothing of this package's, so that another
// host can be held against it.
type conversation struct {
	About       string     `json:"about"`
	MemoryBytes int        `json:"memory_bytes"`
	Fill        byte       `json:"fill"` // what each byte of the memory is at first
	Calls       []wasiStep `json:"calls"`
}

// wasiStep is one call. Args are unsigned, as many as the function takes.
type wasiStep struct {
	Put    []placed `json:"put,omitempty"` // written by the guest before it
	Func   string   `json:"func"`
	Args   []uint64 `json:"args"`
	Errno  errno    `json:"errno"`
	Writes []placed `json:"writes,omitempty"` // that the host makes, each a run of bytes that change
}

// placed is bytes in memory.
type placed struct {
	At  int    `json:"at"`
	Hex string `json:"hex"`
}

const (
	goldenMemory = 1024
	outside      = goldenMemory - 2 // an address from which nothing of use fits
)

// script is what the guest of testdata/wasi.json does.
func script() []wasiStep {
	call := func(name string, args ...uint64) wasiStep { return wasiStep{Func: name, Args: args} }
	steps := []wasiStep{
		call("random_get", 0, 20), call("random_get", 32, 8), call("random_get", 40, 1), call("random_get", 48, 0),
		call("random_get", outside, 3), call("random_get", 48, 9),
	}
	for id := range uint64(5) {
		steps = append(steps, call("clock_time_get", id, 1, 64), call("clock_res_get", id, 72))
	}
	steps = append(steps, call("clock_time_get", 1, 0, outside), call("clock_time_get", 1<<32-1, 0, 64), call("clock_time_get", 1, 0, 64))
	for _, wait := range [][]func(memory){
		{alarm(1, 5000, 0)}, {alarm(0, 70, 0), alarm(1, 9000, 0)}, {alarm(1, 70, 0), alarm(0, 70, 0)}, {alarm(1, 50, absoluteTime)},
		{alarm(0, clockStart+1_000_000, absoluteTime)}, {alarm(1, 5000, 0), stream(tagFdRead, 0)}, {stream(tagFdWrite, 9)}, {alarm(9, 0, 0)}, {stream(7, 0)},
	} {
		before := make(memory, goldenMemory)
		for i, put := range wait {
			put(before[i*subscriptionBytes:])
			binary.LittleEndian.PutUint64(before[i*subscriptionBytes:], uint64(i+1))
		}
		step := call("poll_oneoff", 256, 512, uint64(len(wait)), 800)
		step.Put = []placed{{256, hex.EncodeToString(before[:len(wait)*subscriptionBytes])}}
		steps = append(steps, step, call("clock_time_get", 1, 0, 64))
	}
	steps = append(steps, call("poll_oneoff", 256, 512, 0, 800), call("poll_oneoff", 256, 512, 1025, 800), call("poll_oneoff", 256, outside, 1, 800))
	hello := call("fd_write", 2, 900, 2, 960)
	hello.Put = []placed{{900, "84030000050000008903000003000000"}, {900 + 16, hex.EncodeToString([]byte("hello, world"))}}
	steps = append(steps, hello, call("fd_write", 1, 900, 2, outside), call("fd_write", 1, outside, 1, 960), call("fd_write", 1, 900, 1025, 960))
	var names []string
	for name := range wasiFuncs {
		if !slices.Contains([]string{"random_get", "clock_time_get", "clock_res_get", "poll_oneoff", "proc_exit"}, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, fd := range []uint64{0, 1, 2, 3, 1<<32 - 1} {
			args := make([]uint64, len(wasiFuncs[name].params))
			for i := range args {
				args[i] = 128 + 8*uint64(i)
			}
			if len(args) > 0 && wasiFuncs[name].params[0] == 'i' {
				args[0] = fd
			}
			steps = append(steps, call(name, args...))
			if len(args) == 0 {
				break
			}
		}
		if wasiFuncs[name].params == "ii" && strings.HasSuffix(name, "_get") {
			steps = append(steps, call(name, 1, outside))
		}
	}
	return steps
}

// alarm is a subscription to a clock.
func alarm(id uint32, timeout uint64, flags uint16) func(memory) {
	return func(m memory) { subscribe(m, 0, tagClock, id, timeout, flags) }
}

// stream is a subscription to a descriptor.
func stream(tag byte, fd uint32) func(memory) {
	return func(m memory) { subscribe(m, 0, tag, fd, 0, 0) }
}

// TestWASIConversation holds this host against testdata/wasi.json.
func TestWASIConversation(t *testing.T) {
	const file = "testdata/wasi.json"
	if *updateGolden {
		c := conversation{"Calls of WASI preview 1 by one guest, in order, and the answers of every host of plugins; see the doc of package sandbox.", goldenMemory, 0xaa, script()}
		answerAll(t, &c)
		b, err := json.MarshalIndent(c, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		// One call a line.
		b = regexp.MustCompile(`\n {3,}`).ReplaceAll(b, nil)
		b = regexp.MustCompile(`\n  +([}\]])`).ReplaceAll(b, []byte("$1"))
		if err := os.WriteFile(file, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run the test with -update", err)
	}
	var want, got conversation
	if json.Unmarshal(b, &want) != nil || json.Unmarshal(b, &got) != nil || want.MemoryBytes != goldenMemory {
		t.Fatalf("%s is damaged", file)
	}
	answerAll(t, &got)
	seen := map[string]bool{"proc_exit": true} // it does not return
	for i := range want.Calls {
		a, b := want.Calls[i], got.Calls[i]
		seen[a.Func] = true
		if a.Errno != b.Errno || !slices.Equal(a.Writes, b.Writes) {
			t.Errorf("call %d, %s%v: %d and writes %v, want %d and %v", i, a.Func, a.Args, b.Errno, b.Writes, a.Errno, a.Writes)
		}
	}
	if len(seen) != len(wasiFuncs) {
		t.Errorf("it calls %d of %d functions", len(seen), len(wasiFuncs))
	}
}

// answerAll fills in what this host answers.
func answerAll(t *testing.T, c *conversation) {
	t.Helper()
	w, mem := newWorld(), memory(bytes.Repeat([]byte{c.Fill}, c.MemoryBytes))
	for i := range c.Calls {
		s := &c.Calls[i]
		for _, p := range s.Put {
			b, err := hex.DecodeString(p.Hex)
			if err != nil || p.At+len(b) > len(mem) {
				t.Fatalf("call %d puts %v", i, p)
			}
			copy(mem[p.At:], b)
		}
		before := bytes.Clone(mem)
		s.Errno = invoke(t, w, mem, s.Func, s.Args...)
		s.Writes = changedRuns(before, mem)
	}
}

// changedRuns are the runs of bytes in which two memories differ.
func changedRuns(was, is memory) []placed {
	var runs []placed
	for i := 0; i < len(is); i++ {
		start := i
		for i < len(is) && was[i] != is[i] {
			i++
		}
		if i > start {
			runs = append(runs, placed{start, hex.EncodeToString(is[start:i])})
		}
	}
	return runs
}

// TestWASIPage: the table of the package's page is what the code does.
func TestWASIPage(t *testing.T) {
	page, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "// # The system that a guest sees\n")
	text, table, found := strings.Cut(text, "and with 0 to 2:\n")
	table, _, _ = strings.Cut(table, "// # ")
	if !found {
		t.Fatal("the page has no table")
	}
	listed := map[string]errno{"sched_yield": errnoSuccess, "proc_raise": errnoNosys}
	for _, row := range regexp.MustCompile(`(?m)^//\t(\d+) +(.*)$`).FindAllStringSubmatch(table, -1) {
		number, _ := strconv.Atoi(row[1])
		for _, name := range strings.Split(strings.Replace(row[2], "and all of path_", pathFuncs(), 1), ", ") {
			listed[name] = errno(number)
		}
	}
	for name, f := range wasiFuncs {
		want, ok := listed[name]
		if !ok {
			if !strings.Contains(text, name) {
				t.Errorf("the page does not tell of %s", name)
			}
			continue
		}
		args := make([]uint64, len(f.params))
		if len(args) > 0 {
			args[0] = 1
		}
		mem := make(memory, goldenMemory)
		if got := invoke(t, newWorld(), mem, name, args...); got != want || !bytes.Equal(mem, make(memory, goldenMemory)) {
			t.Errorf("%s returns %d, the page says %d; or it writes", name, got, want)
		}
	}
	for _, constant := range []string{strconv.FormatInt(clockStart, 10), "0x657370616c696572", "clock += 1000", "above 1024"} {
		if !strings.Contains(text, constant) {
			t.Errorf("the page does not say %s", constant)
		}
	}
	if clockStep != 1000 || randomSeed != 0x657370616c696572 || maxVectors != 1024 {
		t.Error("the page's numbers are not those of the code")
	}
}

// pathFuncs lists the functions that take a path.
func pathFuncs() string {
	var names []string
	for name := range wasiFuncs {
		if strings.HasPrefix(name, "path_") {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
