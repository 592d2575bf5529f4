package server

import "sync"

// bell wakes everybody who waits for it. Its zero value is ready.
type bell struct {
	mu sync.Mutex
	c  chan struct{} // nil: nobody has waited since it rang
}

// wait returns a channel that the next ring closes. Whoever takes it before
// looking at what there is misses nothing.
func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.c == nil {
		b.c = make(chan struct{})
	}
	return b.c
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.c != nil {
		close(b.c)
		b.c = nil
	}
}
