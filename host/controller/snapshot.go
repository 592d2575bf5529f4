package controller

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// A snapshot is, little-endian and in this order: magic; the length of the
// header as uint32; the header as JSON; weights, first and second moments as
// float32; the SHA-256 of all that.
const snapshotMagic = "espalier controller 1\n"

// ErrSnapshot is wrapped by every error of Restore.
var ErrSnapshot = errors.New("controller: cannot restore the snapshot")

type snapshotHeader struct {
	Config   Config         `json:"config"`
	Kinds    []snapshotKind `json:"kinds"`
	Updates  int            `json:"updates"`
	Seen     bool           `json:"seen"`
	Baseline uint64         `json:"baseline_bits"` // of the float64
}

type snapshotKind struct {
	ID      string        `json:"id"`
	Type    spec.KindType `json:"type"`
	Options []string      `json:"options"`
}

func (c *Controller) header() snapshotHeader {
	h := snapshotHeader{Config: c.config, Updates: c.updates, Seen: c.seen, Baseline: math.Float64bits(c.baseline)}
	for _, k := range c.info.Kinds {
		h.Kinds = append(h.Kinds, snapshotKind{ID: k.ID, Type: k.Type, Options: k.Options})
	}
	return h
}

// Snapshot is all state of the controller: a controller made with the same
// config and kinds that restores it continues bit for bit like this one.
func (c *Controller) Snapshot() []byte {
	header, err := json.Marshal(c.header())
	if err != nil {
		panic("controller: the header of a snapshot does not marshal")
	}
	out := []byte(snapshotMagic)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(header)))
	out = append(out, header...)
	for _, part := range [][]float32{c.weights, c.moments1, c.moments2} {
		for _, v := range part {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
		}
	}
	sum := sha256.Sum256(out)
	return append(out, sum[:]...)
}

// Restore takes over the state in a snapshot. If it is damaged, of another
// version, or of a controller with another config or other kinds, Restore
// returns an error that wraps ErrSnapshot and changes nothing.
func (c *Controller) Restore(snapshot []byte) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrSnapshot, fmt.Sprintf(format, args...))
	}
	if !bytes.HasPrefix(snapshot, []byte(snapshotMagic)) {
		return fail("it does not begin with %q, so it is no snapshot of this version", snapshotMagic)
	}
	body := len(snapshot) - sha256.Size
	if body < len(snapshotMagic)+4 {
		return fail("it ends after %d bytes", len(snapshot))
	}
	if sum := sha256.Sum256(snapshot[:body]); !bytes.Equal(sum[:], snapshot[body:]) {
		return fail("its checksum does not match; the file is damaged")
	}
	rest := snapshot[len(snapshotMagic):body]
	n := int(binary.LittleEndian.Uint32(rest))
	if rest = rest[4:]; n > len(rest) {
		return fail("its header of %d bytes is cut off", n)
	}
	var h snapshotHeader
	if err := json.Unmarshal(rest[:n], &h); err != nil {
		return fail("its header: %v", err)
	}
	if h.Config != c.config {
		return fail("it was made with the config %+v, this controller has %+v", h.Config, c.config)
	}
	mine := c.header().Kinds
	if len(h.Kinds) != len(mine) {
		return fail("it has %d kinds of decisions, this controller has %d", len(h.Kinds), len(mine))
	}
	for i, k := range h.Kinds {
		if k.ID != mine[i].ID || k.Type != mine[i].Type || !slices.Equal(k.Options, mine[i].Options) {
			return fail("its kind %d is %+v, this controller has %+v", i, k, mine[i])
		}
	}
	numbers := rest[n:]
	if len(numbers) != 3*4*c.layout.size {
		return fail("it holds %d bytes of weights, %d were expected", len(numbers), 3*4*c.layout.size)
	}
	for _, part := range [][]float32{c.weights, c.moments1, c.moments2} {
		for i := range part {
			part[i] = math.Float32frombits(binary.LittleEndian.Uint32(numbers))
			numbers = numbers[4:]
		}
	}
	c.updates, c.seen, c.baseline = h.Updates, h.Seen, math.Float64frombits(h.Baseline)
	return nil
}
