package spec

import (
	"errors"

	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// Errors of AppendManifest and ReadManifest.
var (
	ErrNotWasm     = errors.New("manifest: the file is not a WebAssembly core module; it must begin with \\0asm and version 1")
	ErrTorn        = errors.New("manifest: a section reaches past the end of the file; it is truncated or damaged")
	ErrHasManifest = errors.New("manifest: the module has a manifest already; build it again before adding another")
)

// wasmHeader begins every core module of version 1.
const wasmHeader = "\x00asm\x01\x00\x00\x00"

// section walks the sections of a module: it returns the payload of the first
// custom section called name, or nil.
func section(wasm []byte, name string) ([]byte, error) {
	if len(wasm) < len(wasmHeader) || string(wasm[:len(wasmHeader)]) != wasmHeader {
		return nil, ErrNotWasm
	}
	for rest := wasm[len(wasmHeader):]; len(rest) > 0; {
		id := rest[0]
		size, n := uleb(rest[1:])
		if n == 0 || uint64(len(rest)-1-n) < uint64(size) {
			return nil, ErrTorn
		}
		body := rest[1+n:][:size]
		rest = rest[1+n+int(size):]
		if id != 0 {
			continue
		}
		length, n := uleb(body)
		if n == 0 || uint64(len(body)-n) < uint64(length) {
			return nil, ErrTorn
		}
		if string(body[n:][:length]) == name {
			return body[n+int(length):], nil
		}
	}
	return nil, nil
}

// uleb reads an unsigned LEB128 of at most 32 bits and its length in bytes; 0
// bytes mean that there is none.
func uleb(b []byte) (v uint32, n int) {
	for shift := 0; n < len(b) && shift < 35; shift += 7 {
		c := b[n]
		n++
		if shift == 28 && c > 15 {
			return 0, 0
		}
		v |= uint32(c&0x7f) << shift
		if c < 0x80 {
			return v, n
		}
	}
	return 0, 0
}

func appendUleb(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

// AppendManifest returns a copy of the module with m in a custom section.
func AppendManifest(wasm []byte, m Manifest) ([]byte, error) {
	old, err := section(wasm, ManifestSection)
	if err != nil {
		return nil, err
	}
	if old != nil {
		return nil, ErrHasManifest
	}
	var e wire.Encoder
	m.Encode(&e)
	body := append(appendUleb(nil, uint32(len(ManifestSection))), ManifestSection...)
	body = append(body, e.Bytes()...)
	out := append(append([]byte(nil), wasm...), 0)
	return append(appendUleb(out, uint32(len(body))), body...), nil
}

// ReadManifest returns the manifest in a module's custom section, and whether
// there is one. It does not run the module.
func ReadManifest(wasm []byte) (Manifest, bool, error) {
	var m Manifest
	data, err := section(wasm, ManifestSection)
	if err != nil || data == nil {
		return m, false, err
	}
	d := wire.NewDecoder(data)
	m.Decode(d)
	if err := d.Finish(); err != nil {
		return Manifest{}, false, errors.New("manifest: " + err.Error())
	}
	return m, true, nil
}
