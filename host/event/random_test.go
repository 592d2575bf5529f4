package event

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// randomStudy is a study of any shape that the fold accepts: trials end in any
// order, fail, repeat others or have no result yet; numbers are of every kind.
func randomStudy(seed uint64, trials int) []Event {
	r := rand.New(rand.NewPCG(seed, 1))
	g := &randomEvents{r: r, cancelled: map[int]bool{}, now: time.Date(2017, 4, 24, 12, 0, 0, 0, time.UTC)}
	if r.IntN(4) == 0 {
		g.add(Event{Type: "study.announced"})
	}
	g.add(Event{Type: StudyStarted, Started: &Started{
		Schema: Schema, Name: "näme", Seed: r.Uint64(), Trials: trials, Config: []byte(`{"a":[1,2]}`),
		Data: Data{Name: "shapes", Train: 800, Valid: 200}, Rollout: 4, Kinds: []spec.Kind{},
	}})
	for sampled := 0; sampled < trials || len(g.open) > 0 && r.IntN(20) > 0; {
		switch k := r.IntN(20); {
		case k < 9 && sampled < trials:
			sampled++
			g.sample(sampled)
		case k < 18 && len(g.open) > 0:
			g.end()
		case k == 18:
			g.update()
		case r.IntN(3) == 0:
			g.control()
		case r.IntN(5) == 0:
			g.add(Event{Type: "trial.admired"})
		}
	}
	if len(g.open) == 0 {
		g.add(Event{Type: StudyEnded, Ended: &Ended{Reason: EndBudget, Counts: Counts{OK: 3}}})
		g.add(Event{Type: "study.praised"})
		if r.IntN(2) == 0 {
			g.add(Event{Type: StudyControlled, Controlled: &Controlled{Action: Extend, Trials: 1, By: "a test"}})
			g.sample(trials + 1)
			g.end()
			g.add(Event{Type: StudyEnded, Ended: &Ended{Reason: EndBudget}})
		}
	}
	return g.events
}

type randomEvents struct {
	r        *rand.Rand
	now      time.Time
	events   []Event
	open     []int // trials that have not ended
	ended    []*Done
	repeats  map[int]int
	versions int
	baseline float64

	paused    bool
	cancelled map[int]bool
}

func (g *randomEvents) add(e Event) {
	e.Seq = int64(len(g.events) + 1)
	step := time.Duration(g.r.IntN(5000)) * time.Millisecond
	if g.r.IntN(500) == 0 {
		step += time.Duration(g.r.IntN(999_999))
	}
	g.now = g.now.Add(step)
	e.Time = g.now
	g.events = append(g.events, e)
}

// control is something that the study allows.
func (g *randomEvents) control() {
	c := Controlled{Action: Extend, Trials: 1 + g.r.IntN(5), By: "a test", Request: fmt.Sprint(len(g.events))}
	switch k := g.r.IntN(5); {
	case k == 0:
		c.Action, c.Trials = Stop, 0
	case k < 3 && len(g.open) > 0:
		c = Controlled{Action: Cancel, Trial: g.open[g.r.IntN(len(g.open))], By: "a test"}
		if g.cancelled[c.Trial] {
			return
		}
		g.cancelled[c.Trial] = true
	case k < 4:
		c.Action, c.Trials = Pause, 0
		if g.paused {
			c.Action = Continue
		}
		g.paused = !g.paused
	}
	g.add(Event{Type: StudyControlled, Controlled: &c})
}

// number is a number of some kind.
func (g *randomEvents) number() float64 {
	odd := []float64{math.NaN(), 0, math.Copysign(0, -1), 1, 1e300, 5e-324, math.Inf(1), -2.5, 1 << 53, 1e18}
	switch g.r.IntN(8) {
	case 0:
		return odd[g.r.IntN(len(odd))]
	case 1:
		return g.r.NormFloat64()
	case 2:
		return g.r.Float64()
	}
	return float64(g.r.IntN(1001)) / 1000
}

func (g *randomEvents) sample(id int) {
	p := &Sampled{
		Trial: id, Version: g.versions, Seed: g.r.Uint64(), Depth: g.r.IntN(3), LogProb: -10 * g.r.Float64(),
		NetworkID: fmt.Sprintf("%016x%016x", g.r.Uint64(), g.r.Uint64()), Params: g.r.Int64N(1e7), MACs: g.r.Int64N(1e12),
		StepLogProbs: []float64{-1, -2}, StepEntropies: []float64{1, 2}, Network: &spec.Network{},
	}
	for i := range g.r.IntN(6) {
		answer := spec.Pick(g.r.IntN(1 << g.r.IntN(9)))
		if g.r.IntN(3) == 0 {
			answer = spec.PickSet([]int{}...)
			for a := range g.r.IntN(12) {
				answer.Anchors = append(answer.Anchors, a*g.r.IntN(4))
			}
		}
		p.Answers = append(p.Answers, answer)
		p.Decisions = append(p.Decisions, spec.Decision{Kind: "k", Name: fmt.Sprint(i)})
	}
	if id > 1 && g.r.IntN(3) == 0 {
		p.DuplicateOf = 1 + g.r.IntN(id-1)
	}
	if g.r.IntN(10) == 0 {
		p.NetworkID, p.Problem = "", "no network"
	}
	if g.repeats == nil {
		g.repeats = map[int]int{}
	}
	g.repeats[id] = p.DuplicateOf
	g.open = append(g.open, id)
	g.add(Event{Type: TrialSampled, Sampled: p})
}

