package event

import (
	"strconv"
	"time"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Running is the status of a trial that has been sampled and has not ended.
const Running Status = "running"

// Trial is one row of a State: what a table shows. The decisions, the network
// and the log-probabilities stay in the event SampledSeq, since twenty thousand
// of them would not fit a browser tab.
type Trial struct {
	ID          int
	Status      Status
	Version     int // policy version that sampled it
	Depth       int // value of the scheduled depth parameter; 0: no schedule
	Seed        uint64
	Answers     string // compact, e.g. "3 0 [0,2] 1"
	LogProb     float64
	NetworkID   string
	Params      int64
	MACs        int64
	DuplicateOf int // trial whose result it has, or waits for; 0: none
	Repeats     int // DuplicateOf when it was sampled
	Sampled     time.Time
	SampledSeq  int64

	// Metrics holds the curve so far of a running trial, if live events are
	// applied, and that of an ended one.
	Metrics spec.Metrics
	Reason  string // why it failed, or, if it has been cancelled and waits for its turn, will fail
	Reward  spec.Reward
	Seconds float64 // wall time of the training
	Done    time.Time
	DoneSeq int64
}

// CompactAnswers writes answers as text: choices and pointers as integers,
// sets of anchor points in brackets.
func CompactAnswers(answers spec.Answers) string {
	b := make([]byte, 0, 3*len(answers))
	for i, a := range answers {
		if i > 0 {
			b = append(b, ' ')
		}
		if !a.Set {
			b = strconv.AppendInt(b, int64(a.Index), 10)
			continue
		}
		b = append(b, '[')
		for j, anchor := range a.Anchors {
			if j > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, int64(anchor), 10)
		}
		b = append(b, ']')
	}
	return string(b)
}

func sampledTrial(e Event) Trial {
	p := e.Sampled
	return Trial{
		ID:          p.Trial,
		Status:      Running,
		Version:     p.Version,
		Depth:       p.Depth,
		Seed:        p.Seed,
		Answers:     CompactAnswers(p.Answers),
		LogProb:     p.LogProb,
		NetworkID:   p.NetworkID,
		Params:      p.Params,
		MACs:        p.MACs,
		DuplicateOf: p.DuplicateOf,
		Repeats:     p.DuplicateOf,
		Sampled:     e.Time,
		SampledSeq:  e.Seq,
	}
}

// end completes the row with what the trial.done event e says.
func (t *Trial) end(e Event) {
	p := e.Done
	t.Status = p.Status
	t.Reason = p.Reason
	t.Reward = p.Reward
	t.Metrics = p.Metrics
	t.DuplicateOf = p.DuplicateOf
	t.Seconds = p.Seconds
	t.Done = e.Time
	t.DoneSeq = e.Seq
}

// better reports whether an ended trial t beats the best so far: by reward,
// among equals the lower ID, so that the order of arrival does not matter.
func (t *Trial) better(best *Trial) bool {
	if t.Reward.Reward != best.Reward.Reward {
		return t.Reward.Reward > best.Reward.Reward
	}
	return t.ID < best.ID
}
