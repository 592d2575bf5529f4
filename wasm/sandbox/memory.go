package sandbox

import "encoding/binary"

// memory is a guest's linear memory while one host function runs. Guest
// pointers are unsigned and may point anywhere, so every access is checked.
type memory []byte

// at returns the n bytes from ptr on, or false where they are not all there.
func (m memory) at(ptr, n uint64) ([]byte, bool) {
	if end := uint64(uint32(ptr)) + uint64(uint32(n)); end > uint64(len(m)) {
		return nil, false
	}
	return m[uint32(ptr):][:uint32(n)], true
}

func (m memory) putU32(ptr uint64, v uint32) bool {
	b, ok := m.at(ptr, 4)
	if ok {
		binary.LittleEndian.PutUint32(b, v)
	}
	return ok
}

func (m memory) putU64(ptr uint64, v uint64) bool {
	b, ok := m.at(ptr, 8)
	if ok {
		binary.LittleEndian.PutUint64(b, v)
	}
	return ok
}

func (m memory) u32(ptr uint64) (uint32, bool) {
	b, ok := m.at(ptr, 4)
	if !ok {
		return 0, false
	}
	return binary.LittleEndian.Uint32(b), true
}

// store is the memory behind one instance. It grows by doubling, so that a
// guest that grows page by page copies each byte a constant number of times.
type store struct {
	buf    []byte
	limit  uint64
	denied uint64 // the largest size asked for in vain
	// shrinkTo, if not zero, is the size that the next resize gives in place
	// of the one it is asked for.
	shrinkTo uint64
}

// resize returns the memory at the given size, new bytes zero, or nil if that
// is too much.
func (s *store) resize(size uint64) []byte {
	if s.shrinkTo > 0 {
		s.buf, s.shrinkTo = s.buf[:s.shrinkTo], 0
		return s.buf
	}
	if size > s.limit {
		s.denied = max(s.denied, size)
		return nil
	}
	old := uint64(len(s.buf))
	if size > uint64(cap(s.buf)) {
		grown := make([]byte, size, min(max(size, 2*old), s.limit))
		copy(grown, s.buf)
		s.buf = grown
		return s.buf
	}
	s.buf = s.buf[:size]
	clear(s.buf[old:]) // what was there before the memory shrank
	return s.buf
}
