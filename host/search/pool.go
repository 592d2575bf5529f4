package search

import (
	"context"
	"slices"
	"sync"
)

// pool trains trials with a fixed number of workers, the lowest number first.
// Its methods are for one goroutine.
type pool struct {
	// results delivers each added trial once.
	results chan *outcome
	// under is the number of trials added and not yet delivered, as counted by
	// whoever adds and receives.
	under int

	cancelAll context.CancelFunc
	workers   sync.WaitGroup

	mu      sync.Mutex
	ready   *sync.Cond // the queue is not empty, or closed
	queue   []Trial    // ascending by ID
	held    bool       // nothing is taken from the queue
	closed  bool
	cancels map[int]context.CancelFunc // of the trials that are being trained
}

// newPool starts the workers. work must return soon after its context has
// ended.
func newPool(ctx context.Context, workers int, work func(context.Context, Trial) *outcome) *pool {
	ctx, cancel := context.WithCancel(ctx)
	p := &pool{results: make(chan *outcome, workers), cancelAll: cancel, cancels: map[int]context.CancelFunc{}}
	p.ready = sync.NewCond(&p.mu)
	for range workers {
		p.workers.Go(func() {
			for {
				t, ctx, ok := p.take(ctx)
				if !ok {
					return
				}
				o := work(ctx, t)
				p.forget(t.ID)
				p.results <- o
			}
		})
	}
	return p
}

// take waits for a trial and returns it with the context of its training.
func (p *pool) take(ctx context.Context) (Trial, context.Context, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for (len(p.queue) == 0 || p.held) && !p.closed {
		p.ready.Wait()
	}
	if p.closed {
		return Trial{}, nil, false
	}
	t := p.queue[0]
	p.queue = p.queue[1:]
	ctx, p.cancels[t.ID] = context.WithCancel(ctx)
	return t, ctx, true
}

// forget ends the context of a training.
func (p *pool) forget(id int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cancels[id]()
	delete(p.cancels, id)
}

// hold lets the workers begin nothing, or go on.
func (p *pool) hold(held bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = held
	p.ready.Broadcast()
}

// cancel takes a trial out of the queue, or else ends the context of its
// training. It reports whether the trial was still in the queue; otherwise
// results delivers it, unless it is already there.
func (p *pool) cancel(id int) (queued bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at, found := p.find(id); found {
		p.queue = slices.Delete(p.queue, at, at+1)
		p.under--
		return true
	}
	if cancel := p.cancels[id]; cancel != nil {
		cancel()
	}
	return false
}

// find is where a trial is in the queue, or belongs.
func (p *pool) find(id int) (at int, found bool) {
	return slices.BinarySearchFunc(p.queue, id, func(q Trial, id int) int { return q.ID - id })
}

// add queues a trial.
func (p *pool) add(t Trial) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, _ := p.find(t.ID)
	p.queue = slices.Insert(p.queue, at, t)
	p.under++
	p.ready.Signal()
}

// stop cancels what is being trained, waits until every worker has ended, and
// returns what was not delivered yet.
func (p *pool) stop() []*outcome {
	p.cancelAll()
	p.mu.Lock()
	p.closed = true
	p.ready.Broadcast()
	p.mu.Unlock()
	go func() {
		p.workers.Wait()
		close(p.results)
	}()
	var rest []*outcome
	for o := range p.results {
		rest = append(rest, o)
	}
	return rest
}
