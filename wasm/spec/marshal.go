//go:build !wasip1

package spec

import "github.com/espalier-nas/espalier/wasm/spec/wire"

// The methods in this file let a host use encoding/json. Guests have none: in
// them, the mere names would take space.

type value interface {
	Encode(e *wire.Encoder)
	Decode(d *wire.Decoder)
}

func marshal(v value) ([]byte, error) {
	var e wire.Encoder
	v.Encode(&e)
	return e.Bytes(), nil
}

// unmarshal reads data into v; null leaves v as it is, as encoding/json wants.
func unmarshal(data []byte, v value) error {
	d := wire.NewDecoder(data)
	if d.Kind() == wire.Null {
		d.Skip()
	} else {
		v.Decode(d)
	}
	return d.Finish()
}

// MarshalJSON returns r, or null if it is empty.
func (r Raw) MarshalJSON() ([]byte, error) {
	if len(r) == 0 {
		return []byte("null"), nil
	}
	return r, nil
}

// UnmarshalJSON copies data.
func (r *Raw) UnmarshalJSON(data []byte) error {
	*r = append(Raw(nil), data...)
	return nil
}

// MarshalJSON is Encode.
func (k Kind) MarshalJSON() ([]byte, error) { return marshal(&k) }

// UnmarshalJSON is Decode.
func (k *Kind) UnmarshalJSON(data []byte) error { return unmarshal(data, k) }

// MarshalJSON is Encode.
func (q Decision) MarshalJSON() ([]byte, error) { return marshal(&q) }

// UnmarshalJSON is Decode.
func (q *Decision) UnmarshalJSON(data []byte) error { return unmarshal(data, q) }

// MarshalJSON is Encode.
func (a Answer) MarshalJSON() ([]byte, error) { return marshal(&a) }

// UnmarshalJSON is Decode.
func (a *Answer) UnmarshalJSON(data []byte) error { return unmarshal(data, a) }

// MarshalJSON is Encode.
func (a Answers) MarshalJSON() ([]byte, error) { return marshal(&a) }

// UnmarshalJSON is Decode.
func (a *Answers) UnmarshalJSON(data []byte) error { return unmarshal(data, a) }

// MarshalJSON is Encode.
func (s Step) MarshalJSON() ([]byte, error) { return marshal(&s) }

// UnmarshalJSON is Decode.
func (s *Step) UnmarshalJSON(data []byte) error { return unmarshal(data, s) }

// MarshalJSON is Encode.
func (t Task) MarshalJSON() ([]byte, error) { return marshal(&t) }

// UnmarshalJSON is Decode.
func (t *Task) UnmarshalJSON(data []byte) error { return unmarshal(data, t) }

// MarshalJSON is Encode.
func (n Network) MarshalJSON() ([]byte, error) { return marshal(&n) }

// UnmarshalJSON is Decode.
func (n *Network) UnmarshalJSON(data []byte) error { return unmarshal(data, n) }

// MarshalJSON is Encode.
func (n Node) MarshalJSON() ([]byte, error) { return marshal(&n) }

// UnmarshalJSON is Decode.
func (n *Node) UnmarshalJSON(data []byte) error { return unmarshal(data, n) }

// MarshalJSON is Encode.
func (c Cell) MarshalJSON() ([]byte, error) { return marshal(&c) }

// UnmarshalJSON is Decode.
func (c *Cell) UnmarshalJSON(data []byte) error { return unmarshal(data, c) }

// MarshalJSON is Encode.
func (n CellNode) MarshalJSON() ([]byte, error) { return marshal(&n) }

// UnmarshalJSON is Decode.
func (n *CellNode) UnmarshalJSON(data []byte) error { return unmarshal(data, n) }

// MarshalJSON is Encode.
func (s CellState) MarshalJSON() ([]byte, error) { return marshal(&s) }

// UnmarshalJSON is Decode.
func (s *CellState) UnmarshalJSON(data []byte) error { return unmarshal(data, s) }

// MarshalJSON is Encode.
func (m Epoch) MarshalJSON() ([]byte, error) { return marshal(&m) }

// UnmarshalJSON is Decode.
func (m *Epoch) UnmarshalJSON(data []byte) error { return unmarshal(data, m) }

// MarshalJSON is Encode.
func (m Metrics) MarshalJSON() ([]byte, error) { return marshal(&m) }

// UnmarshalJSON is Decode.
func (m *Metrics) UnmarshalJSON(data []byte) error { return unmarshal(data, m) }

// MarshalJSON is Encode.
func (r Reward) MarshalJSON() ([]byte, error) { return marshal(&r) }

// UnmarshalJSON is Decode.
func (r *Reward) UnmarshalJSON(data []byte) error { return unmarshal(data, r) }

// MarshalJSON is Encode.
func (f Fault) MarshalJSON() ([]byte, error) { return marshal(&f) }

// UnmarshalJSON is Decode.
func (f *Fault) UnmarshalJSON(data []byte) error { return unmarshal(data, f) }

// MarshalJSON is Encode.
func (m Manifest) MarshalJSON() ([]byte, error) { return marshal(&m) }

// UnmarshalJSON is Decode.
func (m *Manifest) UnmarshalJSON(data []byte) error { return unmarshal(data, m) }

// MarshalJSON is Encode.
func (o Offer) MarshalJSON() ([]byte, error) { return marshal(&o) }

// UnmarshalJSON is Decode.
func (o *Offer) UnmarshalJSON(data []byte) error { return unmarshal(data, o) }

// MarshalJSON is Encode.
func (p Param) MarshalJSON() ([]byte, error) { return marshal(&p) }

// UnmarshalJSON is Decode.
func (p *Param) UnmarshalJSON(data []byte) error { return unmarshal(data, p) }

// MarshalJSON is Encode.
func (i SpaceInfo) MarshalJSON() ([]byte, error) { return marshal(&i) }

// UnmarshalJSON is Decode.
func (i *SpaceInfo) UnmarshalJSON(data []byte) error { return unmarshal(data, i) }

// MarshalJSON is Encode.
func (i ShaperInfo) MarshalJSON() ([]byte, error) { return marshal(&i) }

// UnmarshalJSON is Decode.
func (i *ShaperInfo) UnmarshalJSON(data []byte) error { return unmarshal(data, i) }
