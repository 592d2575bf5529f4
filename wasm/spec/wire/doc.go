// Package wire is a small JSON codec for values that cross the plugin boundary.
//
// It exists beside encoding/json because a guest compiled to WebAssembly pays
// for every package it links: encoding/json and the reflection below it add
// 2.7 MB to a guest and make a call fifty times slower. Types write themselves
// into an Encoder and read themselves from a Decoder, without reflection.
//
// The Decoder is stricter than encoding/json, since what it reads may come
// from a hostile plugin: it refuses input that is too long or nested too
// deeply, objects of very many members, duplicate names, invalid UTF-8, lone surrogate escapes, and numbers
// that do not fit. Every error says where it is, by path and by byte offset.
package wire

const (
	// MaxBytes is the length of the longest input a Decoder reads.
	MaxBytes = 16 << 20
	// MaxDepth is how deeply arrays and objects may be nested.
	MaxDepth = 64
	// MaxMembers is how many members an object may have.
	MaxMembers = 256
)
