package conformance

// exchange is a call that was answered.
type exchange struct {
	op        int
	sent, got []byte
	fuel      int64 // that it spent
}

// tape keeps a sample of all exchanges: each, at first, and then every second,
// every fourth and so on, so that it is spread over the whole check.
type tape struct {
	kept    []exchange
	bytes   int
	firsts  map[int]exchange // by operation: the first whose answer is no err
	thinned int              // one of 2^thinned is kept
	skipped int
}

// Bounds of a tape.
const (
	tapeCalls = 512
	tapeBytes = 16 << 20
	callBytes = 256 << 10 // of a payload and its answer; longer ones are not kept
)

// record keeps an exchange, or not; ok tells that its answer is no err.
func (t *tape) record(x exchange, ok bool) {
	if _, known := t.firsts[x.op]; !known && ok {
		if t.firsts == nil {
			t.firsts = map[int]exchange{}
		}
		t.firsts[x.op] = x
	}
	if t.skipped++; t.skipped < 1<<t.thinned || len(x.sent)+len(x.got) > callBytes {
		return
	}
	t.skipped = 0
	t.kept = append(t.kept, x)
	t.bytes += len(x.sent) + len(x.got)
	if len(t.kept) < tapeCalls && t.bytes < tapeBytes {
		return
	}
	t.thinned++
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
