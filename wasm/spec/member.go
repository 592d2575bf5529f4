package spec

import "github.com/espalier-nas/espalier/wasm/spec/wire"

// The functions below write one member of an object. They are not inlined, which
// keeps guests small.

//go:noinline
func putText(e *wire.Encoder, key, v string) { e.Key(key).Text(v) }

//go:noinline
func putInt(e *wire.Encoder, key string, v int64) { e.Key(key).Int(v) }

// The optional ones leave out what is zero or empty.

//go:noinline
func optText(e *wire.Encoder, key, v string) {
	if v != "" {
		putText(e, key, v)
	}
}

//go:noinline
func optInt(e *wire.Encoder, key string, v int) {
	if v != 0 {
		putInt(e, key, int64(v))
	}
}

//go:noinline
func optBool(e *wire.Encoder, key string, v bool) {
	if v {
		e.Key(key).Bool(true)
	}
}

//go:noinline
func optTexts(e *wire.Encoder, key string, v []string) {
	if len(v) > 0 {
		e.Key(key).Texts(v)
	}
}

//go:noinline
func optPair(e *wire.Encoder, key string, v *[2]int) {
	if *v != [2]int{} {
		e.Key(key).Ints(v[:])
	}
}

// optFloat also leaves out what is not finite.
//
//go:noinline
func optFloat(e *wire.Encoder, key string, v float64) {
	if v != 0 {
		putFloat(e, key, v)
	}
}

// putFloat leaves out what is not finite.
//
//go:noinline
func putFloat(e *wire.Encoder, key string, v float64) {
	if v-v == 0 {
		e.Key(key).Float(v)
	}
}
