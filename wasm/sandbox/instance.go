package sandbox

import (
	"context"
	"fmt"
)

// instance is one guest that runs one call at a time.
type instance struct {
	*machine
	used  bool // a call has run since its state was last that of the snapshot
	lines int  // that a guest may log during one call
}

// snapshot is the whole state of a guest at rest.
type snapshot struct {
	memory  []byte
	globals []uint64
	world   machineState
}

func (i *instance) save() *snapshot {
	s := &snapshot{memory: append([]byte(nil), i.memory()...), world: i.world.state}
	for _, g := range i.globals {
		s.globals = append(s.globals, g.Get())
	}
	return s
}

// restore makes the guest as it was when s was saved. It reports false if the
// memory cannot have that size.
func (i *instance) restore(s *snapshot) bool {
	if n := len(i.memory()) - len(s.memory); n > 0 && !i.shrink(len(s.memory)) || n < 0 && !i.grow(len(s.memory)) {
		return false
	}
	copy(i.memory(), s.memory)
	for n, g := range i.globals {
		g.Set(s.globals[n])
	}
	i.world.state = s.world
	i.used = false
	return true
}

// reply runs one call: it hands the payload over in memory that the guest
// allocates and copies the answer out.
func (i *instance) reply(ctx context.Context, q request) ([]byte, error) {
	i.used = true
	i.world.tail.reset()
	i.world.lines = i.lines
	i.store.denied = 0
	ptr, err := i.call(ctx, exportAlloc, uint64(len(q.payload)))
	if err != nil {
		return nil, err
	}
	room, ok := i.memory().at(ptr, uint64(len(q.payload)))
	switch {
	case uint32(ptr) == 0:
		v := broken("alloc", "esp_alloc(%d) has no memory left: it answered 0", len(q.payload))
		v.hint = "let esp_alloc answer the address of so many bytes that nothing else uses; grow the memory where they are lacking"
		return nil, v
	case !ok:
		v := broken("alloc", "esp_alloc(%d) answered %d, which ends outside of its memory of %d bytes", len(q.payload), uint32(ptr), len(i.memory()))
		v.hint = "grow the memory before answering an address near its end"
		return nil, v
	}
	copy(room, q.payload)
	packed, err := i.call(ctx, exportCall, uint64(q.op), ptr, uint64(len(q.payload)))
	if err != nil {
		return nil, err
	}
	answer, err := i.answer(packed, q.answer)
	if err == nil && q.free {
		_, err = i.call(ctx, exportFree, ptr, uint64(len(q.payload)))
	}
	return answer, err
}

// abi asks the guest for the version of the interface that it speaks.
func (i *instance) abi(ctx context.Context) (major, minor int, err error) {
	v, err := i.call(ctx, exportABI)
	return int(uint32(v) >> 16), int(uint32(v) & 0xffff), err
}

// violation is an answer or a size that the interface does not allow.
type violation struct {
	kind error // ErrLimit or ErrProtocol
	code string
	msg  string
	hint string // empty where the message says all
}

func (v *violation) Error() string { return v.msg }

func broken(code, format string, args ...any) *violation {
	return &violation{kind: ErrProtocol, code: code, msg: fmt.Sprintf(format, args...)}
}
