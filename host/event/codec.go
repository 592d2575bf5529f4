package event

import (
	"errors"
	"fmt"
	"time"
)

// A snapshot is a State in bytes: a magic word, a version, and then one column
// after the other, such as the seeds of all trials; ints, floats, times and
// texts say what columns look like. What follows from the rest is not written:
// counts, the curve, the best trial, and the result of a trial that repeats
// another.
//
// Writing and reading are one walk over the fields, so they cannot differ.
const (
	snapshotMagic   = "espalier state"
	snapshotVersion = 1
)

// ErrSnapshot says that bytes are not a State that AppendState wrote.
var ErrSnapshot = errors.New("event: not a snapshot of a study")

// AppendState appends a snapshot of s to dst; DecodeState reads it. It panics
// if no journal could hold s, because its configuration is not JSON.
func AppendState(dst []byte, s *State) []byte {
	c := &coder{buf: append(dst, snapshotMagic...), known: map[string]int{}}
	c.buf = append(c.buf, snapshotVersion)
	c.state(s)
	if c.err != nil {
		panic("event: the configuration of a study is not JSON")
	}
	return c.buf
}

// DecodeState reads what AppendState wrote: numbers exactly, times in UTC.
// Anything else is an ErrSnapshot. It takes at most memory in proportion to
// the length of the snapshot, which it keeps no reference to.
func DecodeState(snapshot []byte) (*State, error) {
	head := len(snapshotMagic)
	if len(snapshot) <= head || string(snapshot[:head]) != snapshotMagic {
		return nil, fmt.Errorf("%w: it begins otherwise", ErrSnapshot)
	}
	if v := snapshot[head]; v != snapshotVersion {
		return nil, fmt.Errorf("%w: it has version %d, this program reads version %d; use the same program on both sides", ErrSnapshot, v, snapshotVersion)
	}
	c := &coder{reading: true, buf: snapshot[head+1:]}
	var s State
	c.state(&s)
	if c.err == nil && len(c.buf) > 0 {
		c.fail("%d bytes follow its end", len(c.buf))
	}
	if c.err == nil {
		c.err = s.derive()
	}
	if c.err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSnapshot, c.err)
	}
	return &s, nil
}

func (c *coder) state(s *State) {
	c.varint(&s.Seq)
	times(c, 1, func(int) *time.Time { return &s.Last })
	started, ended := s.Started != nil, s.Ended != nil
	if c.flag(&started); started {
		c.document(&s.Started)
		c.varint(&s.BegunSeq)
		times(c, 1, func(int) *time.Time { return &s.Begun })
	}
	if c.flag(&ended); ended {
		c.document(&s.Ended)
		c.moments(1, func(int) *Moment { return &s.EndedAt })
	}
	controlled := len(s.Controls) > 0
	if c.flag(&controlled); controlled {
		c.document(&s.Controls)
	}
	list(c, &s.Others, 1)
	c.moments(len(s.Others), func(i int) *Moment { return &s.Others[i] })
	c.trials(s)
	c.updates(s)
}

func (c *coder) moments(n int, at func(i int) *Moment) {
	integers(c, n, func(i int) *int64 { return &at(i).Seq })
	times(c, n, func(i int) *time.Time { return &at(i).Time })
}
