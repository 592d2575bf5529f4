package child

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"strings"
	"testing"
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
	for want, content := range map[string]string{
		"too short":                  "1234567",
		"the header claims":          "\xff\xff\xff\xff\xff\xff\xff\xff{}",
		"header: ":                   file(`{"a":`, ""),
		`"a": type "F16"`:            file(tensor("F16", "[2]", "[0,4]"), "1234"),
		"needs 8 bytes, 4 are given": file(tensor("F32", "[2]", "[0,4]"), "1234"),
		"do not lie in":              file(tensor("F32", "[2]", "[0,8]"), "1234"),
		"bytes -4 to 0":              file(tensor("F32", "[1]", "[-4,0]"), "1234"),
		"too large":                  file(tensor("F32", "[4294967296,4294967296]", "[0,0]"), ""),
		"shape [-1]":                 file(tensor("F32", "[-1]", "[0,0]"), ""),
		"take 4 bytes":               file(tensor("F32", "[1]", "[0,4]"), "12345678"),
		"metadata":                   file(`{"__metadata__":3}`, ""),
	} {
		if _, err := ReadWeights(strings.NewReader(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", content, err, want)
		}
	}
}
