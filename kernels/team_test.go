package kernels

import (
	"runtime"
	"sync/atomic"
	"testing"
)

// counting counts how often each part is done, and on how many scratches.
type counting struct {
	done    []atomic.Int32
	scratch map[*Scratch]*atomic.Int32
}

func (c *counting) Do(part int, s *Scratch) {
	c.done[part].Add(1)
	c.scratch[s].Add(1)
	if part%3 == 0 {
		runtime.Gosched()
	}
}

func TestTeamDoesEveryPartOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 3, 8} {
		team := NewTeam(threads)
		c := &counting{scratch: map[*Scratch]*atomic.Int32{}}
		for _, s := range team.scratch {
			c.scratch[s] = new(atomic.Int32)
		}
		for round := range 3000 {
			parts := round % 17
			c.done = make([]atomic.Int32, parts)
			team.Run(c, parts)
			for i := range c.done {
				if n := c.done[i].Load(); n != 1 {
					t.Fatalf("%d threads, round %d: part %d was done %d times", threads, round, i, n)
				}
			}
		}
		if team.Threads() != threads || c.scratch[team.Scratch()].Load() == 0 {
			t.Errorf("%d threads: the team has %d, and the caller's did nothing or has another scratch", threads, team.Threads())
		}
		team.Close()
	}
}

// meeting ends only if two threads are in it at a time.
type meeting struct{ arrived atomic.Int32 }

func (m *meeting) Do(int, *Scratch) {
	m.arrived.Add(1)
	for m.arrived.Load() < 2 {
		runtime.Gosched()
	}
}

func TestTeamRunsPartsSideBySide(t *testing.T) {
	team := NewTeam(2)
	defer team.Close()
	for range 100 {
		team.Run(&meeting{}, 2)
	}
}

func TestTeamAllocatesNothing(t *testing.T) {
	for _, threads := range []int{1, 2} {
		team := NewTeam(threads)
		c := &counting{done: make([]atomic.Int32, 5), scratch: map[*Scratch]*atomic.Int32{}}
		for _, s := range team.scratch {
			c.scratch[s] = new(atomic.Int32)
		}
		if n := testing.AllocsPerRun(100, func() { team.Run(c, 5) }); n != 0 {
			t.Errorf("%d threads: %v allocations", threads, n)
		}
		team.Close()
	}
}

func TestTeamOfNobody(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a team without threads was made")
		}
	}()
	NewTeam(0)
}
