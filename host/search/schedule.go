package search

import "math/rand/v2"

// block is how many trials of a strategy without updates are sampled at once.
const block = 16

// leastLag is the default lag of small rollouts: with it at least nine trials
// are open, work for as many workers as most machines have cores for.
const leastLag = 8

// schedule says which trials may be sampled; see the package.
type schedule struct {
	rollout int // m; 0: no updates
	lag     int // L
}

func newSchedule(rollout, lag int) schedule {
	s := schedule{rollout: rollout, lag: lag}
	if lag < 0 {
		s.lag = max(leastLag, s.block())
	}
	return s
}

func (s schedule) block() int {
	if s.rollout == 0 {
		return block
	}
	return s.rollout
}

// turn is v of a trial: how many blocks of results are applied before it is
// sampled.
func (s schedule) turn(trial int) int { return max(0, trial-1-s.lag) / s.block() }

// childStream tells the seeds of children from the study's other random numbers.
const childStream = 0x6368696c64

// ChildSeed is the seed from which a trial is trained: a function of the study's
// seed and the trial's number, below 2^53 so that every JSON reader keeps it.
func ChildSeed(study uint64, trial int) uint64 {
	return rand.New(rand.NewPCG(study^childStream, uint64(trial))).Uint64() >> 11
}
