package policy

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func mapOf(t testing.TB, p *Player, id, points int) *Map {
	t.Helper()
	m, err := p.Map(t.Context(), id, points)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func closeTo(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 6e-7) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// TestMapsAreTheStudys holds the column of the version that sampled a trial
// against the journal, and every column against the study's own snapshot.
func TestMapsAreTheStudys(t *testing.T) {
	for name := range worlds(t) {
		t.Run(name, func(t *testing.T) {
			s := recorded(t, name)
			p := s.player(t, s.events)
			for _, want := range s.sampledEvents() {
				if want.Trial%7 != 1 {
					continue
				}
				m := mapOf(t, p, want.Trial, 0)
				at := slices.Index(m.Versions, want.Version)
				if at < 0 || m.Trial != want.Trial || m.Sampled != want.Version || m.Newest != len(s.policies)-1 || !slices.IsSorted(m.Versions) {
					t.Fatalf("the map of trial %d, sampled by version %d, is %+v", want.Trial, want.Version, m)
				}
				closeTo(t, "the log-probability when it was sampled", m.LogProb[at], want.LogProb)
				mean := 0.0
				for i := range want.Decisions {
					mean += want.StepEntropies[i] / float64(len(want.Decisions))
					closeTo(t, "the entropy of "+m.Decisions[i].Name, m.Decisions[i].Entropy[at], want.StepEntropies[i])
				}
				closeTo(t, "the mean entropy", m.Entropy[at], mean)
				for column, v := range m.Versions {
					views, err := s.version(t, v).Explain(p.record.episode(want.Trial))
					if err != nil {
						t.Fatal(err)
					}
					for i, view := range views {
						d := m.Decisions[i]
						if len(d.Probs[column]) != len(d.Options) {
							t.Fatalf("%s has %d probabilities for the options %q", d.Name, len(d.Probs[column]), d.Options)
						}
						for k, prob := range view.Probs {
							closeTo(t, d.Name+" "+d.Options[k], d.Probs[column][k], prob)
						}
					}
				}
			}
		})
	}
}

func TestMapHasItsMarksHoweverFewPoints(t *testing.T) {
	s := recorded(t, "masks and pointers")
	p := s.player(t, s.events)
	p.replay.shelf.most = 5 // a study as short as this is shown in full all the same
	for _, points := range []int{1, 2, 6, 9, 1000} {
		m := mapOf(t, p, 40, points)
		marks := []int{m.Sampled, m.Learned - 1, m.Learned, m.Newest}
		for _, v := range marks {
			if !slices.Contains(m.Versions, v) {
				t.Errorf("of the marks %v the map shows %v", marks, m.Versions)
			}
		}
		if most := max(points, 4); len(m.Versions) > most {
			t.Errorf("with %d points the map shows the versions %v", points, m.Versions)
		}
		if points == 1000 && len(m.Versions) != m.Newest+1 {
			t.Errorf("of %d versions the map shows %v", m.Newest+1, m.Versions)
		}
		if len(m.Entropy) != len(m.Versions) || len(m.LogProb) != len(m.Versions) || len(m.Decisions[0].Probs) != len(m.Versions) {
			t.Errorf("%d versions, %d entropies, %d log-probabilities, %d rows", len(m.Versions), len(m.Entropy), len(m.LogProb), len(m.Decisions[0].Probs))
		}
	}
}

func TestPick(t *testing.T) {
	held := []int{0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 97, 98, 100}
	for _, test := range []struct {
		marks  []int
		points int
		want   []int
	}{
		{[]int{100}, 6, []int{0, 30, 50, 80, 100}},
		{[]int{33, 35, 36, 100}, 4, []int{33, 35, 36, 100}},
		{[]int{33, 35, 36, 100}, 7, []int{0, 33, 35, 36, 50, 100}},
		{[]int{0}, 48, []int{0}},
		{[]int{100}, 0, []int{100}},
	} {
		if got := pick(held, test.marks, test.points); !slices.Equal(got, test.want) {
			t.Errorf("with the marks %v and %d points: %v, want %v", test.marks, test.points, got, test.want)
		}
	}
}

// TestHugeSpaces: the options of the largest spaces make a map of few versions.
func TestHugeSpaces(t *testing.T) {
	options := make([]string, spec.MaxOptions)
	for i := range options {
		options[i] = strings.Repeat("i", 1+i%100) + string(rune('A'+i/100))
	}
	started := event.Started{
		Strategy: "reinforce", Rollout: 1, Kinds: []spec.Kind{{ID: "much", Type: spec.Choice, Options: options}},
		Config: json.RawMessage(`{"strategy":{"params":{"layers":1,"units":1,"embedding":1,"rollout":1}}}`),
	}
	p := (&study{events: []event.Event{{Started: &started}}}).player(t, nil)
	trial := event.Sampled{}
	for range 50 {
		trial.Decisions = append(trial.Decisions, spec.Decision{Kind: "much", Name: "which"})
		trial.Answers = append(trial.Answers, spec.Pick(7))
	}
	steps, answers := p.record.book.read(p.record.book.write(trial.Decisions, trial.Answers))
	views, err := p.replay.explainer.Explain(strategy.Episode{Steps: steps, Answers: answers})
	if err != nil {
		t.Fatal(err)
	}
	trial.LogProb = newThought(views).logProb
	for id := 1; id <= 5; id++ {
		one := trial
		one.Trial = id
		for _, e := range []event.Event{
			{Seq: 1, Sampled: &one},
			{Seq: 2, Done: &event.Done{Trial: id, Status: event.OK}},
			{Seq: 3, Updated: &event.Updated{Version: id, Trials: []int{id}, Rewards: []float64{0}}},
		} {
			if err := p.Apply(e); err != nil {
				t.Fatal(err)
			}
		}
	}
	larger := trial
	larger.Trial, larger.Decisions, larger.Answers = 6, slices.Repeat(trial.Decisions, 2), slices.Repeat(trial.Answers, 2)
	if err := p.Apply(event.Event{Seq: 4, Sampled: &larger}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Map(t.Context(), 6, 1); !errors.Is(err, ErrTooMuch) {
		t.Errorf("a trial of %d options has a map: %v", 100*len(options), err)
	}
	m := mapOf(t, p, 1, 0)
	if len(m.Versions) > 4 || !strings.Contains(m.Note, "204800 options") {
		t.Errorf("a map of %d options in %d versions notes %q", 50*len(options), len(m.Versions), m.Note)
	}
}

func TestQuestions(t *testing.T) {
	s := recorded(t, "masks and pointers")
	p := s.player(t, s.events)
	for _, want := range s.sampledEvents() {
		s, err := p.subject(want.Trial)
		if err != nil {
			t.Fatal(err)
		}
		for i, q := range s.questions {
			d, a := want.Decisions[i], want.Answers[i]
			switch {
			case q.Name != d.Name || q.Kind != d.Kind || len(q.Chosen) != 1:
				t.Fatalf("%s is described as %+v", d.Name, q)
			case d.Kind == "door":
				if want := []string{"room0", "room1", "room2", "room3", "room4"}[:len(d.Candidates)]; !slices.Equal(q.Options, want) || q.Chosen[0] != a.Index || q.Type != spec.Pointer {
					t.Errorf("%s is described as %+v, want the options %q", d.Name, q, want)
				}
			default:
				var forbidden []int
				for k, allowed := range d.Mask {
					if !allowed {
						forbidden = append(forbidden, k)
					}
				}
				if q.Chosen[0] != a.Index || !slices.Equal(q.Forbidden, forbidden) || q.Type != spec.Choice || len(q.Options) != 3 {
					t.Errorf("%s is described as %+v, want %v forbidden", d.Name, q, forbidden)
				}
			}
		}
	}
}

func TestAnchorLabels(t *testing.T) {
	steps := func(names ...string) (all []spec.Step) {
		for _, name := range names {
			all = append(all, spec.Step{Decision: &spec.Decision{Name: name, Anchor: true}}, spec.Step{Decision: &spec.Decision{Name: "no anchor"}})
		}
		return all
	}
	for _, test := range []struct{ names, want []string }{
		{[]string{"layer1/skip", "layer2/skip"}, []string{"layer1", "layer2"}},
		{[]string{"stem", "node"}, []string{"stem", "node"}},
		{[]string{"node1/a", "node1/b"}, []string{"node1/a", "node1/b"}},
		{[]string{"/a", "x/b"}, []string{"/a", "x/b"}},
	} {
		if got := anchorLabels(steps(test.names...)); !slices.Equal(got, test.want) {
			t.Errorf("%q are called %q, want %q", test.names, got, test.want)
		}
	}
}

// TestJSON: what a browser reads is what was written, and its members are named.
func TestJSON(t *testing.T) {
	s := recorded(t, "anchors")
	p := s.player(t, s.events)
	m, x := mapOf(t, p, 9, 6), explain(t, p, 9)
	for _, test := range []struct {
		value, empty any
		members      []string
	}{
		{m, &Map{}, []string{`"trial":9`, `"sampled":`, `"versions":[0`, `"log_prob":[-`, `"decisions":[{"name":"layer1/filter_height","kind":"filter_height","type":"choice","options":["1",`, `"probs":[[0.`}},
		{x, &Explanation{}, []string{`"stage":"learned"`, `"update":{"version":`, `"advantage":`, `"before":{"logits":[`, `"gradient":{"total":[`, `"without_baseline":[`, `"chosen":[]`}},
	} {
		b, err := json.Marshal(test.value)
		if err != nil {
			t.Fatal(err)
		}
		for _, member := range test.members {
			if !strings.Contains(string(b), member) {
				t.Errorf("%s is not in %.2000s", member, b)
			}
		}
		if err := json.Unmarshal(b, test.empty); err != nil || !reflect.DeepEqual(test.empty, test.value) {
			t.Errorf("read back: %v, %+v, want %+v", err, test.empty, test.value)
		}
	}
}
