package child

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
)

// entry describes a tensor in the header. Offsets count from the header's end.
type entry struct {
	DType   string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

const metadataKey = "__metadata__"

// WriteTo stores w.
func (w *Weights) WriteTo(out io.Writer) (int64, error) {
	header := []byte(`{"` + metadataKey + `":`)
	header = appendJSON(header, map[string]string{"format": "espalier", "network": w.Network})
	var at int64
	for _, t := range w.Tensors {
		end := at + 4*int64(len(t.Data))
		header = appendJSON(append(header, ','), t.Name)
		header = appendJSON(append(header, ':'), entry{"F32", t.Shape, [2]int64{at, end}})
		at = end
	}
	header = append(header, '}')
	header = append(header, bytes.Repeat([]byte(" "), -len(header)&7)...)
	chunk := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
	n, err := out.Write(chunk)
	written := int64(n)
	for _, t := range w.Tensors {
		if err != nil {
			break
		}
		chunk = chunk[:0]
		for _, x := range t.Data {
			chunk = binary.LittleEndian.AppendUint32(chunk, math.Float32bits(x))
		}
		n, err = out.Write(chunk)
		written += int64(n)
	}
	if err != nil {
		return written, fmt.Errorf("child: store weights: %w", err)
	}
	return written, nil
}

func appendJSON(b []byte, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic("child: strings and numbers became no JSON")
	}
	return append(b, text...)
}

// MaxWeights is the largest size of stored weights in bytes.
const MaxWeights = 1<<31 - 1

// ReadWeights reads what WriteTo has stored, or float32 tensors that another
// program has stored in the same format.
func ReadWeights(in io.Reader) (*Weights, error) {
	file, err := io.ReadAll(io.LimitReader(in, MaxWeights+1))
	if err != nil {
		return nil, fmt.Errorf("child: read weights: %w", err)
	}
	if len(file) > MaxWeights {
		return nil, fmt.Errorf("child: read weights: more than %s", mebibytes(MaxWeights))
	}
	if len(file) < 8 {
		return nil, fmt.Errorf("child: read weights: %d bytes, too short for a header", len(file))
	}
	length := binary.LittleEndian.Uint64(file)
	body := file[8:]
	if length > uint64(len(body)) {
		return nil, fmt.Errorf("child: read weights: the header claims %d bytes, the file has %d", length, len(body))
	}
	header, body := body[:length], body[length:]
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(header, &raw); err != nil {
		return nil, fmt.Errorf("child: read weights: header: %w", err)
	}
	return parseTensors(raw, body)
}

// parseTensors reads the tensors of a header from the body, which they must
// fill without gap or overlap.
func parseTensors(raw map[string]json.RawMessage, body []byte) (*Weights, error) {
	w := &Weights{}
	var metadata map[string]string
	if m, ok := raw[metadataKey]; ok {
		if err := json.Unmarshal(m, &metadata); err != nil {
			return nil, fmt.Errorf("child: read weights: metadata: %w", err)
		}
		w.Network = metadata["network"]
		delete(raw, metadataKey)
	}
	entries := map[string]entry{}
	names := slices.Sorted(maps.Keys(raw))
	for _, name := range names {
		var e entry
		if err := json.Unmarshal(raw[name], &e); err != nil {
			return nil, fmt.Errorf("child: read weights: tensor %q: %w", name, err)
		}
		entries[name] = e
	}
	slices.SortStableFunc(names, func(a, b string) int {
		x, y := entries[a].Offsets, entries[b].Offsets
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
	})
	var end int64
	for _, name := range names {
		e := entries[name]
		if e.Offsets[0] != end {
			return nil, fmt.Errorf("child: read weights: tensor %q begins at byte %d, the one before it ends at %d", name, e.Offsets[0], end)
		}
		data, err := e.floats(body)
		if err != nil {
			return nil, fmt.Errorf("child: read weights: tensor %q: %w", name, err)
		}
		end = e.Offsets[1]
		w.Tensors = append(w.Tensors, Tensor{name, e.Shape, data})
	}
	if end != int64(len(body)) {
		return nil, fmt.Errorf("child: read weights: the tensors end at byte %d, the file has %d", end, len(body))
	}
	return w, nil
}

// floats reads the numbers of e, whose first offset is not negative.
func (e entry) floats(body []byte) ([]float32, error) {
	if e.DType != "F32" {
		return nil, fmt.Errorf("type %q, only F32 is read", e.DType)
	}
	from, to := e.Offsets[0], e.Offsets[1]
	if to < from || to > int64(len(body)) {
		return nil, fmt.Errorf("bytes %d to %d do not lie in the file's %d", from, to, len(body))
	}
	size := int64(4)
	for _, d := range e.Shape {
		if d < 0 || d > MaxWeights || size*int64(d) > MaxWeights {
			return nil, fmt.Errorf("shape %v is too large", e.Shape)
		}
		size *= int64(d)
	}
	if size != to-from {
		return nil, fmt.Errorf("shape %v needs %d bytes, %d are given", e.Shape, size, to-from)
	}
	data := make([]float32, size/4)
	for i := range data {
		data[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[from+4*int64(i):]))
	}
	return data, nil
}
