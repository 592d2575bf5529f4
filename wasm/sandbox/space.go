package sandbox

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// Space is a search space of a plugin under given params. Its methods may be
// called by several goroutines.
type Space struct {
	module *Module
	name   string
	params []byte
	info   spec.SpaceInfo

	mu          sync.Mutex
	transitions *memo[spec.Step] // by state and answer
	places      *memo[place]     // by prefix
}

// place is where a prefix of answers leads.
type place struct {
	step    spec.Step
	anchors int // announced up to and including this step
}

// places is how many prefixes a Space remembers: enough for the walks that are
// under way at one time.
const places = 4096

// memoBytes bounds each of a Space's two memories, since a guest decides how
// large its steps are.
const memoBytes = 64 << 20

// weight is about how many bytes it takes to remember a step, checked or not.
func weight(s spec.Step) int {
	const fixed = 256 // the structs, and an entry of a map
	q := s.Decision
	if q == nil {
		return fixed
	}
	return fixed + len(s.State) + len(q.Kind) + len(q.Name) + 8*len(q.Candidates) + len(q.Mask)
}

// Space asks the module for a search space. Params is a JSON object, or empty
// for none.
func (m *Module) Space(ctx context.Context, name string, params json.RawMessage) (*Space, error) {
	s := &Space{module: m, name: name,
		transitions: newMemo(m.options.Limits.Transitions, memoBytes, weight),
		places:      newMemo(places, memoBytes, func(p place) int { return weight(p.step) }),
	}
	var err error
	if s.params, err = m.object(name, params); err != nil {
		return nil, err
	}
	q := m.describe(s.subject)
	answer, err := m.ask(ctx, q, &s.info)
	if err != nil {
		return nil, err
	}
	err = s.info.Validate()
	if most := m.options.Limits.Steps; err == nil && s.info.MaxSteps > most {
		err = fmt.Errorf("max_steps is %d; at most %d are allowed", s.info.MaxSteps, most)
	}
	if err == nil && s.info.Name != name {
		err = fmt.Errorf("it describes the space %q when asked for %q%s", s.info.Name, name, offered(m.manifest.Spaces))
	}
	if err != nil {
		return nil, m.breach(q, answer, err)
	}
	return s, nil
}

// Info describes the space; its slices must not be changed.
func (s *Space) Info() spec.SpaceInfo { return s.info }

func (s *Space) subject(e *wire.Encoder) {
	e.Key("space").Text(s.name)
	e.Key("params").Raw(s.params)
}

// Next returns the step that follows a prefix of answers, already checked
// against Info. What it returns may be shared and must not be changed.
//
// The second argument, the step that the last answer replies to, is for other
// implementations; this one remembers where its prefixes led. A prefix that it
// has forgotten or never seen is walked again from its beginning.
func (s *Space) Next(ctx context.Context, _ spec.Step, prefix spec.Answers) (spec.Step, error) {
	if len(prefix) > s.info.MaxSteps {
		return spec.Step{}, s.misled(prefix, s.info.MaxSteps, fmt.Sprintf("%d answers, but an episode has at most %d", len(prefix), s.info.MaxSteps))
	}
	var room [256]byte
	key, ends := room[:0], make([]int, len(prefix)+1)
	for i, a := range prefix {
		key = appendAnswer(key, a)
		ends[i+1] = len(key)
	}
	at, known := s.recall(key, ends)
	if known < 0 {
		step, err := s.consult(ctx, nil)
		if err == nil {
			at, err = s.arrive(key[:0], prefix[:0], step, 0)
		}
		if err != nil {
			return spec.Step{}, err
		}
		known = 0
	}
	for known < len(prefix) {
		known++
		var err error
		if at, err = s.follow(ctx, at, key[:ends[known]], key[ends[known-1]:ends[known]], prefix[:known]); err != nil {
			return spec.Step{}, err
		}
	}
	return at.step, nil
}

// recall finds the longest remembered beginning of a prefix and its length, or
// -1. The key of the first n answers is key[:ends[n]].
func (s *Space) recall(key []byte, ends []int) (place, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := len(ends) - 1; n >= 0; n-- {
		if at, ok := s.places.get(key[:ends[n]]); ok {
			return at, n
		}
	}
	return place{}, -1
}

