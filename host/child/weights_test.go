package child

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

func sampleWeights(t *testing.T) (*Program, *Weights) {
	t.Helper()
	net := smallNet(4, 4, 1, 2, 3)
	p, err := Compile(net, 2, Options{BatchNorm: testNorm})
	if err != nil {
		t.Fatal(err)
	}
	p.Init(7)
	return p, p.Weights()
}

func TestWeightsStored(t *testing.T) {
	p, w := sampleWeights(t)
	var file bytes.Buffer
	n, err := w.WriteTo(&file)
	if err != nil || n != int64(file.Len()) {
		t.Fatalf("wrote %d bytes, %d arrived, %v", n, file.Len(), err)
	}
	if header := binary.LittleEndian.Uint64(file.Bytes()); header%8 != 0 {
		t.Errorf("the header of %d bytes leaves the numbers unaligned", header)
	}
	back, err := ReadWeights(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back, w) || back.Hash() != w.Hash() {
		t.Errorf("stored %v, read %v", w, back)
	}
	var names []string
	for _, tensor := range w.Tensors {
		names = append(names, tensor.Name)
	}
	if got, want := strings.Join(names, " "), "n0.weight n1.gamma n1.beta n1.mean n1.variance n5.weight n5.bias"; got != want {
		t.Errorf("tensors %s, want %s", got, want)
	}
	w.Tensors[0].Data[0]++
	if back.Hash() == w.Hash() {
		t.Error("other weights have the same hash")
	}
	if err := p.Load(w); err != nil || p.params[0].value[0] != w.Tensors[0].Data[0] {
		t.Errorf("Load: %v", err)
	}
}

// TestEmptyTensors: tensors without numbers share their place with the next.
func TestEmptyTensors(t *testing.T) {
	w := &Weights{Network: "n", Tensors: []Tensor{{"z", []int{0}, []float32{}}, {"a", []int{1}, []float32{5}}, {"b", []int{2, 0}, []float32{}}}}
	var file bytes.Buffer
	if _, err := w.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	if back, err := ReadWeights(&file); err != nil || !reflect.DeepEqual(back, w) {
		t.Errorf("stored %v, read %v, %v", w, back, err)
	}
}

// TestStoreFails: an error of the disk comes back, with what was written.
func TestStoreFails(t *testing.T) {
	_, w := sampleWeights(t)
	var whole bytes.Buffer
	if _, err := w.WriteTo(&whole); err != nil {
		t.Fatal(err)
	}
	for room := 0; room < whole.Len(); room += 100 {
		out := &fullDisk{room: room}
		if n, err := w.WriteTo(out); !errors.Is(err, errFull) || n != int64(room) {
			t.Errorf("room for %d bytes: wrote %d, %v", room, n, err)
		}
		if _, err := ReadWeights(bytes.NewReader(whole.Bytes()[:room])); err == nil {
			t.Errorf("the first %d of %d bytes were read", room, whole.Len())
		}
	}
	if _, err := ReadWeights(iotest.ErrReader(errFull)); !errors.Is(err, errFull) {
		t.Errorf("ReadWeights: %v", err)
	}
}

var errFull = errors.New("no space left")

// fullDisk takes so many bytes.
type fullDisk struct{ room int }

func (d *fullDisk) Write(p []byte) (int, error) {
	n := min(len(p), d.room)
	d.room -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestLoadRefuses(t *testing.T) {
	p, w := sampleWeights(t)
	before := p.Weights().Hash()
	w.Tensors[0].Name = "stranger"
	w.Tensors[1].Shape = []int{1, 3}
	err := p.Load(w)
	for _, want := range []string{`"n0.weight" is missing`, `"n1.gamma" has shape [1 3], the network needs [3]`, `no tensor "stranger"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %s", err, want)
		}
	}
	if p.Weights().Hash() != before {
		t.Error("weights that were refused have been loaded")
	}
}

func TestReadRefuses(t *testing.T) {
	file := func(header, body string) string {
		return string(binary.LittleEndian.AppendUint64(nil, uint64(len(header)))) + header + body
	}
	tensor := func(dtype, shape, offsets string) string {
		return `{"a":{"dtype":"` + dtype + `","shape":` + shape + `,"data_offsets":` + offsets + `}}`
	}
	pair := func(a, b string) string {
		one, two := tensor("F32", "[1]", a), tensor("F32", "[1]", b)
		return one[:len(one)-1] + `,"b"` + two[len(`{"a"`):]
	}
	for want, content := range map[string]string{
		"too short":                  "1234567",
		"the header claims":          "\xff\xff\xff\xff\xff\xff\xff\xff{}",
		"header: ":                   file(`{"a":`, ""),
		`"a": type "F16"`:            file(tensor("F16", "[2]", "[0,4]"), "1234"),
		"needs 8 bytes, 4 are given": file(tensor("F32", "[2]", "[0,4]"), "1234"),
		"do not lie in":              file(tensor("F32", "[2]", "[0,8]"), "1234"),
		"begins at byte -4":          file(tensor("F32", "[1]", "[-4,0]"), "1234"),
		"bytes 0 to -4":              file(tensor("F32", "[1]", "[0,-4]"), "1234"),
		"too large":                  file(tensor("F32", "[4294967296,4294967296]", "[0,0]"), ""),
		"shape [-1]":                 file(tensor("F32", "[-1]", "[0,0]"), ""),
		"end at byte 4":              file(tensor("F32", "[1]", "[0,4]"), "12345678"),
		"metadata":                   file(`{"__metadata__":3}`, ""),
		`"a": json`:                  file(`{"a":"weights"}`, ""),
		`"b" begins at byte 0, the one before it ends at 4`: file(pair("[0,4]", "[0,4]"), "12345678"),
		`"b" begins at byte 2, the one before it ends at 4`: file(pair("[0,4]", "[2,6]"), "12345678"),
		`"a" begins at byte 8, the one before it ends at 4`: file(pair("[8,12]", "[0,4]"), "123456789012"),
	} {
		if _, err := ReadWeights(strings.NewReader(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", content, err, want)
		}
	}
}
