package main

import (
	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// network is the value of an answer to build.
type network struct{ n *spec.Network }

func (v network) Encode(e *wire.Encoder) {
	e.BeginObject()
	v.n.Encode(e.Key("network"))
	e.EndObject()
}
