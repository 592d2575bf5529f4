package declared

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// bad notes what is wrong with a value.
//
//go:noinline
func (c *checker) bad(v *value, what string) {
	if c.found++; c.found <= maxProblems {
		c.problems += place(c.text, &c.root, v.at) + ": " + what + "; "
	}
}

// unknown complains about a word that is none of the known ones.
//
//go:noinline
func (c *checker) unknown(v *value, what, word string, known []string) {
	if c.found >= maxProblems {
		c.found++
		return
	}
	help := spec.Suggest(word, known)
	if help == "" {
		help = "; known are"
		for i, k := range known {
			if i == maxListed {
				help += " and others"
				break
			}
			if i > 0 {
				help += ","
			}
			help += " " + k
		}
	}
	c.bad(v, what+" "+wire.Quote(word)+help)
}

// among reports whether a word is one of the known ones, and complains if not.
//
//go:noinline
func (c *checker) among(v *value, what, word string, known []string) bool {
	for _, k := range known {
		if k == word {
			return true
		}
	}
	c.unknown(v, "unknown "+what, word, known)
	return false
}

// is complains if a value is not of a kind; absent ones are not either.
//
//go:noinline
func (c *checker) is(v *value, k wire.Kind, holder *value, key string) bool {
	switch {
	case v == nil:
		c.bad(holder, "the member "+key+" is missing")
	case v.kind != k:
		c.bad(v, "expected "+k.String()+", found "+v.kind.String())
	default:
		return true
	}
	return false
}

// members complains about members that an object should not have.
//
//go:noinline
func (c *checker) members(v *value, known ...string) {
	for i := range v.items {
		if m := &v.items[i]; v.kind == wire.Object {
			c.among(m, "member", m.key, known)
		}
	}
}

// identifier complains about a name that cannot be one.
//
//go:noinline
func (c *checker) identifier(v *value, name string) {
	ok := name != "" && len(name) <= maxName && name[0] >= 'a'
	for i := range len(name) {
		b := name[i]
		ok = ok && (b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_')
	}
	for _, word := range [...]string{"in", "input", "last", "start"} {
		ok = ok && name != word
	}
	if !ok {
		c.bad(v, "the name "+wire.Quote(name)+" is reserved or not one: use a letter, then letters, digits and _, all lower case, at most "+strconv.Itoa(maxName))
	}
}