// end ends one of the open trials.
func (g *randomEvents) end() {
	at := g.r.IntN(min(4, len(g.open)))
	id := g.open[at]
	g.open = append(g.open[:at:at], g.open[at+1:]...)
	d := &Done{Trial: id, Status: OK, Reward: spec.Reward{Reward: g.number()}, Seconds: g.number()}
	for e := range g.r.IntN(4) {
		d.Metrics.Epochs = append(d.Metrics.Epochs, spec.Epoch{
			Epoch: e + 1, TrainLoss: g.number(), TrainAccuracy: g.number(), ValidLoss: g.number(), ValidAccuracy: g.number(),
			Seconds: time.Duration(g.r.Int64N(1e12)).Seconds(),
		})
	}
	for p := range g.r.IntN(3) {
		d.Reward.Parts = append(d.Reward.Parts, spec.Part{Name: []string{"accuracy", "épochs"}[p], Value: g.number()})
	}
	d.Metrics.Params, d.Metrics.MACs = g.r.Int64N(1e6), g.r.Int64N(1e9)
	if g.r.IntN(4) == 0 {
		d.Status, d.Reason = Failed, fmt.Sprintf("diverged at epoch %d", g.r.IntN(3))
		d.Metrics.Failed, d.Metrics.Reason = true, d.Reason
	}
	if origin := g.repeats[id]; g.r.IntN(5) > 0 && origin != 0 {
		d.DuplicateOf = origin
		for _, o := range g.ended {
			if o.Trial == origin {
				d.Status, d.Reason, d.Reward, d.Metrics = o.Status, o.Reason, o.Reward, o.Metrics
			}
		}
	}
	g.ended = append(g.ended, d)
	g.add(Event{Type: TrialDone, Done: d})
}

// update learns from the last trials that ended.
func (g *randomEvents) update() {
	g.versions++
	u := &Updated{
		Version: g.versions, Trials: []int{}, Rewards: []float64{}, BaselineBefore: g.baseline, Loss: g.number(),
		GradNorm: g.number(), Entropy: g.number(), WeightsHash: fmt.Sprintf("%064x", g.r.Uint64()),
	}
	for _, d := range g.ended[max(0, len(g.ended)-4):] {
		reward := d.Reward.Reward
		if g.r.IntN(20) == 0 {
			reward = g.number()
		}
		u.Trials, u.Rewards = append(u.Trials, d.Trial), append(u.Rewards, reward)
		u.Advantages = append(u.Advantages, reward-g.baseline)
	}
	if g.r.IntN(10) == 0 {
		u.BaselineBefore = g.number()
		u.Advantages = nil
	}
	g.baseline = g.number()
	u.Baseline = g.baseline
	g.add(Event{Type: PolicyUpdated, Updated: u})
}

// difference says where two values differ, "" if nowhere: as reflect.DeepEqual
// sees them, but numbers by their bits.
func difference(a, b any) string {
	return differ("", reflect.ValueOf(a), reflect.ValueOf(b))
}

func differ(path string, a, b reflect.Value) string {
	if moment, ok := a.Interface().(time.Time); ok {
		if other := b.Interface().(time.Time); moment != other {
			return fmt.Sprintf("%s: %v and %v", path, moment, other)
		}
		return ""
	}
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			break
		}
		return differ(path, a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if d := differ(path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Slice:
		if a.Len() != b.Len() || a.IsNil() != b.IsNil() {
			return fmt.Sprintf("%s: %d elements (nil: %v) and %d (nil: %v)", path, a.Len(), a.IsNil(), b.Len(), b.IsNil())
		}
		for i := range a.Len() {
			if d := differ(fmt.Sprintf("%s[%d]", path, i), a.Index(i), b.Index(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Float64:
		if math.Float64bits(a.Float()) == math.Float64bits(b.Float()) {
			return ""
		}
		return fmt.Sprintf("%s: %v and %v", path, a, b)
	}
	if !reflect.DeepEqual(a.Interface(), b.Interface()) {
		return fmt.Sprintf("%s: %v and %v", path, a, b)
	}
	return ""
}

func same(t *testing.T, what string, got, want *State) {
	t.Helper()
	if d := difference(got, want); d != "" {
		t.Fatalf("%s: got and want differ in State%s", what, d)
	}
}
