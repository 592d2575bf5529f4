package conformance

import "bytes"

// exchange is a call that was answered.
type exchange struct {
	op        int
	sent, got []byte
}

// tape keeps a sample of all exchanges: each, at first, and then every second,
// every fourth and so on, so that it is spread over the whole check.
type tape struct {
	kept    []exchange
	bytes   int
	firsts  map[int]exchange // by operation: the first whose answer is no err
	every   int              // one of so many is kept
	skipped int
}

// Bounds of a tape.
const (
	tapeCalls = 512
	tapeBytes = 16 << 20
	callBytes = 256 << 10 // of a payload and its answer; longer ones are not kept
)

// record keeps an exchange, or not.
func (t *tape) record(op int, sent, got []byte) {
	x := exchange{op, sent, got}
	if _, ok := t.firsts[op]; !ok && bytes.HasPrefix(bytes.TrimLeft(got, " \t\r\n{"), []byte(`"ok"`)) {
		if t.firsts == nil {
			t.firsts, t.every = map[int]exchange{}, 1
		}
		t.firsts[op] = x
	}
	if t.skipped++; t.skipped < t.every || len(sent)+len(got) > callBytes {
		return
	}
	t.skipped = 0
	t.kept = append(t.kept, x)
	t.bytes += len(sent) + len(got)
	if len(t.kept) < tapeCalls && t.bytes < tapeBytes {
		return
	}
	t.every *= 2
	half := t.kept[:0]
	t.bytes = 0
	for i := 1; i < len(t.kept); i += 2 {
		half = append(half, t.kept[i])
		t.bytes += len(t.kept[i].sent) + len(t.kept[i].got)
	}
	clear(t.kept[len(half):])
	t.kept = half
}

// first returns the first exchange of an operation whose answer is no err.
func (t *tape) first(op int) (exchange, bool) {
	x, ok := t.firsts[op]
	return x, ok
}
