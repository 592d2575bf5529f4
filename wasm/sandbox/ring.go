package sandbox

// ring keeps the last bytes written to it.
type ring struct {
	buf  []byte // grows to limit, then is overwritten from next on
	next int
	// limit is the capacity in bytes; 0 keeps nothing.
	limit int
}

func (r *ring) write(p []byte) {
	if len(p) > r.limit {
		p = p[len(p)-r.limit:]
	}
	n := min(len(p), r.limit-len(r.buf))
	r.buf = append(r.buf, p[:n]...)
	for p = p[n:]; len(p) > 0; p = p[n:] {
		n = copy(r.buf[r.next:], p)
		r.next = (r.next + n) % r.limit
	}
}

// text returns what is kept, oldest first.
func (r *ring) text() string {
	return string(r.buf[r.next:]) + string(r.buf[:r.next])
}

func (r *ring) reset() {
	r.buf, r.next = r.buf[:0], 0
}
