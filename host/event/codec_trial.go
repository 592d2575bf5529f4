package event

import (
	"slices"
	"time"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// trials are the rows: what was sampled of all, the end of those that have
// ended, and the results of those that have one of their own.
func (c *coder) trials(s *State) {
	list(c, &s.Trials, 8) // of which the seeds make sure
	n := len(s.Trials)
	rows := make([]*Trial, n)
	for i := range rows {
		rows[i] = &s.Trials[i]
		if c.reading {
			rows[i].ID = i + 1
		}
	}
	texts(c, n, func(i int) *Status { return &rows[i].Status })
	c.sampled(rows)

	var ended, own, derived []*Trial
	for _, t := range rows {
		if t.Status != Running {
			ended = append(ended, t)
		}
	}
	sharing := c.sharing(s, ended)
	for i, t := range ended {
		if sharing[i] {
			derived = append(derived, t)
		}
	}
	for _, t := range rows {
		if len(derived) > 0 && derived[0] == t {
			derived = derived[1:]
			continue
		}
		own = append(own, t)
	}
	c.ended(ended)
	c.results(own)
	for i, t := range ended {
		if c.reading && sharing[i] {
			origin := s.Trial(t.DuplicateOf)
			t.Reward, t.Metrics = origin.Reward, origin.Metrics
		}
	}
}

// sampled are the columns of what a trial.sampled event says.
func (c *coder) sampled(rows []*Trial) {
	n := len(rows)
	words(c, n, func(i int) *uint64 { return &rows[i].Seed })
	integers(c, n, func(i int) *int { return &rows[i].Version })
	integers(c, n, func(i int) *int { return &rows[i].Depth })
	integers(c, n, func(i int) *int { return &rows[i].Repeats })
	integers(c, n, func(i int) *int { return &rows[i].DuplicateOf })
	integers(c, n, func(i int) *int64 { return &rows[i].SampledSeq })
	times(c, n, func(i int) *time.Time { return &rows[i].Sampled })
	integers(c, n, func(i int) *int64 { return &rows[i].Params })
	integers(c, n, func(i int) *int64 { return &rows[i].MACs })
	floats(c, n, func(i int) *float64 { return &rows[i].LogProb })
	texts(c, n, func(i int) *string { return &rows[i].NetworkID })
	texts(c, n, func(i int) *string { return &rows[i].Answers })
}

// ended are the columns of what the end of a trial says besides its result.
func (c *coder) ended(rows []*Trial) {
	n := len(rows)
	integers(c, n, func(i int) *int64 { return &rows[i].DoneSeq })
	times(c, n, func(i int) *time.Time { return &rows[i].Done })
	floats(c, n, func(i int) *float64 { return &rows[i].Seconds })
	texts(c, n, func(i int) *string { return &rows[i].Reason })
}

// sharing says which of the ended trials have the result of the one that they
// are a duplicate of, to the bit.
func (c *coder) sharing(s *State, ended []*Trial) []bool {
	flags := make([]int64, len(ended))
	if !c.reading {
		for i, t := range ended {
			if origin := s.Trial(t.DuplicateOf); origin != nil && sameResult(t, origin) {
				flags[i] = 1
			}
		}
	}
	c.ints(flags)
	sharing := make([]bool, len(ended))
	for i, t := range ended {
		sharing[i] = flags[i] == 1
		if sharing[i] && (t.DuplicateOf < 1 || t.DuplicateOf >= t.ID) {
			c.fail("trial %d has the result of %d, want an earlier trial", t.ID, t.DuplicateOf)
			return make([]bool, len(ended))
		}
	}
	return sharing
}

// sameResult says that writing the rewards and metrics of both gives the same.
func sameResult(t, origin *Trial) bool {
	a, b := &t.Metrics, &origin.Metrics
	return origin.Status != Running && origin.ID < t.ID &&
		a.Params == b.Params && a.MACs == b.MACs && a.Failed == b.Failed && a.Reason == b.Reason &&
		sameBits(a.LatencySeconds, b.LatencySeconds) && sameBits(t.Reward.Reward, origin.Reward.Reward) &&
		(a.Epochs == nil) == (b.Epochs == nil) && slices.EqualFunc(a.Epochs, b.Epochs, sameEpoch) &&
		(t.Reward.Parts == nil) == (origin.Reward.Parts == nil) &&
		slices.EqualFunc(t.Reward.Parts, origin.Reward.Parts, func(p, q spec.Part) bool {
			return p.Name == q.Name && sameBits(p.Value, q.Value)
		})
}

func sameEpoch(a, b spec.Epoch) bool {
	return a.Epoch == b.Epoch && sameBits(a.TrainLoss, b.TrainLoss) && sameBits(a.TrainAccuracy, b.TrainAccuracy) &&
		sameBits(a.ValidLoss, b.ValidLoss) && sameBits(a.ValidAccuracy, b.ValidAccuracy) && sameBits(a.Seconds, b.Seconds)
}

// results are the columns of rewards and metrics; of running trials, of the
// epochs so far.
func (c *coder) results(rows []*Trial) {
	n := len(rows)
	floats(c, n, func(i int) *float64 { return &rows[i].Reward.Reward })
	c.parts(rows)
	differences(c, n, func(i int) (field *int64, from int64) { return &rows[i].Metrics.Params, rows[i].Params })
	differences(c, n, func(i int) (field *int64, from int64) { return &rows[i].Metrics.MACs, rows[i].MACs })
	floats(c, n, func(i int) *float64 { return &rows[i].Metrics.LatencySeconds })
	failed := make([]int64, n)
	for i, t := range rows {
		if t.Metrics.Failed {
			failed[i] = 1
		}
	}
	c.ints(failed)
	for i, t := range rows {
		if c.reading {
			t.Metrics.Failed = failed[i] == 1
		}
	}
	texts(c, n, func(i int) *string { return &rows[i].Metrics.Reason })

	lists(c, n, 5, func(i int) *[]spec.Epoch { return &rows[i].Metrics.Epochs })
	epochs := elements(n, func(i int) []spec.Epoch { return rows[i].Metrics.Epochs })
	n = len(epochs)
	integers(c, n, func(i int) *int { return &epochs[i].Epoch })
	floats(c, n, func(i int) *float64 { return &epochs[i].TrainLoss })
	floats(c, n, func(i int) *float64 { return &epochs[i].TrainAccuracy })
	floats(c, n, func(i int) *float64 { return &epochs[i].ValidLoss })
	floats(c, n, func(i int) *float64 { return &epochs[i].ValidAccuracy })
	floats(c, n, func(i int) *float64 { return &epochs[i].Seconds })
}

// parts are the parts of the rewards, a column for each name.
func (c *coder) parts(rows []*Trial) {
	lists(c, len(rows), 1, func(i int) *[]spec.Part { return &rows[i].Reward.Parts })
	parts := elements(len(rows), func(i int) []spec.Part { return rows[i].Reward.Parts })
	texts(c, len(parts), func(i int) *string { return &parts[i].Name })
	var names []string
	byName := map[string][]*spec.Part{}
	for _, p := range parts {
		if byName[p.Name] == nil {
			names = append(names, p.Name)
		}
		byName[p.Name] = append(byName[p.Name], p)
	}
	for _, name := range names {
		same := byName[name]
		floats(c, len(same), func(i int) *float64 { return &same[i].Value })
	}
}
