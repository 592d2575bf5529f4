package sandbox

// memo remembers up to a bounded number of values: roughly those used last. It
// keeps two halves; when the young one is full it becomes the old one, and
// what was old is forgotten, unless it was used since.
type memo[V any] struct {
	half       int
	young, old map[string]V
}

func newMemo[V any](capacity int) *memo[V] {
	return &memo[V]{half: max(capacity/2, 1), young: map[string]V{}}
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

func (m *memo[V]) put(key []byte, v V) {
	if len(m.young) >= m.half {
		m.old, m.young = m.young, map[string]V{}
	}
	m.young[string(key)] = v
}
