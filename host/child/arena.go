package child

import "sort"

// buffer is a piece of a program's arena that holds size numbers for each
// example of the batch during the instants first..last of a step, both
// included. Buffers whose lifetimes do not meet may lie on each other.
type buffer struct {
	size        int // numbers per example
	first, last int // instants of a step; first > last: never used
	offset      int // in numbers, from the start of the arena
	floats      []float32
}

// newBuffer is a buffer that nothing has touched yet.
func newBuffer(size int) *buffer { return &buffer{size: size, first: 1 << 30, last: -1} }

// touch extends the lifetime of b, if there is a b, to the instant t.
func (b *buffer) touch(t int) {
	if b == nil {
		return
	}
	b.first = min(b.first, t)
	b.last = max(b.last, t)
}

// used reports whether anything has touched b.
func (b *buffer) used() bool { return b.first <= b.last }

// of is the part of b that belongs to the examples [from, to).
func (b *buffer) of(from, to int) []float32 { return b.floats[from*b.size : to*b.size] }

// align is the granularity of offsets in numbers: 64 bytes, a cache line.
const align = 16

func aligned(n int) int { return (n + align - 1) / align * align }

// arrange gives every buffer an offset for a batch of that many examples and
// returns the size of the arena in numbers. With share false no two buffers
// overlap. It places the largest buffers first, each into the smallest gap that
// the already placed buffers of overlapping lifetime leave (greedy by size;
// Pisarchyk & Lee 2020, section 5).
func arrange(buffers []*buffer, batch int, share bool) int {
	order := append([]*buffer(nil), buffers...)
	sort.SliceStable(order, func(i, j int) bool { return order[i].size > order[j].size })
	total := 0
	var placed []*buffer // by offset
	for _, b := range order {
		if !b.used() {
			continue
		}
		length := aligned(b.size * batch)
		b.offset = fit(placed, b, length, batch, share)
		total = max(total, b.offset+length)
		at := sort.Search(len(placed), func(i int) bool { return placed[i].offset > b.offset })
		placed = append(placed, nil)
		copy(placed[at+1:], placed[at:])
		placed[at] = b
	}
	return total
}

// fit is the offset of the smallest gap of at least length numbers between
// those of the placed buffers, sorted by offset, that live while b does.
func fit(placed []*buffer, b *buffer, length, batch int, share bool) int {
	best, bestGap, end := -1, 0, 0
	for _, p := range placed {
		if share && (p.last < b.first || b.last < p.first) {
			continue
		}
		if gap := p.offset - end; gap >= length && (best < 0 || gap < bestGap) {
			best, bestGap = end, gap
		}
		end = max(end, p.offset+aligned(p.size*batch))
	}
	if best < 0 {
		return end
	}
	return best
}

// bind points every buffer at its part of the arena.
func bind(buffers []*buffer, arena []float32, batch int) {
	for _, b := range buffers {
		if b.used() {
			b.floats = arena[b.offset : b.offset+b.size*batch : b.offset+b.size*batch]
		}
	}
}
