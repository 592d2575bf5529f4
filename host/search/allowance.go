package search

import (
	"context"
	"runtime"
	"slices"
	"sync"
)

// allowance lets children hold so much memory together and no more. Who asks
// first is served first, lest small children keep a large one waiting for ever.
type allowance struct {
	limit int64 // in bytes

	mu      sync.Mutex
	held    int64    // by children under way
	garbage int64    // at most what others held that is not collected yet
	queue   []*claim // in order
}

// claim is a child's wish for memory.
type claim struct {
	bytes   int64
	granted chan struct{} // closed when it is
}

// take waits until there are so many bytes, at most the limit, or ctx ends.
func (a *allowance) take(ctx context.Context, bytes int64) error {
	c := &claim{bytes, make(chan struct{})}
	a.mu.Lock()
	a.queue = append(a.queue, c)
	a.grant()
	a.mu.Unlock()
	select {
	case <-c.granted:
		return nil
	case <-ctx.Done():
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if at := slices.Index(a.queue, c); at >= 0 {
		a.queue = slices.Delete(a.queue, at, at+1)
	} else { // granted at the last moment
		a.held -= bytes
	}
	a.grant()
	return ctx.Err()
}

// give returns what was taken; nothing refers to the memory any more.
func (a *allowance) give(bytes int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held -= bytes
	a.garbage += bytes
	a.grant()
}

// grant serves the queue as far as the memory goes. The collector would
// otherwise let as much garbage gather as there is memory in use.
func (a *allowance) grant() {
	for len(a.queue) > 0 && a.held+a.queue[0].bytes <= a.limit {
		c := a.queue[0]
		if a.held+a.garbage+c.bytes > a.limit {
			runtime.GC()
			a.garbage = 0
		}
		a.held += c.bytes
		a.queue = a.queue[1:]
		close(c.granted)
	}
}
