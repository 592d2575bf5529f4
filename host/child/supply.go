package child

import "math/rand/v2"

// supply brings images into a program, batch by batch. With a helper, each
// batch is prepared while the program still works on the one before. Batches
// are prepared in their order either way, so the random numbers, and with them
// the bits, are the same.
//
// Why is a batch prepared elsewhere and copied? While the program works, the
// input's memory holds other values. A copy costs a fraction of preparing.
type supply struct {
	program *Program
	labels  []int32 // of the batch in the program

	// The pass under way, over the images at the indices in order, or over all
	// as they are stored if that is nil. at of n images are prepared.
	feed  *feeder
	order []int
	rng   *rand.Rand
	at, n int

	helper *helper // nil: none
}

// helper is what a supply shares with its goroutine. The goroutine may touch
// both between an ask and the answer.
type helper struct {
	asks   chan int // for so many images
	done   chan any // they are prepared, unless it is what the goroutine panicked with
	asked  int      // images that were asked for and not taken
	input  []float32
	labels []int32
}

// newSupply makes a supply for p. The caller closes it.
func newSupply(p *Program) *supply {
	s := &supply{program: p, labels: make([]int32, p.batch)}
	s.staff()
	return s
}

// staff gives the supply a helper if its program has several threads, and takes
// it away if not. No pass is under way.
func (s *supply) staff() {
	switch several := s.program.threads > 1; {
	case several && s.helper == nil:
		s.helper = &helper{
			asks: make(chan int, 1), done: make(chan any, 1),
			input: make([]float32, s.program.batch*s.program.input.size()), labels: make([]int32, s.program.batch),
		}
		go s.help(s.helper)
	case !several:
		s.close()
	}
}

// supplyBytes is the memory that a supply holds for batches of that many
// images. A helper's share is always counted, lest a child fit or not by the
// number of threads.
func supplyBytes(batch, stride int) int64 { return int64(batch) * (4*int64(stride) + 8) }

// close ends the helper, if there is one, and waits for it.
func (s *supply) close() {
	if s.helper != nil {
		close(s.helper.asks)
		for range s.helper.done {
		}
		s.helper = nil
	}
}

// begin starts a pass. What is left of another one is dropped.
func (s *supply) begin(f *feeder, order []int, rng *rand.Rand) {
	if h := s.helper; h != nil && h.asked > 0 {
		<-h.done
		h.asked = 0
	}
	s.feed, s.order, s.rng, s.at, s.n = f, order, rng, 0, f.images.N
	if order != nil {
		s.n = len(order)
	}
	s.ask()
}

// take puts the next batch into the program's input and returns its labels,
// valid until the next call; none at the end of the pass.
func (s *supply) take() []int32 {
	h := s.helper
	if h == nil {
		labels := s.labels[:s.left()]
		s.prepare(s.program.Input(len(labels)), labels)
		return labels
	}
	labels := s.labels[:h.asked]
	if h.asked > 0 {
		h.asked = 0
		if problem := <-h.done; problem != nil {
			panic(problem)
		}
		copy(s.program.Input(len(labels)), h.input)
		copy(labels, h.labels)
		s.ask()
	}
	return labels
}

// left is the size of the next batch to be prepared.
func (s *supply) left() int { return min(s.program.batch, s.n-s.at) }

// prepare writes the next images into dst, (N, H, W, C), and their labels.
func (s *supply) prepare(dst []float32, labels []int32) {
	if s.order != nil {
		s.feed.batch(dst, labels, s.order[s.at:s.at+len(labels)], s.rng)
	} else {
		s.feed.span(dst, labels, s.at)
	}
	s.at += len(labels)
}

// ask has the helper, if there is one, prepare the next batch.
func (s *supply) ask() {
	if h := s.helper; h != nil {
		if h.asked = s.left(); h.asked > 0 {
			h.asks <- h.asked
		}
	}
}

// help is the helper's life.
func (s *supply) help(h *helper) {
	for count := range h.asks {
		h.done <- s.attempt(h.input, h.labels[:count])
	}
	close(h.done)
}

// attempt prepares a batch. What it panics with is returned, for the goroutine
// that trains to panic with.
func (s *supply) attempt(dst []float32, labels []int32) (problem any) {
	defer func() { problem = recover() }()
	s.prepare(dst, labels)
	return nil
}
