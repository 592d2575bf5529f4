package kernels

import (
	"runtime"
	"sync/atomic"
)

// Task is work in parts that can be done in any order and side by side.
type Task interface {
	// Do does one part, and may use s.
	Do(part int, s *Scratch)
}

// Team runs the parts of tasks on several threads. One with one thread runs them in place, one after the other.
// It runs one task at a time, and a part must not run another.
type Team struct {
	scratch []*Scratch // of each thread, the caller's first
	members []member   // the threads beside the caller's
	closed  atomic.Bool

	task  Task
	parts int
	left  atomic.Int32 // parts that nobody has begun
	open  atomic.Int32 // parts that are not done

	product product // of Gemm, so that it need not be allocated
}

// member is a goroutine that waits for parts, first awake, then asleep.
type member struct {
	asleep atomic.Bool
	wake   chan struct{}
}

// patience is how often a member looks for work before it falls asleep: some hundred microseconds, a few times what
// waking a thread takes.
const patience = 2000

// busyWait is how often the caller looks for the end of a task before it lets other goroutines run in between.
const busyWait = 200

// NewTeam returns a team of that many threads, the caller's included; Close ends its goroutines.
func NewTeam(threads int) *Team {
	if threads < 1 {
		panic("kernels: a team needs at least one thread")
	}
	t := &Team{scratch: make([]*Scratch, threads), members: make([]member, threads-1)}
	for i := range t.scratch {
		t.scratch[i] = NewScratch()
	}
	for i := range t.members {
		t.members[i].wake = make(chan struct{}, 1)
		go t.serve(&t.members[i], t.scratch[i+1])
	}
	return t
}

// Threads returns the number of threads, the caller's included.
func (t *Team) Threads() int { return len(t.scratch) }

// Scratch returns the buffers of the caller's thread.
func (t *Team) Scratch() *Scratch { return t.scratch[0] }

// Close ends the team's goroutines. The team must not be used afterwards.
func (t *Team) Close() {
	t.closed.Store(true)
	t.rouse()
}

// Run calls task.Do for every part in [0, parts), and returns when all are done. Which thread does which part is not
// determined. It allocates nothing.
func (t *Team) Run(task Task, parts int) {
	if len(t.members) == 0 || parts < 2 {
		for i := range parts {
			task.Do(i, t.scratch[0])
		}
		return
	}
	t.task, t.parts = task, parts
	t.open.Store(int32(parts))
	t.left.Store(int32(parts)) // the members can begin
	t.rouse()
	t.help(t.scratch[0])
	for spins := 0; t.open.Load() > 0; spins++ {
		if spins > busyWait {
			runtime.Gosched()
		}
	}
	t.task = nil
}

// rouse wakes the members that are asleep.
func (t *Team) rouse() {
	for i := range t.members {
		if m := &t.members[i]; m.asleep.CompareAndSwap(true, false) {
			m.wake <- struct{}{}
		}
	}
}

// help does parts until nobody needs to begin one. The task is read after a part has been claimed: until that part
// is done, Run does not return, and the task stays.
func (t *Team) help(s *Scratch) {
	for {
		left := t.left.Load()
		if left <= 0 {
			return
		}
		if t.left.CompareAndSwap(left, left-1) {
			t.task.Do(t.parts-int(left), s)
			t.open.Add(-1)
		}
	}
}

// serve is a member's life.
func (t *Team) serve(m *member, s *Scratch) {
	for spins := 0; !t.closed.Load(); spins++ {
		if t.left.Load() > 0 {
			t.help(s)
			spins = 0
		}
		if spins < patience {
			runtime.Gosched()
			continue
		}
		// Asleep first, then a last look: whoever adds work after it sees who is asleep.
		m.asleep.Store(true)
		if (t.left.Load() > 0 || t.closed.Load()) && m.asleep.CompareAndSwap(true, false) {
			continue
		}
		<-m.wake
		spins = 0
	}
}
