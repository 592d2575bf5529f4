package declared

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// declare makes a name known within the repeats of path.
func (c *checker) declare(v *value, path, name string, d *declaration) {
	c.identifier(v, name)
	if lookUp(c.declared, path, name) != nil {
		c.bad(v, "the name "+wire.Quote(name)+" is taken; give another with \"as\"")
	}
	if len(c.declared) < maxNames {
		c.declared[path+name] = d
	} else {
		c.bad(v, "there are more than "+strconv.Itoa(maxNames)+" names")
	}
}

// known lists the names that can be referred to within path, in order.
func known[T any](c *checker, names map[string]*T, path string) (list []string) {
	if c.found >= maxProblems {
		return nil
	}
	for full := range names {
		base := full[len(parent(full)):]
		if lookUp(names, path, base) != names[full] {
			continue
		}
		list = append(list, base)
		for i := len(list) - 1; i > 0 && list[i] < list[i-1]; i-- {
			list[i], list[i-1] = list[i-1], list[i]
		}
	}
	return list
}

// refer finds a declaration by its name, and complains if there is none.
func (c *checker) refer(v *value, path, name string) *declaration {
	d := lookUp(c.declared, path, name)
	if d == nil {
		c.unknown(v, "nothing has been asked here that is named", name, known(c, c.declared, path))
	}
	return d
}

// depend notes that what is asked depends on a name.
func (c *checker) depend(d *declaration, name string) {
	if d != nil && d.kind != nil && !d.relevant {
		d.relevant = true
		c.relevant = append(c.relevant, name)
	}
}

// conditions checks if and unless.
func (c *checker) conditions(v *value, path string, asking bool) {
	for _, key := range [...]string{"if", "unless"} {
		conditions := v.get(key)
		if conditions == nil || !c.is(conditions, wire.Object, v, key) {
			continue
		}
		if v.conditions() > maxValues {
			c.bad(conditions, "more than "+strconv.Itoa(maxValues)+" values")
			continue
		}
		for i := range conditions.items {
			m := &conditions.items[i]
			d := c.refer(m, path, m.key)
			if d == nil || d.kind == nil {
				continue
			}
			if asking {
				c.depend(d, m.key)
			}
			options := m.each()
			if len(options) == 0 {
				c.bad(m, "name at least one option")
			}
			for j := range options {
				c.among(&options[j], "option", options[j].text, d.kind.Options)
			}
		}
	}
}

// count returns the most iterations of a repeat.
func (c *checker) count(v *value, path string, asking bool) int {
	m := v.get("repeat")
	if m == nil || m.kind != wire.Text {
		if !c.is(m, wire.Number, v, "repeat") {
			return 1
		}
	} else if d := lookUp(c.declared, path, m.text[min(1, len(m.text)):]); d != nil && d.kind == nil {
		c.bad(m, "the number of an iteration cannot be a count")
	}
	low, high := c.rangeOf(m, path, asking)
	if term, _ := cutTerm(m.text); term != m.text || low < 0 || high > maxCount || term == "in" || low == high && low != float64(int(low)) {
		c.bad(m, "a repeat has 0 to "+strconv.Itoa(maxCount)+" iterations; write a whole number, or one decision as $name")
		return 1
	}
	return int(high)
}

// rangeOf checks an expression and returns the range of its values; that of
// products is not looked into, and "in" is 1.
func (c *checker) rangeOf(v *value, path string, asking bool) (low, high float64) {
	if v.kind == wire.Number {
		return v.num, v.num
	}
	if !c.is(v, wire.Text, v, "") {
		return 1, 1
	}
	if len(v.text) > maxText {
		c.bad(v, "an expression has at most "+strconv.Itoa(maxText)+" bytes")
		return 1, 1
	}
	low, high = 1, 1
	for rest := v.text; ; rest = rest[1:] {
		var term string
		whole := rest == v.text
		term, rest = cutTerm(rest)
		if term != "" && term[0] == '$' {
			d := c.refer(v, path, term[1:])
			if asking {
				c.depend(d, term[1:])
			}
			switch {
			case d == nil:
			case d.kind != nil && d.kind.numbers == nil:
				c.bad(v, term+" is not a number")
			case d.kind != nil && whole && rest == "":
				low, high = d.kind.numbers[0], d.kind.numbers[0]
				for _, x := range d.kind.numbers {
					low, high = min(low, x), max(high, x)
				}
			}
		} else if n, ok := natural(term); term != "in" && (!ok || n < 1) {
			c.bad(v, "cannot read "+wire.Quote(v.text)+"; write a number, a decision as $name, or in (the channels that come in), joined by * and /")
			return 1, 1
		}
		if rest == "" {
			return low, high
		}
	}
}
