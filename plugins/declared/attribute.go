package declared

import (
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// number returns an attribute as a whole number within its range.
//
//go:noinline
func (b *builder) number(v *value, name string, otherwise, low, high int) int {
	return b.whole(v.get(name), otherwise, low, high)
}

func (b *builder) whole(m *value, otherwise, low, high int) int {
	x := float64(otherwise)
	if m != nil && m.text != "depthwise" {
		if e := b.eval(m, float64(b.last.c)); e != 0 {
			x = e
		}
	}
	return int(min(max(x, float64(low)), float64(high)))
}

// pair returns the height and width of a window's attribute.
func (b *builder) pair(v *value, name string, otherwise int) (p [2]int) {
	m := v.get(name)
	for i := range p {
		part := m
		if m != nil && m.kind == wire.Array {
			part = &m.items[i%len(m.items)]
		}
		p[i] = b.whole(part, otherwise, 1, maxWindow)
	}
	return p
}

// choose returns an attribute that is a word.
func (b *builder) choose(v *value, name, otherwise string) string {
	word := v.word(name, otherwise)
	if word != "" && word[0] == '$' {
		d := lookUp(b.values, b.path, word[1:])
		if d == nil {
			return otherwise
		}
		word = d.word
	}
	return word
}
