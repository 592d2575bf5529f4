package search

import (
	"fmt"
	"sync"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
)

// waiting closes some when a result has to wait for its turn.
type waiting struct {
	*Memory
	some chan struct{}
	once sync.Once
}

func (w *waiting) SavePending(d event.Done) error {
	w.once.Do(func() { close(w.some) })
	return w.Memory.SavePending(d)
}

// TestWorkers: the same study with one worker and with four, in which trial 1
// ends only when another trial's result waits for it, is the same to the bit.
func TestWorkers(t *testing.T) {
	for _, name := range []string{"reinforce", "random"} {
		for _, duplicates := range []Duplicates{Reuse, Retrain} {
			for _, lag := range []int{-1, 7} {
				t.Run(fmt.Sprintf("%s/%s/%d", name, duplicates, lag), func(t *testing.T) {
					c := toyConfig()
					c.Duplicates, c.Lag = duplicates, lag
					if c.Strategy.Name = name; name == "random" {
						c.Strategy.Params = nil
					}
					want := &Memory{}
					s := run(t, c, toyDeps(want, 1, newOracle(1)))
					if s.Counts.OK < 5 || s.Counts.Failed < 3 || s.Counts.Ended() != c.Trials {
						t.Fatalf("a poor example: %+v", s.Counts)
					}
					got := &waiting{Memory: &Memory{}, some: make(chan struct{})}
					oracle := newOracle(2)
					oracle.release = got.some // or the study would not end
					run(t, c, toyDeps(got, 4, oracle))
					sameStory(t, "four workers", got.Memory, want)
				})
			}
		}
	}
}

// TestCanonicalOrder holds the events against the rule in the package's doc.
func TestCanonicalOrder(t *testing.T) {
	for _, lag := range []int{0, 1, 4, 9, 100} {
		c := toyConfig()
		c.Lag = lag
		log := &Memory{}
		run(t, c, toyDeps(log, 3, newOracle(3)))
		const m = 4
		var want []string
		sampled, version := 0, 0
		sample := func() {
			for ; sampled < c.Trials && max(0, sampled-lag)/m <= version; sampled++ {
				want = append(want, fmt.Sprint("sampled ", sampled+1, " from ", max(0, sampled-lag)/m))
			}
		}
		sample()
		for id := 1; id <= c.Trials; id++ {
			want = append(want, fmt.Sprint("done ", id))
			if id%m == 0 {
				version++
				want = append(want, fmt.Sprint("updated ", version))
				sample()
			}
		}
		var got []string
		for e, err := range log.Events() {
			switch {
			case err != nil:
				t.Fatal(err)
			case e.Sampled != nil:
				got = append(got, fmt.Sprint("sampled ", e.Sampled.Trial, " from ", e.Sampled.Version))
			case e.Done != nil:
				got = append(got, fmt.Sprint("done ", e.Done.Trial))
			case e.Updated != nil:
				got = append(got, fmt.Sprint("updated ", e.Updated.Version))
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("lag %d:\n%v\nwant\n%v", lag, got, want)
		}
	}
}

// TestWindow: there is always work for L+1 workers, and never more than L+m
// trials wait.
func TestWindow(t *testing.T) {
	for _, rollout := range []int{1, 4, 8} {
		for _, lag := range []int{0, 3, 8, 20} {
			s := newSchedule(rollout, lag)
			for applied := range 200 {
				open := 0
				for id := applied + 1; s.turn(id) <= applied/rollout; id++ {
					open++
				}
				if open < lag+1 || open > lag+rollout {
					t.Fatalf("m %d, L %d: %d trials are open when %d are applied", rollout, lag, open, applied)
				}
			}
		}
	}
	for rollout, want := range map[int]int{0: block, 1: 8, 8: 8, 20: 20} {
		if s := newSchedule(rollout, -1); s.lag != want {
			t.Errorf("the default lag for rollouts of %d is %d, want %d", rollout, s.lag, want)
		}
	}
}

func TestChildSeed(t *testing.T) {
	seen := map[uint64]bool{}
	for study := range uint64(50) {
		for trial := 1; trial <= 50; trial++ {
			seed := ChildSeed(study, trial)
			if seen[seed] || seed > maxSeed {
				t.Fatalf("study %d trial %d has the seed %d", study, trial, seed)
			}
			seen[seed] = true
		}
	}
}
