package sandbox

import "encoding/binary"

// Layout of poll_oneoff's records in bytes (WASI preview 1).
const (
	subscriptionBytes = 48 // userdata, tag, then by tag
	eventBytes        = 32 // userdata, error, type, then bytes ready and flags

	tagClock   = 0
	tagFdRead  = 1
	tagFdWrite = 2

	absoluteTime = 1
)

// subscription is one thing that a guest waits for.
type subscription struct {
	userdata uint64
	tag      byte
	err      errno
	due      uint64 // of a clock: when it rings, in state.clock's time
}

// poll is poll_oneoff(*subscriptions, *events, count, *happened). Streams are
// always ready; otherwise the clock jumps to the first alarm, so that sleeping
// takes no time. The events come in the subscriptions' order.
func poll(w *world, mem memory, a []uint64) errno {
	count := uint64(uint32(a[2]))
	if count == 0 || count > maxVectors {
		return errnoInval
	}
	in, ok1 := mem.at(a[0], count*subscriptionBytes)
	out, ok2 := mem.at(a[1], count*eventBytes)
	if !ok1 || !ok2 {
		return errnoFault
	}
	w.work = 16 * int64(count)
	subs := make([]subscription, count)
	ready, first := false, ^uint64(0)
	for i := range subs {
		subs[i] = w.subscription(in[i*subscriptionBytes:][:subscriptionBytes])
		if subs[i].tag == tagClock && subs[i].err == errnoSuccess {
			first = min(first, subs[i].due)
		} else {
			ready = true
		}
	}
	if !ready {
		w.state.clock = max(w.state.clock, first)
	}
	happened := 0
	for _, s := range subs {
		if s.tag == tagClock && s.err == errnoSuccess && s.due > w.state.clock {
			continue
		}
		e := out[happened*eventBytes:][:eventBytes]
		clear(e)
		binary.LittleEndian.PutUint64(e, s.userdata)
		binary.LittleEndian.PutUint16(e[8:], uint16(s.err))
		e[10] = s.tag
		happened++
	}
	return written(mem.putU32(a[3], uint32(happened)))
}

func (w *world) subscription(b []byte) subscription {
	s := subscription{userdata: binary.LittleEndian.Uint64(b), tag: b[8]}
	id := binary.LittleEndian.Uint32(b[16:])
	switch s.tag {
	case tagClock:
		timeout := binary.LittleEndian.Uint64(b[24:])
		flags := binary.LittleEndian.Uint16(b[40:])
		switch {
		case id > clockThread:
			s.err = errnoInval
		case flags&absoluteTime == 0:
			s.due = saturatingAdd(w.state.clock, timeout)
		case id == clockRealtime:
			s.due = timeout - min(timeout, clockStart)
		default:
			s.due = timeout
		}
	case tagFdRead, tagFdWrite:
		if !isStream(uint64(id)) {
			s.err = errnoBadf
		}
	default:
		s.err = errnoInval
	}
	return s
}

func saturatingAdd(a, b uint64) uint64 {
	if a+b < a {
		return ^uint64(0)
	}
	return a + b
}
