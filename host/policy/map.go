package policy

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Map is the policy along one trial's answers, version by version: decision i
// is asked after the trial's answers to the decisions before it, whatever the
// version would rather have answered. All log-probabilities and entropies are
// in nats. Numbers are rounded to six decimals; an Explanation has them in full.
type Map struct {
	Trial int `json:"trial"`
	// Sampled is the version that sampled the trial.
	Sampled int `json:"sampled"`
	// Learned is the version that the update made which learned from the trial;
	// 0: none has, or not yet.
	Learned int `json:"learned,omitempty"`
	// Newest is the newest version of the study.
	Newest int `json:"newest"`
	// Versions are those that the map shows, ascending. Sampled, Learned-1,
	// Learned and Newest are among them, unless Note says that some could not be
	// brought back.
	Versions []int `json:"versions"`
	// Entropy and LogProb have one entry for each of Versions: the mean over the
	// decisions, and the log-probability of all the answers together.
	Entropy   []float64     `json:"entropy"`
	LogProb   []float64     `json:"log_prob"`
	Decisions []MapDecision `json:"decisions"`
	// Note says, in sentences, what a reader must know of the numbers: that they
	// are rounded otherwise than the study's own, or that there are fewer versions
	// than were asked for. Empty: nothing.
	Note string `json:"note,omitempty"`
}

// MapDecision is one decision under each version of a Map.
type MapDecision struct {
	Question
	// Probs has a row for each of Map.Versions with the probability of each of
	// Options. Rows sum to one, but those of an anchors decision: there each
	// candidate has its own probability of being chosen.
	Probs [][]float64 `json:"probs"`
	// Entropy has one entry for each of Map.Versions.
	Entropy []float64 `json:"entropy"`
}

// Points is how many versions a Map shows unless told otherwise.
const Points = 48

// mapCells is about how many probabilities a Map has at most, so that a space of
// thousands of options does not make one of hundreds of megabytes.
const mapCells = 1 << 19

// atOnce is how many updates a study has at most of which a Map can show every
// version: going through them takes some hundred milliseconds.
const atOnce = 256

// Map returns the policy along a trial's answers, under at most so many versions
// (0: Points), or the few that are marks of the trial. Of a short study it can
// show every version. Of a long one it takes, besides the marks, versions that are
// at hand: when Advance is done there are up to 64, spread over the study.
//
// It goes through updates as far as the marks need it, which ctx may end; what was
// done until then is not lost. The error is an ErrNoTrial, an ErrTooMuch or an
// ErrHistory, or ctx has ended.
func (p *Player) Map(ctx context.Context, trial, points int) (*Map, error) {
	if err := p.take(ctx); err != nil {
		return nil, err
	}
	defer p.give()
	s, err := p.subject(trial)
	if err != nil {
		return nil, err
	}
	_, newest := p.Progress()
	m := &Map{Trial: trial, Sampled: s.sampled, Learned: s.learned, Newest: newest}
	for _, q := range s.questions {
		m.Decisions = append(m.Decisions, MapDecision{Question: q})
	}
	if points <= 0 {
		points = Points
	}
	if most := mapCells / max(1, s.options); most < min(points, newest+1) {
		points = most
		m.note("The decisions have %d options together, so only some versions are shown.", s.options)
	}
	marks := m.marks()
	for _, version := range marks {
		if err := p.reach(ctx, version); err != nil {
			return nil, err
		}
	}
	held := p.replay.shelf.versions()
	if newest <= atOnce {
		held = nil
		for version := range newest + 1 {
			held = append(held, version)
		}
	}
	return m, p.fill(ctx, m, s, pick(held, marks, points))
}

// fill adds versions to a map.
func (p *Player) fill(ctx context.Context, m *Map, s subject, versions []int) error {
	rounded, left := false, error(nil)
	for _, version := range versions {
		t, err := p.think(ctx, version, s)
		switch {
		case errors.Is(err, errLost):
			left = err
			continue
		case err != nil:
			return err
		}
		m.add(version, t)
		rounded = rounded || t.fidelity == near
	}
	if left != nil && len(m.Versions) == 0 {
		return left
	}
	if rounded {
		m.note("%s", p.roundingNote())
	}
	if left != nil {
		m.note("%d of the versions could not be brought back: %s, and the difference grew with every update.", len(versions)-len(m.Versions), p.otherRounding())
	}
	return nil
}

// note adds a sentence.
func (m *Map) note(format string, args ...any) {
	m.Note = strings.TrimSpace(m.Note + " " + fmt.Sprintf(format, args...))
}

// marks are the versions that matter to the trial, and the newest; ascending.
func (m *Map) marks() []int {
	marks := []int{m.Sampled, m.Newest}
	if m.Learned > 0 {
		marks = append(marks, m.Learned-1, m.Learned)
	}
	slices.Sort(marks)
	return slices.Compact(marks)
}

// add appends what one version thinks.
func (m *Map) add(version int, t thought) {
	m.Versions = append(m.Versions, version)
	for i, v := range t.steps {
		row := make([]float64, len(v.Probs))
		for k, p := range v.Probs {
			row[k] = round(p)
		}
		m.Decisions[i].Probs = append(m.Decisions[i].Probs, row)
		m.Decisions[i].Entropy = append(m.Decisions[i].Entropy, round(v.Entropy))
	}
	m.LogProb = append(m.LogProb, round(t.logProb))
	m.Entropy = append(m.Entropy, round(t.entropy/float64(max(1, len(t.steps)))))
}

// round keeps six decimals.
func round(x float64) float64 { return math.Round(x*1e6) / 1e6 }

// pick returns the marks, and of the versions that are at hand so many that there
// are at most points in all, spread evenly; ascending.
func pick(held, marks []int, points int) []int {
	picked := slices.Clone(marks)
	for i, n := 0, points-len(marks); i < n; i++ {
		target := i * marks[len(marks)-1] / max(1, n-1)
		at, _ := slices.BinarySearch(held, target)
		if at == len(held) || at > 0 && target-held[at-1] < held[at]-target {
			at--
		}
		picked = append(picked, held[at])
	}
	slices.Sort(picked)
	return slices.Compact(picked)
}
