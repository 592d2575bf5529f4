package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Source says which plugin a space or shaper came from.
type Source struct {
	Plugin  string          `json:"plugin"`         // module name
	Hash    string          `json:"hash,omitempty"` // SHA-256 of the module, hex
	Name    string          `json:"name"`
	Version string          `json:"version,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"` // as the plugin understood them
	// Bytes is the size of the module, and Manifest what it offered: they tell
	// people what has changed where the hash has.
	Bytes    int            `json:"bytes,omitempty"`
	Manifest *spec.Manifest `json:"manifest,omitempty"`
}

// Changes says in what a plugin differs from what it was: its version, its
// size, and what it offers. What is not known of both says nothing.
func (was Source) Changes(now Source) []string {
	var d changes
	if was.Bytes > 0 && now.Bytes > 0 {
		d.differ("its size in bytes", was.Bytes, now.Bytes)
	}
	a, b := was.Manifest, now.Manifest
	if a == nil || b == nil {
		return d
	}
	d.differ("its name", a.Name, b.Name)
	d.differ("its version", a.Version, b.Version)
	d.differ("its plugin interface", a.ABI, b.ABI)
	d.offers("space", a.Spaces, b.Spaces)
	d.offers("shaper", a.Shapers, b.Shapers)
	if d == nil {
		d = append(d, "its manifest and its size are the same: it was built anew, from other code or by another toolchain")
	}
	return d
}

// changes are sentences without a full stop.
type changes []string

// add notes a change. What a plugin calls its parts cannot write to a terminal.
func (d *changes) add(format string, args ...any) {
	*d = append(*d, strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '·'
		}
		return r
	}, fmt.Sprintf(format, args...)))
}

// differ notes two values that are not the same.
func (d *changes) differ(what string, was, is any) {
	if was != is {
		d.add("%s was %v, now it is %v", what, was, is)
	}
}

// paired calls same for each name in both lists, and notes the others.
func paired[T any](d *changes, what string, was, is []T, name func(T) string, same func(a, b T)) {
	for _, a := range was {
		i := slices.IndexFunc(is, func(b T) bool { return name(b) == name(a) })
		if i < 0 {
			d.add("%s %s is gone", what, name(a))
			continue
		}
		same(a, is[i])
	}
	for _, b := range is {
		if !slices.ContainsFunc(was, func(a T) bool { return name(a) == name(b) }) {
			d.add("%s %s is new", what, name(b))
		}
	}
}

func (d *changes) offers(what string, was, is []spec.Offer) {
	paired(d, "the "+what, was, is, func(o spec.Offer) string { return o.Name }, func(a, b spec.Offer) {
		offer := what + " " + a.Name
		d.differ("the task of the "+offer, a.Task, b.Task)
		paired(d, "the "+offer+"'s param", a.Params, b.Params, func(p spec.Param) string { return p.Name }, func(p, q spec.Param) {
			param := "param " + p.Name + " of the " + offer
			d.differ("the type of the "+param, p.Type, q.Type)
			d.differ("the default of the "+param, oneLine(p.Default), oneLine(q.Default))
			d.differ("what is allowed of the "+param, allowed(p), allowed(q))
		})
	})
}

// oneLine writes JSON without its spaces, as files that people read have them.
func oneLine(raw spec.Raw) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}

// allowed says which values a param takes.
func allowed(p spec.Param) string {
	var parts []string
	if p.Min != nil {
		parts = append(parts, fmt.Sprintf("at least %v", *p.Min))
	}
	if p.Max != nil {
		parts = append(parts, fmt.Sprintf("at most %v", *p.Max))
	}
	if len(p.Options) > 0 {
		parts = append(parts, "one of "+strings.Join(p.Options, ", "))
	}
	if parts == nil {
		return "anything"
	}
	return strings.Join(parts, ", ")
}
