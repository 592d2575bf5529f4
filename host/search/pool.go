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

	cancel  context.CancelFunc
	workers sync.WaitGroup

	mu     sync.Mutex
	ready  *sync.Cond // the queue is not empty, or closed
	queue  []Trial    // ascending by ID
	closed bool
}

// newPool starts the workers. work must return soon after its context has
// ended.
func newPool(ctx context.Context, workers int, work func(context.Context, Trial) *outcome) *pool {
	ctx, cancel := context.WithCancel(ctx)
	p := &pool{results: make(chan *outcome, workers), cancel: cancel}
	p.ready = sync.NewCond(&p.mu)
	for range workers {
		p.workers.Go(func() {
			for {
				t, ok := p.take()
				if !ok {
					return
				}
				p.results <- work(ctx, t)
			}
		})
	}
	return p
}

func (p *pool) take() (Trial, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.queue) == 0 && !p.closed {
		p.ready.Wait()
	}
	if p.closed {
		return Trial{}, false
	}
	t := p.queue[0]
	p.queue = p.queue[1:]
	return t, true
}

// add queues a trial.
func (p *pool) add(t Trial) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, _ := slices.BinarySearchFunc(p.queue, t.ID, func(q Trial, id int) int { return q.ID - id })
	p.queue = slices.Insert(p.queue, at, t)
	p.under++
	p.ready.Signal()
}

// stop cancels what is being trained, waits until every worker has ended, and
// returns what was not delivered yet.
func (p *pool) stop() []*outcome {
	p.cancel()
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
