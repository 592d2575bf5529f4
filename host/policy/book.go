package policy

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// book writes episodes in a few bytes for each decision. The trials of a study
// ask the same decisions again and again, so the book holds each of them once,
// and an episode is a list of places in the book and of answers.
type book struct {
	decisions []*spec.Decision
	places    map[string]uint64
	key       []byte // scratch
}

func newBook() book { return book{places: map[string]uint64{}} }

// write returns an episode, which has as many answers as decisions.
func (b *book) write(decisions []spec.Decision, answers spec.Answers) []byte {
	var episode []byte
	for i := range decisions {
		episode = binary.AppendUvarint(episode, b.place(&decisions[i]))
		a := answers[i]
		if !a.Set {
			episode = binary.AppendUvarint(episode, uint64(a.Index)<<1)
			continue
		}
		episode = binary.AppendUvarint(episode, uint64(len(a.Anchors))<<1|1)
		for _, anchor := range a.Anchors {
			episode = binary.AppendUvarint(episode, uint64(anchor))
		}
	}
	return slices.Clip(episode)
}

// read returns the steps and answers of an episode that write has returned. The
// decisions belong to the book.
func (b *book) read(episode []byte) ([]spec.Step, spec.Answers) {
	next := func() uint64 {
		v, n := binary.Uvarint(episode)
		episode = episode[n:]
		return v
	}
	var steps []spec.Step
	var answers spec.Answers
	for len(episode) > 0 {
		steps = append(steps, spec.Step{Decision: b.decisions[next()]})
		head := next()
		if head&1 == 0 {
			answers = append(answers, spec.Pick(int(head>>1)))
			continue
		}
		anchors := make([]int, head>>1)
		for i := range anchors {
			anchors[i] = int(next())
		}
		answers = append(answers, spec.PickSet(anchors...))
	}
	return steps, answers
}

// place finds a decision in the book, or copies it to the book's end.
func (b *book) place(d *spec.Decision) uint64 {
	b.key = appendKey(b.key[:0], d)
	if at, known := b.places[string(b.key)]; known {
		return at
	}
	own := *d
	own.Kind, own.Name = strings.Clone(d.Kind), strings.Clone(d.Name)
	own.Candidates, own.Mask = slices.Clone(d.Candidates), slices.Clone(d.Mask)
	at := uint64(len(b.decisions))
	b.decisions = append(b.decisions, &own)
	b.places[string(b.key)] = at
	return at
}

// appendKey writes everything of a decision, so that equal keys mean equal
// decisions.
func appendKey(key []byte, d *spec.Decision) []byte {
	for _, s := range []string{d.Kind, d.Name} {
		key = binary.AppendUvarint(key, uint64(len(s)))
		key = append(key, s...)
	}
	key = appendBools(key, []bool{d.Anchor})
	key = binary.AppendUvarint(key, uint64(len(d.Candidates)))
	for _, c := range d.Candidates {
		key = binary.AppendUvarint(key, uint64(c))
	}
	return appendBools(key, d.Mask)
}

func appendBools(key []byte, values []bool) []byte {
	for _, v := range values {
		if v {
			key = append(key, 1)
		} else {
			key = append(key, 0)
		}
	}
	return key
}
