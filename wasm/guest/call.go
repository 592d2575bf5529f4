package guest

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// registered is the module that Call serves.
var registered *Module

// Register makes m the module that this guest serves. It is called once, from
// an init function.
func Register(m Module) {
	if registered != nil {
		panic("guest: a module is registered already; a guest serves one")
	}
	registered = &m
}

// Call answers one operation of the registered module, as esp_call does. It is
// portable, so that a test can hold the sandboxed guest against it.
func Call(op int, payload []byte) []byte {
	if registered == nil {
		return failure(&spec.Fault{Code: spec.CodeInternal, Msg: "the guest has registered no module; call guest.Register in an init function", At: -1})
	}
	return registered.Call(op, payload)
}

// Call answers one operation: payload and answer are JSON, see the package doc.
func (m Module) Call(op int, payload []byte) []byte {
	var ok wire.Encoder
	ok.BeginObject()
	ok.Key("ok")
	if err := m.serve(op, payload, &ok); err != nil {
		return failure(fault(err, spec.CodeInternal))
	}
	ok.EndObject()
	return ok.Bytes()
}

func failure(f *spec.Fault) []byte {
	var e wire.Encoder
	e.BeginObject()
	f.Encode(e.Key("err"))
	e.EndObject()
	return e.Bytes()
}

// serve writes the answer to an operation.
func (m Module) serve(op int, payload []byte, out *wire.Encoder) error {
	if op < spec.OpCodeDescribe || op > spec.OpCodeReward {
		return Unsupported("unknown operation " + strconv.Itoa(op))
	}
	r, err := parse(payload)
	if err != nil {
		return err
	}
	switch op {
	case spec.OpCodeDescribe:
		return m.describe(r, out)
	case spec.OpCodeReward:
		return m.reward(r, out)
	}
	space, err := m.Space(r.space, r.params)
	if err != nil {
		return err
	}
	if op == spec.OpCodeNext {
		step, err := space.Next(r.prefix)
		if err != nil {
			return err
		}
		step.Encode(out)
		return nil
	}
	network, err := space.Build(r.prefix, r.task)
	if err != nil {
		return err
	}
	out.BeginObject()
	network.Encode(out.Key("network"))
	out.EndObject()
	return nil
}

func (m Module) describe(r *request, out *wire.Encoder) error {
	switch {
	case r.space != "":
		space, err := m.Space(r.space, r.params)
		if err != nil {
			return err
		}
		info := space.Info()
		info.Encode(out)
	case r.shaper != "":
		_, info, err := m.Shaper(r.shaper, r.params)
		if err != nil {
			return err
		}
		info.Encode(out)
	default:
		out.BeginObject()
		manifest := m.Manifest()
		manifest.Encode(out.Key("manifest"))
		out.EndObject()
	}
	return nil
}

func (m Module) reward(r *request, out *wire.Encoder) error {
	shaper, _, err := m.Shaper(r.shaper, r.params)
	if err != nil {
		return err
	}
	reward, err := shaper.Reward(r.metrics)
	if err != nil {
		return err
	}
	reward.Encode(out)
	return nil
}

// request is the payload of any operation; an operation reads what it needs.
type request struct {
	space, shaper string
	params        spec.Raw
	prefix        spec.Answers
	task          spec.Task
	metrics       spec.Metrics
}

func parse(payload []byte) (*request, error) {
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
			r.params = d.Raw()
		case "prefix":
			code = spec.CodeBadPrefix
			r.prefix.Decode(d)
			at = len(r.prefix)
		case "task":
			r.task.Decode(d)
		case "metrics":
			r.metrics.Decode(d)
		}
		if d.Err() == nil {
			code, at = spec.CodeUnsupported, -1
		}
	}
	if err := d.Finish(); err != nil {
		return nil, &spec.Fault{Code: code, Msg: "payload: " + err.Error(), At: at}
	}
	return r, nil
}
