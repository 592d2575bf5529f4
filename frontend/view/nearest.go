package view

import (
	"strings"

	"github.com/espalier-nas/espalier/host/event"
)

// NearestBetter is the trial with a higher reward whose answers differ least
// from those of a trial, and in how many decisions they do; among equals the
// better, then the earlier. To a trial without a reward every one that has
// succeeded is better. It is 0 if there is none.
func NearestBetter(s *event.State, trial int) (id, differ int) {
	t := s.Trial(trial)
	if t == nil {
		return 0, 0
	}
	answers := strings.Fields(t.Answers)
	for i := range s.Trials {
		other := &s.Trials[i]
		if other.Status != event.OK || other.ID == trial || t.Status == event.OK && !(other.Reward.Reward > t.Reward.Reward) {
			continue
		}
		n := distance(answers, other.Answers)
		if id == 0 || n < differ || n == differ && other.Reward.Reward > s.Trial(id).Reward.Reward {
			id, differ = other.ID, n
		}
	}
	return id, differ
}

// distance counts the places at which answers differ from others, which are
// written as in event.Trial; what only one of them has differs.
func distance(answers []string, others string) int {
	n, at := 0, 0
	for other := range strings.FieldsSeq(others) {
		if at >= len(answers) || answers[at] != other {
			n++
		}
		at++
	}
	return n + max(len(answers)-at, 0)
}
