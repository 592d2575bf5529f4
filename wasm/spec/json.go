package spec

import "github.com/espalier-nas/espalier/wasm/spec/wire"

// The types of this package write and read themselves through package wire, so
// that a guest needs no encoding/json; the methods below let a host use
// encoding/json all the same. Members have the fields' names in snake_case,
// unknown members are ignored, and null counts as absent.

type encoder interface{ Encode(e *wire.Encoder) }

type decoder interface{ Decode(d *wire.Decoder) }

func marshal(v encoder) ([]byte, error) {
	var e wire.Encoder
	v.Encode(&e)
	return e.Bytes(), nil
}

// unmarshal reads data into v; null leaves v as it is, as encoding/json wants.
func unmarshal(data []byte, v decoder) error {
	d := wire.NewDecoder(data)
	if d.Kind() == wire.Null {
		d.Skip()
	} else {
		v.Decode(d)
	}
	return d.Finish()
}

// MarshalJSON writes the kind as JSON.
func (k Kind) MarshalJSON() ([]byte, error) { return marshal(k) }

// UnmarshalJSON reads the kind from JSON.
func (k *Kind) UnmarshalJSON(data []byte) error { return unmarshal(data, k) }

// MarshalJSON writes the decision as JSON.
func (q Decision) MarshalJSON() ([]byte, error) { return marshal(q) }

// UnmarshalJSON reads the decision from JSON.
func (q *Decision) UnmarshalJSON(data []byte) error { return unmarshal(data, q) }

// MarshalJSON writes the answer as an integer or an array of integers.
func (a Answer) MarshalJSON() ([]byte, error) { return marshal(a) }

// UnmarshalJSON reads the answer from an integer or an array of integers.
func (a *Answer) UnmarshalJSON(data []byte) error { return unmarshal(data, a) }

// MarshalJSON writes the answers as an array, an empty one if there are none.
func (a Answers) MarshalJSON() ([]byte, error) { return marshal(a) }

// UnmarshalJSON reads the answers from an array.
func (a *Answers) UnmarshalJSON(data []byte) error { return unmarshal(data, a) }

// MarshalJSON writes the step as JSON.
func (s Step) MarshalJSON() ([]byte, error) { return marshal(s) }

// UnmarshalJSON reads the step from JSON.
func (s *Step) UnmarshalJSON(data []byte) error { return unmarshal(data, s) }

// MarshalJSON writes the task as JSON.
func (t Task) MarshalJSON() ([]byte, error) { return marshal(t) }

// UnmarshalJSON reads the task from JSON.
func (t *Task) UnmarshalJSON(data []byte) error { return unmarshal(data, t) }

// MarshalJSON writes the network as JSON.
func (n Network) MarshalJSON() ([]byte, error) { return marshal(n) }

// UnmarshalJSON reads the network from JSON; it does not validate it.
func (n *Network) UnmarshalJSON(data []byte) error { return unmarshal(data, n) }

// MarshalJSON writes the node as JSON.
func (n Node) MarshalJSON() ([]byte, error) { return marshal(n) }

// UnmarshalJSON reads the node from JSON.
func (n *Node) UnmarshalJSON(data []byte) error { return unmarshal(data, n) }

// MarshalJSON writes the cell as JSON.
func (c Cell) MarshalJSON() ([]byte, error) { return marshal(c) }

// UnmarshalJSON reads the cell from JSON; it does not validate it.
func (c *Cell) UnmarshalJSON(data []byte) error { return unmarshal(data, c) }

// MarshalJSON writes the cell node as JSON.
func (n CellNode) MarshalJSON() ([]byte, error) { return marshal(n) }

// UnmarshalJSON reads the cell node from JSON.
func (n *CellNode) UnmarshalJSON(data []byte) error { return unmarshal(data, n) }

// MarshalJSON writes the state as JSON.
func (s CellState) MarshalJSON() ([]byte, error) { return marshal(s) }

// UnmarshalJSON reads the state from JSON.
func (s *CellState) UnmarshalJSON(data []byte) error { return unmarshal(data, s) }

// MarshalJSON writes the epoch as JSON.
func (m Epoch) MarshalJSON() ([]byte, error) { return marshal(m) }

// UnmarshalJSON reads the epoch from JSON.
func (m *Epoch) UnmarshalJSON(data []byte) error { return unmarshal(data, m) }

// MarshalJSON writes the metrics as JSON.
func (m Metrics) MarshalJSON() ([]byte, error) { return marshal(m) }

// UnmarshalJSON reads the metrics from JSON.
func (m *Metrics) UnmarshalJSON(data []byte) error { return unmarshal(data, m) }

// MarshalJSON writes the reward as JSON.
func (r Reward) MarshalJSON() ([]byte, error) { return marshal(r) }

// UnmarshalJSON reads the reward from JSON.
func (r *Reward) UnmarshalJSON(data []byte) error { return unmarshal(data, r) }

// MarshalJSON returns r, or null if it is empty.
func (r Raw) MarshalJSON() ([]byte, error) { return marshal(r) }

// UnmarshalJSON copies data.
func (r *Raw) UnmarshalJSON(data []byte) error { return unmarshal(data, r) }

// MarshalJSON writes the fault as JSON.
func (f Fault) MarshalJSON() ([]byte, error) { return marshal(f) }

// UnmarshalJSON reads the fault from JSON.
func (f *Fault) UnmarshalJSON(data []byte) error { return unmarshal(data, f) }

// MarshalJSON writes the manifest as JSON.
func (m Manifest) MarshalJSON() ([]byte, error) { return marshal(m) }

// UnmarshalJSON reads the manifest from JSON.
func (m *Manifest) UnmarshalJSON(data []byte) error { return unmarshal(data, m) }

// MarshalJSON writes the offer as JSON.
func (o Offer) MarshalJSON() ([]byte, error) { return marshal(o) }

// UnmarshalJSON reads the offer from JSON.
func (o *Offer) UnmarshalJSON(data []byte) error { return unmarshal(data, o) }

// MarshalJSON writes the param as JSON.
func (p Param) MarshalJSON() ([]byte, error) { return marshal(p) }

// UnmarshalJSON reads the param from JSON.
func (p *Param) UnmarshalJSON(data []byte) error { return unmarshal(data, p) }

// MarshalJSON writes the description as JSON.
func (i SpaceInfo) MarshalJSON() ([]byte, error) { return marshal(i) }

// UnmarshalJSON reads the description from JSON.
func (i *SpaceInfo) UnmarshalJSON(data []byte) error { return unmarshal(data, i) }

// MarshalJSON writes the description as JSON.
func (i ShaperInfo) MarshalJSON() ([]byte, error) { return marshal(i) }

// UnmarshalJSON reads the description from JSON.
func (i *ShaperInfo) UnmarshalJSON(data []byte) error { return unmarshal(data, i) }
