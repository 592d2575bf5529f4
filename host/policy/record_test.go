package policy

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func TestApplyRefusesWhatNoStudyEmits(t *testing.T) {
	s := recorded(t, "masks and pointers")
	// The first events up to the first update, and what could follow wrongly.
	var head []event.Event
	for _, e := range s.events {
		head = append(head, e)
		if e.Updated != nil {
			break
		}
	}
	var sampled, done event.Event
	var update = head[len(head)-1]
	for _, e := range head {
		if e.Sampled != nil {
			sampled = e
		}
		if e.Done != nil {
			done = e
		}
	}
	next := func(change func(*event.Sampled)) event.Event {
		p := *sampled.Sampled
		p.Trial++
		p.Decisions, p.Answers = append([]spec.Decision{}, p.Decisions...), append(spec.Answers{}, p.Answers...)
		change(&p)
		return event.Event{Seq: 99, Type: event.TrialSampled, Sampled: &p}
	}
	again := func(change func(*event.Updated)) event.Event {
		p := *update.Updated
		p.Version++
		p.Trials = append([]int{}, p.Trials...)
		change(&p)
		return event.Event{Seq: 99, Type: event.PolicyUpdated, Updated: &p}
	}
	for name, e := range map[string]event.Event{
		"a trial twice":              sampled,
		"a gap between trials":       next(func(p *event.Sampled) { p.Trial++ }),
		"a version to come":          next(func(p *event.Sampled) { p.Version = 2 }),
		"a negative version":         next(func(p *event.Sampled) { p.Version = -1 }),
		"a slim event":               next(func(p *event.Sampled) { p.Decisions = nil }),
		"an unknown kind":            next(func(p *event.Sampled) { p.Decisions[0].Kind = "colour" }),
		"an anchor to come":          next(func(p *event.Sampled) { p.Decisions[2].Candidates = []int{7} }),
		"a negative option":          next(func(p *event.Sampled) { p.Answers[0].Index = -1 }),
		"an option too many":         next(func(p *event.Sampled) { p.Answers[0].Index = 3 }),
		"an end twice":               done,
		"an end without a beginning": {Seq: 99, Type: event.TrialDone, Done: &event.Done{Trial: 1000}},
		"an end of nothing":          {Seq: 99, Type: event.TrialDone, Done: &event.Done{}},
		"an update twice":            update,
		"an update learned before":   again(func(*event.Updated) {}),
		"an update of running ones":  again(func(p *event.Updated) { p.Trials[0] = sampled.Sampled.Trial }),
		"an update of a few":         again(func(p *event.Updated) { p.Trials = p.Trials[1:] }),
		"an update without rewards":  again(func(p *event.Updated) { p.Rewards = nil }),
		"an update of one, always":   again(func(p *event.Updated) { p.Trials = []int{5, 5, 5, 5} }),
	} {
		p := s.player(t, head)
		if err := p.Apply(e); !errors.Is(err, ErrHistory) {
			t.Errorf("%s: %v", name, err)
		}
		for _, e := range s.events[len(head):] {
			if err := p.Apply(e); err != nil {
				t.Fatalf("%s: the event after it: %v", name, err)
			}
		}
		advance(t, p)
		if p.replay.fidelity != exact {
			t.Errorf("%s: it left a trace in the policy", name)
		}
	}
}

func TestApplyIgnoresWhatIsNotOfThePolicy(t *testing.T) {
	s := recorded(t, "masks and pointers")
	p := s.player(t, s.events[:1])
	for _, e := range []event.Event{
		{Seq: 2, Type: "study.renamed"},
		{Type: event.TrialEpoch, Epoch: &event.Epoch{Trial: 4}},
		{Type: event.TrialDone, Done: &event.Done{Trial: 4}}, // live
	} {
		if err := p.Apply(e); err != nil {
			t.Errorf("%s: %v", e.Type, err)
		}
	}
}

func TestBookReturnsWhatWasWritten(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	ints := func(n int) (ascending []int) {
		for i := range n {
			if rng.IntN(2) == 0 {
				ascending = append(ascending, 300*i)
			}
		}
		return ascending
	}
	b := newBook()
	var episodes [][]byte
	var decisions [][]spec.Decision
	var answers []spec.Answers
	for range 50 {
		var ds []spec.Decision
		var as spec.Answers
		for range rng.IntN(40) {
			d := spec.Decision{Kind: string(rune('a' + rng.IntN(2))), Name: string(rune('a' + rng.IntN(2))), Anchor: rng.IntN(2) == 0, Candidates: ints(3)}
			if rng.IntN(3) == 0 {
				d.Mask = []bool{rng.IntN(2) == 0, rng.IntN(2) == 0}
			}
			ds = append(ds, d)
			if rng.IntN(2) == 0 {
				as = append(as, spec.PickSet(ints(5)...))
			} else {
				as = append(as, spec.Pick(rng.IntN(5000)))
			}
		}
		episodes, decisions, answers = append(episodes, b.write(ds, as)), append(decisions, ds), append(answers, as)
	}
	for i, e := range episodes {
		steps, got := b.read(e)
		if !reflect.DeepEqual(got, answers[i]) || len(steps) != len(decisions[i]) {
			t.Fatalf("episode %d has the answers %v in %d steps, want %v in %d", i, got, len(steps), answers[i], len(decisions[i]))
		}
		for k, s := range steps {
			if !reflect.DeepEqual(*s.Decision, decisions[i][k]) {
				t.Fatalf("episode %d: decision %d is %+v, want %+v", i, k, *s.Decision, decisions[i][k])
			}
		}
	}
	if most := 2 * 2 * 2 * 8 * 5; len(b.decisions) > most {
		t.Errorf("the book has %d decisions, there are only %d", len(b.decisions), most)
	}
}

func TestShelfStaysEven(t *testing.T) {
	s := shelf{most: 16, snapshots: []snapshot{{version: 0}}}
	const newest = 5000
	puts := 0
	for v := 1; v <= newest; v++ {
		if s.wants(v, v) {
			s.put(snapshot{version: v})
			puts++
		}
	}
	if puts > 200 {
		t.Errorf("%d snapshots were taken, of which 16 are left", puts)
	}
	all := s.versions()
	if len(all) > 16 || all[0] != 0 {
		t.Fatalf("the shelf holds %v", all)
	}
	for v := range newest + 1 {
		if from := s.below(v).version; from > v || v-from > 4*newest/16 {
			t.Fatalf("version %d is %d updates away from the shelf %v", v, v-from, all)
		}
	}
}

func TestShelfPrefersTheStudysOwn(t *testing.T) {
	s := shelf{most: 4, snapshots: []snapshot{{version: 0}}}
	s.put(snapshot{version: 3, fidelity: lost, state: []byte("a")})
	s.put(snapshot{version: 3, fidelity: exact, state: []byte("b")})
	s.put(snapshot{version: 3, fidelity: near, state: []byte("c")})
	if got := s.below(5); string(got.state) != "b" {
		t.Errorf("version 3 is %q, want b", got.state)
	}
}