// follow goes from a place along the last answer of prefix, whose key is given
// and ends in that of the answer.
func (s *Space) follow(ctx context.Context, from place, key, answer []byte, prefix spec.Answers) (place, error) {
	last := len(prefix) - 1
	if from.step.Done {
		return place{}, s.misled(prefix, last, fmt.Sprintf("the episode ends after %d answers", last))
	}
	if err := s.info.CheckAnswer(*from.step.Decision, prefix[last]); err != nil {
		return place{}, s.misled(prefix, last, err.Error())
	}
	if from.step.State == "" {
		step, err := s.consult(ctx, prefix)
		if err != nil {
			return place{}, err
		}
		return s.arrive(key, prefix, step, from.anchors)
	}
	var room [spec.MaxState + 64]byte
	transition := append(append(room[:0], byte(len(from.step.State))), from.step.State...)
	if !from.step.Any {
		transition = append(transition, answer...)
	}
	s.mu.Lock()
	step, ok := s.transitions.get(transition)
	s.mu.Unlock()
	if !ok {
		var err error
		if step, err = s.consult(ctx, prefix); err != nil {
			return place{}, err
		}
		s.mu.Lock()
		s.transitions.put(transition, step)
		s.mu.Unlock()
	}
	return s.arrive(key, prefix, step, from.anchors)
}

// arrive checks a step that comes after the given number of anchor points and
// remembers it.
func (s *Space) arrive(key []byte, prefix spec.Answers, step spec.Step, anchors int) (place, error) {
	err := s.info.Check(step, anchors)
	if err == nil && !step.Done && len(prefix) == s.info.MaxSteps {
		err = fmt.Errorf("it asks for decision %d, but max_steps is %d", len(prefix)+1, s.info.MaxSteps)
	}
	if err != nil {
		var e wire.Encoder
		step.Encode(&e)
		return place{}, s.module.breach(s.question(prefix), e.Bytes(), err)
	}
	if !step.Done && step.Decision.Anchor {
		anchors++
	}
	at := place{step, anchors}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.places.put(key, at)
	return at, nil
}

func (s *Space) question(prefix spec.Answers) request {
	m := s.module
	return m.request(spec.OpCodeNext, "next", m.options.Limits.Fuel.Next, func(e *wire.Encoder) {
		s.subject(e)
		prefix.Encode(e.Key("prefix"))
	})
}

// consult asks the guest for the step after prefix.
func (s *Space) consult(ctx context.Context, prefix spec.Answers) (spec.Step, error) {
	var step spec.Step
	_, err := s.module.ask(ctx, s.question(prefix), &step)
	return step, err
}

// misled says that a prefix is not one of the space's.
func (s *Space) misled(prefix spec.Answers, at int, msg string) error {
	e := s.module.breach(s.question(prefix), nil, fmt.Errorf("answer %d: %s", at, msg))
	e.Kind, e.Code, e.At, e.Hint = ErrAnswer, "bad_prefix", at, "answers must come from this space under the same params"
	return e
}

// appendAnswer writes an answer so that no two answers, or sequences of them,
// are written alike.
func appendAnswer(key []byte, a spec.Answer) []byte {
	if !a.Set {
		return binary.AppendVarint(append(key, 0), int64(a.Index))
	}
	key = binary.AppendUvarint(append(key, 1), uint64(len(a.Anchors)))
	for _, anchor := range a.Anchors {
		key = binary.AppendVarint(key, int64(anchor))
	}
	return key
}

// Build returns the network that a whole episode's answers stand for, for a
// task. The network is valid.
func (s *Space) Build(ctx context.Context, prefix spec.Answers, task spec.Task) (*spec.Network, error) {
	m := s.module
	q := m.request(spec.OpCodeBuild, "build", m.options.Limits.Fuel.Build, func(e *wire.Encoder) {
		s.subject(e)
		prefix.Encode(e.Key("prefix"))
		task.Encode(e.Key("task"))
	})
	var b built
	answer, err := m.ask(ctx, q, &b)
	if err != nil {
		return nil, err
	}
	err = b.network.Validate()
	if err == nil && !sameTask(b.network.Task, task) {
		var is, asked wire.Encoder
		b.network.Task.Encode(&is)
		task.Encode(&asked)
		err = fmt.Errorf("the network is for the task %s, but was asked for %s", is.Bytes(), asked.Bytes())
	}
	if err != nil {
		return nil, m.breach(q, answer, err)
	}
	return &b.network, nil
}

// built is the answer to build.
type built struct{ network spec.Network }

func (b *built) Decode(d *wire.Decoder) {
	for d.Object(); d.Next(); {
		if d.Key() == "network" {
			b.network.Decode(d)
		}
	}
}

func sameTask(a, b spec.Task) bool {
	if a.Type != b.Type || a.Classes != b.Classes || len(a.Input) != len(b.Input) {
		return false
	}
	for i := range a.Input {
		if a.Input[i] != b.Input[i] {
			return false
		}
	}
	return true
}
