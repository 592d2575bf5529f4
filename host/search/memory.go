package search

import (
	"bytes"
	"io"
	"iter"
	"maps"
	"slices"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Memory is a Log without a disk, for a browser tab and for tests. Its zero
// value is empty. It holds events as journal lines, so that what is read back
// is what a file would give.
type Memory struct {
	Lines    [][]byte // without newlines
	Policies map[int][]byte
	Waiting  map[int][]byte // pending ends of trials, as journal lines
	Weights  map[int][]byte // staged, and those of the best trial
	// BestTrial and BestNetwork are what was published.
	BestTrial   int
	BestNetwork *spec.Network
	State       event.StudyState
	Note        string
}

// Events decodes the lines.
func (m *Memory) Events() iter.Seq2[event.Event, error] {
	lines := m.Lines
	return func(yield func(event.Event, error) bool) {
		for _, line := range lines {
			e, err := event.ParseLine(line)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Append encodes e.
func (m *Memory) Append(e event.Event) error {
	line, err := event.AppendLine(nil, e)
	if err == nil {
		m.Lines = append(m.Lines, bytes.TrimSuffix(line, []byte("\n")))
	}
	return err
}

// Commit does nothing: memory has no more durable form.
func (m *Memory) Commit() error { return nil }

// SavePolicy keeps the newest snapshot only.
func (m *Memory) SavePolicy(version int, policy []byte) error {
	m.Policies = map[int][]byte{version: policy}
	return nil
}

// Policy returns the newest snapshot before a version.
func (m *Memory) Policy(before int) (int, []byte, bool) {
	for _, v := range slices.Backward(slices.Sorted(maps.Keys(m.Policies))) {
		if before < 0 || v < before {
			return v, m.Policies[v], true
		}
	}
	return 0, nil, false
}

// SavePending keeps a result.
func (m *Memory) SavePending(done event.Done) error {
	line, err := event.AppendLine(nil, event.Event{Type: event.TrialDone, Done: &done})
	if err != nil {
		return err
	}
	set(&m.Waiting, done.Trial, bytes.TrimSuffix(line, []byte("\n")))
	return nil
}

// DropPending forgets a result.
func (m *Memory) DropPending(trial int) error {
	delete(m.Waiting, trial)
	return nil
}

// Pending returns the kept results.
func (m *Memory) Pending() ([]event.Done, error) {
	ended := map[int]bool{}
	for e, err := range m.Events() {
		if err != nil {
			return nil, err
		}
		if e.Done != nil {
			ended[e.Done.Trial] = true
		}
	}
	var all []event.Done
	for _, id := range slices.Sorted(maps.Keys(m.Waiting)) {
		e, err := event.ParseLine(m.Waiting[id])
		if err != nil {
			return nil, err
		}
		if !ended[id] {
			all = append(all, *e.Done)
		}
	}
	return all, nil
}

// StageWeights keeps weights.
func (m *Memory) StageWeights(trial int, weights io.WriterTo) error {
	var b bytes.Buffer
	if _, err := weights.WriteTo(&b); err != nil {
		return err
	}
	set(&m.Weights, trial, b.Bytes())
	return nil
}

// DropWeights forgets weights.
func (m *Memory) DropWeights(trial int) error {
	delete(m.Weights, trial)
	return nil
}

// PublishBest remembers the best trial and forgets the weights of the last one.
func (m *Memory) PublishBest(trial int, _ float64, network *spec.Network) (bool, error) {
	if m.BestTrial != trial {
		delete(m.Weights, m.BestTrial)
	}
	m.BestTrial, m.BestNetwork = trial, network
	_, ok := m.Weights[trial]
	return ok, nil
}

// SetState remembers how the study stands.
func (m *Memory) SetState(state event.StudyState, note string) error {
	m.State, m.Note = state, note
	return nil
}

func set(m *map[int][]byte, key int, value []byte) {
	if *m == nil {
		*m = map[int][]byte{}
	}
	(*m)[key] = value
}
