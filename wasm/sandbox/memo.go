package sandbox

// memo remembers up to a bounded number of values, of a bounded size in all:
// roughly those used last. It keeps two halves; when the young one is full it
// becomes the old one, and what was old is forgotten, unless it was used since.
type memo[V any] struct {
	half, halfBytes int
	weigh           func(V) int // size of a value in bytes
	young, old      map[string]V
	bytes           int // of the young half, keys included
}

// newMemo makes room for a number of values and of bytes.
func newMemo[V any](capacity, bytes int, weigh func(V) int) *memo[V] {
	return &memo[V]{half: max(capacity/2, 1), halfBytes: bytes / 2, weigh: weigh, young: map[string]V{}}
}

func (m *memo[V]) get(key []byte) (V, bool) {
	if v, ok := m.young[string(key)]; ok {
		return v, true
	}
	v, ok := m.old[string(key)]
	if ok {
		m.put(key, v)
	}
	return v, ok
}

// put remembers v. What is too large for a half on its own is forgotten by the
// next put but one.
func (m *memo[V]) put(key []byte, v V) {
	size := len(key) + m.weigh(v)
	if len(m.young) >= m.half || len(m.young) > 0 && m.bytes+size > m.halfBytes {
		m.old, m.young, m.bytes = m.young, map[string]V{}, 0
	}
	m.young[string(key)] = v
	m.bytes += size
}
