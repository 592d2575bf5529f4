package search

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

var errDead = errors.New("the log is dead")

// mortal is a Log that dies at one operation and then does nothing more, as
// for a process that was killed there.
type mortal struct {
	*Memory
	left int  // operations until death
	late bool // the last operation still has its effect
	// power: death also takes the events since the last commit.
	power    bool
	unsynced int
}

// do performs op unless the log is dead or dies of it.
func (m *mortal) do(op func() error) error {
	if m.left <= 0 {
		return errDead
	}
	m.left--
	if m.left > 0 {
		return op()
	}
	if m.late {
		_ = op()
	}
	if m.power {
		m.Lines = m.Lines[:len(m.Lines)-m.unsynced]
	}
	return errDead
}

func (m *mortal) Append(e event.Event) error {
	return m.do(func() error { m.unsynced++; return m.Memory.Append(e) })
}

func (m *mortal) Commit() error {
	return m.do(func() error { m.unsynced = 0; return nil })
}

func (m *mortal) SavePolicy(v int, p []byte) error {
	return m.do(func() error { return m.Memory.SavePolicy(v, p) })
}

func (m *mortal) SavePending(d event.Done) error {
	return m.do(func() error { return m.Memory.SavePending(d) })
}

func (m *mortal) DropPending(id int) error {
	return m.do(func() error { return m.Memory.DropPending(id) })
}

func (m *mortal) StageWeights(id int, w io.WriterTo) error {
	return m.do(func() error { return m.Memory.StageWeights(id, w) })
}

func (m *mortal) DropWeights(id int) error {
	return m.do(func() error { return m.Memory.DropWeights(id) })
}

func (m *mortal) PublishBest(id int, reward float64, n *spec.Network) (ok bool, err error) {
	err = m.do(func() error { ok, err = m.Memory.PublishBest(id, reward, n); return err })
	return ok, err
}

func (m *mortal) SetState(s event.StudyState, note string) error {
	return m.do(func() error { return m.Memory.SetState(s, note) })
}

// revive is what journal.Open does for a Memory: it removes what belongs to
// nothing.
func revive(t *testing.T, m *Memory) {
	t.Helper()
	var s event.State
	for e, err := range m.Events() {
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	for id := range m.Waiting {
		if row := s.Trial(id); row != nil && row.DoneSeq != 0 {
			delete(m.Waiting, id)
		}
	}
	for id := range m.Weights {
		if _, waiting := m.Waiting[id]; id != s.BestID && !waiting {
			delete(m.Weights, id)
		}
	}
	for v := range m.Policies {
		if v > len(s.Updates) {
			delete(m.Policies, v)
		}
	}
}

// TestCrash kills the study at its n-th operation on the log, for all n, and
// checks that the resumed study ends as the one that was never killed.
func TestCrash(t *testing.T) {
	for _, c := range []struct {
		workers     int
		late, power bool
	}{{1, false, false}, {3, true, false}, {2, true, true}} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			config := toyConfig()
			config.Trials = 18
			want := &Memory{}
			run(t, config, toyDeps(want, 1, newOracle(1)))
			deaths := 0
			for n := 1; ; n++ {
				log := &mortal{Memory: &Memory{}, left: n, late: c.late, power: c.power}
				_, err := try(t, config, toyDeps(log, c.workers, newOracle(uint64(n))))
				if err == nil {
					break
				}
				if !errors.Is(err, errDead) {
					t.Fatalf("death %d: %v", n, err)
				}
				deaths++
				revive(t, log.Memory)
				run(t, config, toyDeps(log.Memory, c.workers, newOracle(uint64(n+1000))))
				sameStory(t, fmt.Sprintf("death at operation %d", n), log.Memory, want)
			}
			if deaths < 40 {
				t.Errorf("only %d operations", deaths)
			}
		})
	}
}

// TestManyCrashes kills one study again and again, each time a little further
// on.
func TestManyCrashes(t *testing.T) {
	config := toyConfig()
	want := &Memory{}
	run(t, config, toyDeps(want, 1, newOracle(1)))
	got := &Memory{}
	for n := 1; ; n++ {
		if n > 500 {
			t.Fatal("the study does not get on")
		}
		log := &mortal{Memory: got, left: 3 + n%11, late: n%2 == 0, power: n%3 == 0}
		_, err := try(t, config, toyDeps(log, 1+n%4, newOracle(uint64(n))))
		if err == nil {
			break
		}
		revive(t, got)
	}
	sameStory(t, "many deaths", got, want)
}

// TestNothingTwice: what was finished before a death is not trained again.
func TestNothingTwice(t *testing.T) {
	config := toyConfig()
	for n := 1; ; n += 3 {
		log := &mortal{Memory: &Memory{}, left: n, late: true}
		first, second := newOracle(1), newOracle(2)
		first.hold = 3 // so that others have to wait for trial 1
		_, err := try(t, config, toyDeps(log, 4, first))
		if err == nil {
			return
		}
		revive(t, log.Memory)
		kept := map[int]bool{}
		for id := range log.Waiting {
			kept[id] = true
		}
		for e, err := range log.Events() {
			if err != nil {
				t.Fatal(err)
			}
			if e.Done != nil {
				kept[e.Done.Trial] = true
			}
		}
		run(t, config, toyDeps(log.Memory, 2, second))
		for id := range second.calls {
			if kept[id] {
				t.Fatalf("death at operation %d: trial %d was finished and is trained again", n, id)
			}
		}
	}
}
