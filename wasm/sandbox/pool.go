package sandbox

import (
	"context"
	"errors"
	"sync"
)

// pool holds a module's idle instances and bounds how many are at work.
type pool struct {
	slots chan struct{} // one token for each instance at work
	mu    sync.Mutex
	idle  []*instance
	over  bool
}

func newPool(n int) *pool { return &pool{slots: make(chan struct{}, n)} }

var errClosed = errors.New("the sandbox or the plugin has been closed")

// acquire waits for permission to use one instance.
func (p *pool) acquire(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		<-p.slots
		return errClosed
	}
	return nil
}

func (p *pool) release() { <-p.slots }

// take returns an idle instance, or nil.
func (p *pool) take() *instance {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == 0 {
		return nil
	}
	i := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	return i
}

// keep stores an instance after a call that went well. One whose state cannot
// be restored is closed instead, and so is one that holds more than three
// quarters of the memory that it may have.
func (p *pool) keep(m *Module, i *instance) {
	if m.rest == nil || int64(cap(i.store.buf)) > m.options.Limits.MemoryBytes/4*3 {
		i.close()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, i)
}

// close waits for the calls under way and closes all instances. It is called
// once.
func (p *pool) close() {
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	for _, i := range p.idle {
		i.close()
	}
	p.idle = nil
	for range cap(p.slots) {
		<-p.slots
	}
}
