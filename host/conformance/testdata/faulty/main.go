// This guest keeps every rule, but for the one that the param "fault" names.
// It speaks ABI 1 without the SDK, which would keep some of them by itself.
//
// Some rules are about requests without params. The guest breaks those if the
// text of mode is changed in the module's data.
package main

import (
	"strconv"
	"strings"
	"unsafe"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

var mode = "faulty mode: none   "

var (
	inputs = map[uint32][]byte{}
	answer []byte
	fault  string
	calls  int
	hoard  [][]byte
)

func main() {}

//go:wasmexport esp_abi
func abi() uint32 { return 1 << 16 }

//go:wasmexport esp_alloc
func alloc(n uint32) uint32 {
	b := make([]byte, n)
	p := uint32(uintptr(unsafe.Pointer(unsafe.SliceData(b))))
	inputs[p] = b
	return p
}

//go:wasmexport esp_free
func free(p, _ uint32) { delete(inputs, p) }

//go:wasmexport esp_call
func call(op, p, n uint32) uint64 {
	calls++
	answer = serve(op, inputs[p][:n])
	return uint64(uintptr(unsafe.Pointer(unsafe.SliceData(answer))))<<32 | uint64(len(answer))
}

// request is the payload of any operation.
type request struct {
	space, shaper, params string
	extra                 bool // it holds a member that is not known
	prefix                spec.Answers
	task                  spec.Task
	metrics               spec.Metrics
}

func refuse(code, msg string, at int) []byte {
	if fault == "X05" {
		msg = ""
	}
	if fault == "S11" {
		at = -1
	}
	var e wire.Encoder
	e.BeginObject()
	(&spec.Fault{Code: code, Msg: msg, At: at}).Encode(e.Key("err"))
	e.EndObject()
	return e.Bytes()
}

func accept(v interface{ Encode(*wire.Encoder) }) []byte {
	var e wire.Encoder
	e.BeginObject()
	v.Encode(e.Key("ok"))
	e.EndObject()
	return e.Bytes()
}

func serve(op uint32, payload []byte) []byte {
	fault = ""
	if _, rest, ok := strings.Cut(string(payload), `"fault"`); ok {
		rest, ok = strings.CutPrefix(strings.TrimLeft(rest, ": \t\r\n"), `"`)
		if ok {
			fault, _, _ = strings.Cut(rest, `"`)
		}
	}
	broken := strings.Contains(mode, "broken")
	if op < spec.OpCodeDescribe || op > spec.OpCodeReward {
		if broken {
			panic("what is that?")
		}
		return refuse(spec.CodeUnsupported, "unknown operation", -1)
	}
	switch {
	case fault == "X09":
		hoard = append(hoard, make([]byte, 4<<10))
	case fault == "X09 slow":
		hoard = append(hoard, make([]byte, 512))
	case fault == "late" && calls == 5000: // as a collector of garbage that waits
		hoard = append(hoard, make([]byte, 6<<20))
	}
	r, refusal := parse(payload)
	switch {
	case refusal != nil && broken && !strings.Contains(string(refusal), spec.CodeBadPrefix):
		panic("I cannot read this")
	case refusal != nil:
		return refusal
	case r.extra && fault == "X02":
		return refuse(spec.CodeUnsupported, "unknown member", -1)
	}
	return r.serve(op)
}

func parse(payload []byte) (*request, []byte) {
	r := new(request)
	d := wire.NewDecoder(payload)
	code, at := spec.CodeUnsupported, -1
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "space":
			r.space = d.Text()
		case "shaper":
			r.shaper = d.Text()
		case "params":
			r.params = string(d.Raw())
		case "prefix":
			code = spec.CodeBadPrefix
			r.prefix.Decode(d)
			at = len(r.prefix)
		case "task":
			r.task.Decode(d)
		case "metrics":
			r.metrics.Decode(d)
		default:
			r.extra = true
		}
		if d.Err() == nil {
			code, at = spec.CodeUnsupported, -1
		}
	}
	if err := d.Finish(); err != nil {
		return nil, refuse(code, err.Error(), at)
	}
	return r, nil
}

// params are those of both the space and the shaper.
type params struct{ depth, scale int }

func declared() []spec.Param {
	low, high := 1.0, 4.0
	return []spec.Param{
		{Name: "depth", Type: spec.ParamInt, Default: spec.Raw("3"), Min: &low, Max: &high, Summary: "layers"},
		{Name: "fault", Type: spec.ParamString, Default: spec.Raw(`"none"`), Summary: "the rule to break"},
	}
}

// read returns the params, or why they are wrong.
func read(raw string) (p params, wrong string) {
	p.depth = 3
	if raw == "" {
		return p, ""
	}
	d := wire.NewDecoder([]byte(raw))
	for d.Object(); d.Next(); {
		switch d.Key() {
		case "depth":
			p.depth = d.Int()
		case "fault":
			d.Text()
		default:
			wrong = "unknown param"
		}
	}
	if err := d.Finish(); err != nil {
		wrong = err.Error()
	} else if p.depth < 1 || p.depth > 4 {
		wrong = "depth is not in 1..4"
	}
	return p, wrong
}

func (p params) raw() spec.Raw {
	text := `{"depth":` + strconv.Itoa(p.depth)
	if fault != "S02" && fault != "R02" {
		name := fault
		if name == "" {
			name = "none"
		}
		text += `,"fault":"` + name + `"`
	}
	return spec.Raw(text + "}")
}

func (r *request) serve(op uint32) []byte {
	if op == spec.OpCodeDescribe && r.space == "" && r.shaper == "" {
		return accept(manifest{})
	}
	if op == spec.OpCodeReward && r.space == "" || r.shaper != "" {
		r.space = ""
		if r.shaper != "r" {
			return refuse(spec.CodeUnsupported, "unknown shaper", -1)
		}
	} else if r.space != "s" {
		return refuse(spec.CodeUnsupported, "unknown space", -1)
	}
	p, wrong := read(r.params)
	if wrong != "" && fault != "S03" && fault != "R03" {
		return refuse(spec.CodeBadParams, wrong, -1)
	}
	switch {
	case op == spec.OpCodeDescribe && r.space == "s":
		info := p.info()
		return accept(&info)
	case op == spec.OpCodeDescribe:
		info := spec.ShaperInfo{Name: "r", Version: "1.0.0", Params: p.raw()}
		if fault == "R01" {
			info.Name = "another"
		}
		return accept(&info)
	case op == spec.OpCodeReward && r.shaper != "":
		return reward(r.metrics)
	case op == spec.OpCodeReward || r.shaper != "":
		return refuse(spec.CodeUnsupported, "not an operation of this offer", -1)
	case op == spec.OpCodeNext:
		return p.next(r.prefix)
	}
	return p.build(r.prefix, r.task)
}

// manifest is the answer to describe {}.
type manifest struct{}

func (manifest) Encode(e *wire.Encoder) {
	m := Manifest()
	e.BeginObject()
	m.Encode(e.Key("manifest"))
	e.EndObject()
}

// Manifest is what the guest offers.
func Manifest() spec.Manifest {
	return spec.Manifest{ABI: spec.ABI, Name: "faulty", Version: "1.0.0", Summary: "A plugin for tests.",
		Spaces:  []spec.Offer{{Name: "s", Summary: "Layers.", Task: spec.TaskImage, Params: declared()}},
		Shapers: []spec.Offer{{Name: "r", Summary: "Accuracy.", Params: declared()}},
	}
}
