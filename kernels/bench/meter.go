package main

import (
	"errors"
	"fmt"
	"syscall"
	"time"
)

// meter measures contestants in turns, on the thread that calls it.
type meter struct {
	contestants []contestant
	rounds      int
	burst       time.Duration // of one turn, beside what warms it up
}

// turn is a contestant in the rounds of one product.
type turn struct {
	contestant
	entry
	calls, warmup int     // of one burst
	flop          float64 // of a call
}

// measure runs the rounds. Each round gives every contestant a turn, and the first turn rotates, so that what changes
// slowly, such as the clock frequency, meets all alike. A turn is a burst of calls without a pause, in
// which the threads of a library stay awake, as in a program that does nothing else.
func (m *meter) measure(o *operands, threads int) (row, error) {
	r := row{shape: o.shape, Threads: threads, Rates: map[string][]float64{}, Errors: map[string]float64{}}
	var turns []*turn
	defer func() {
		for _, t := range turns {
			if t.free != nil {
				t.free()
			}
		}
	}()
	for _, c := range m.contestants {
		if c.takes != nil && !c.takes(o.shape, threads) {
			continue
		}
		t, err := m.ready(c, o, threads, r.Errors)
		if t != nil {
			turns = append(turns, t)
		}
		if err != nil {
			return r, fmt.Errorf("%s, %v on %d threads: %w", c.name, o.shape, threads, err)
		}
	}
	for round := range m.rounds {
		for i := range turns {
			t := turns[(i+round)%len(turns)]
			if t.slow && round > 0 {
				continue
			}
			rate, err := t.take()
			if err != nil {
				return r, fmt.Errorf("%s, %v on %d threads: %w", t.name, o.shape, threads, err)
			}
			r.Rates[t.name] = append(r.Rates[t.name], rate)
		}
	}
	return r, nil
}

// ready prepares a contestant, checks its result, and finds how many calls make a burst.
func (m *meter) ready(c contestant, o *operands, threads int, errs map[string]float64) (*turn, error) {
	e, err := c.prepare(o, threads)
	if err != nil {
		return nil, err
	}
	t := &turn{contestant: c, entry: e, flop: o.flop()}
	if c.flop != nil {
		t.flop = c.flop(threads)
	}
	if err := settle(); err != nil {
		return t, err
	}
	o.spoil()
	if _, err := t.time(1); err != nil {
		return t, err
	}
	if c.flop == nil {
		if errs[c.name], err = o.worstError(); err != nil {
			return t, err
		}
	}
	return t, t.calibrate(m.burst)
}

// calibrate sets how many calls fill a burst, and how many go before it: a quarter as many, so that memory is mapped,
// caches are filled, threads are awake and the clock is up; none where a call is longer than two bursts.
func (t *turn) calibrate(burst time.Duration) error {
	for n := 1; ; n *= 2 {
		d, err := t.time(n)
		if err != nil {
			return err
		}
		if d >= burst/4 || n >= 1<<20 {
			t.calls = max(1, int(float64(n)*float64(burst)/float64(d)))
			t.warmup = max(1, t.calls/4)
			if d > time.Duration(2*n)*burst {
				t.warmup = 0
			}
			return nil
		}
	}
}

// take waits for silence, warms up, and returns the rate of one burst in GFLOP/s.
func (t *turn) take() (float64, error) {
	if err := settle(); err != nil {
		return 0, err
	}
	if t.warmup > 0 {
		if _, err := t.time(t.warmup); err != nil {
			return 0, err
		}
	}
	d, err := t.time(t.calls)
	return t.flop * float64(t.calls) / d.Seconds() / 1e9, err
}

// time returns how long so many calls take.
func (t *turn) time(calls int) (time.Duration, error) {
	run := func() (time.Duration, error) {
		start := time.Now()
		err := t.run(calls)
		return time.Since(start), err
	}
	if t.foreign {
		return run()
	}
	// A goroutine that is bound to a thread, as the caller is, would pay for every hand-over to another one.
	var d time.Duration
	var err error
	done := make(chan struct{})
	go func() {
		d, err = run()
		close(done)
	}()
	<-done
	return d, err
}

// settle waits until all threads of the process sleep. After a call, those of OpenBLAS and OpenMP spin for
// up to a tenth of a second in the hope of the next one, and would take a core from the next contestant.
func settle() error {
	const window = 2 * time.Millisecond
	for range 500 {
		used, start := processTime(), time.Now()
		time.Sleep(window)
		if processTime()-used < time.Since(start)/5 {
			return nil
		}
	}
	return errors.New("threads still spin a second after the last call")
}

// processTime returns the CPU time that the process's threads have used.
func processTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
