package event

import "slices"

// What follows from the rest of a study in nearly every update.
const (
	followingBaseline = 1 << iota // BaselineBefore is the Baseline of the update before
	trialRewards                  // Rewards are those of Trials
	plainAdvantages               // Advantages are Rewards minus BaselineBefore
)

// updates are the steps of the policy.
func (c *coder) updates(s *State) {
	list(c, &s.Updates, 5)
	u := s.Updates
	n := len(u)
	if c.reading && n > 0 {
		s.UpdatesAt = make([]Moment, n)
		for i := range u {
			u[i].Version = i + 1
		}
	}
	c.moments(n, func(i int) *Moment { return &s.UpdatesAt[i] })
	lists(c, n, 1, func(i int) *[]int { return &u[i].Trials })
	trials := elements(n, func(i int) []int { return u[i].Trials })
	integers(c, len(trials), func(i int) *int { return trials[i] })
	floats(c, n, func(i int) *float64 { return &u[i].Loss })
	floats(c, n, func(i int) *float64 { return &u[i].GradNorm })
	floats(c, n, func(i int) *float64 { return &u[i].Entropy })
	floats(c, n, func(i int) *float64 { return &u[i].Baseline })
	texts(c, n, func(i int) *string { return &u[i].WeightsHash })

	follows := make([]int64, n)
	if !c.reading {
		for i := range u {
			follows[i] = s.follows(i)
		}
	}
	c.ints(follows)
	without := func(what int64) (rest []*Updated) {
		for i := range u {
			if follows[i]&what == 0 {
				rest = append(rest, &u[i])
			}
		}
		return rest
	}
	rest := without(followingBaseline)
	floats(c, len(rest), func(i int) *float64 { return &rest[i].BaselineBefore })
	rest = without(trialRewards)
	c.numbers(len(rest), func(i int) *[]float64 { return &rest[i].Rewards })
	rest = without(plainAdvantages)
	c.numbers(len(rest), func(i int) *[]float64 { return &rest[i].Advantages })
	if !c.reading {
		return
	}
	for i := range u {
		if follows[i]&followingBaseline != 0 {
			u[i].BaselineBefore = s.baselineAfter(i)
		}
		if follows[i]&trialRewards != 0 {
			u[i].Rewards = s.rewardsOf(u[i].Trials)
		}
		if follows[i]&plainAdvantages != 0 {
			u[i].Advantages = u[i].plainAdvantages()
		}
	}
}

// follows are the bits of what follows of update i.
func (s *State) follows(i int) int64 {
	u, bits := &s.Updates[i], int64(0)
	if sameBits(u.BaselineBefore, s.baselineAfter(i)) {
		bits |= followingBaseline
	}
	if u.Rewards != nil && slices.EqualFunc(u.Rewards, s.rewardsOf(u.Trials), sameBits) {
		bits |= trialRewards
	}
	if u.Advantages != nil && slices.EqualFunc(u.Advantages, u.plainAdvantages(), sameBits) {
		bits |= plainAdvantages
	}
	return bits
}

// baselineAfter is the baseline after the first n updates.
func (s *State) baselineAfter(n int) float64 {
	if n == 0 {
		return 0
	}
	return s.Updates[n-1].Baseline
}

// rewardsOf are the rewards of trials, 0 for one that was not sampled.
func (s *State) rewardsOf(ids []int) []float64 {
	rewards := make([]float64, len(ids))
	for i, id := range ids {
		if t := s.Trial(id); t != nil {
			rewards[i] = t.Reward.Reward
		}
	}
	return rewards
}

func (u *Updated) plainAdvantages() []float64 {
	advantages := make([]float64, len(u.Rewards))
	for i, r := range u.Rewards {
		advantages[i] = r - u.BaselineBefore
	}
	return advantages
}

// numbers are n slices of numbers.
func (c *coder) numbers(n int, field func(i int) *[]float64) {
	lists(c, n, 1, field)
	all := elements(n, func(i int) []float64 { return *field(i) })
	floats(c, len(all), func(i int) *float64 { return all[i] })
}
