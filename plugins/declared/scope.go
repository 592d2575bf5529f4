package declared

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// parent strips the last of the names in a path: "stage/layer/" becomes
// "stage/".
func parent(path string) string {
	end := len(path) - 1
	for end > 0 && path[end-1] != '/' {
		end--
	}
	return path[:max(end, 0)]
}

// lookUp finds a name in a scope or in those around it.
func lookUp[T any](names map[string]*T, path, name string) *T {
	for {
		if found := names[path+name]; found != nil || path == "" {
			return found
		}
		path = parent(path)
	}
}

// binding is what a name stands for at some point of an episode.
type binding struct {
	index  int     // of the option
	number float64 // what the option is worth; 0 for a word
	word   string
	chosen []int // iterations, from 0, of a decision about anchor points
}

// scope is where a run stands.
type scope struct {
	space  *space
	values map[string]*binding // by path and name: "layer2/filters"
	path   string              // "layer2/"
	names  string              // the same without numbers: "layer/"
	turns  string              // the numbers alone
	loop   string              // the innermost repeat: "layer"
	turn   int                 // the number of its iteration, from 1
}

// enter goes into an iteration of a repeat that is named name.
func (c scope) enter(name string, i int) scope {
	c.values[c.path+name] = &binding{number: float64(i + 1), word: strconv.Itoa(i + 1)}
	c.loop, c.turn = c.path+name, i+1
	c.turns += strconv.Itoa(i) + "."
	c.path += name + strconv.Itoa(i+1) + "/"
	c.names += name + "/"
	return c
}

// holds reports whether an item's conditions hold.
func (c *scope) holds(v *value) bool {
	unless := v.get("unless")
	return c.all(v.get("if")) && (unless == nil || !c.all(unless))
}

// all reports whether all conditions hold.
func (c *scope) all(conditions *value) bool {
	for i := range conditions.list() {
		m := &conditions.items[i]
		b := lookUp(c.values, c.path, m.key)
		met := false
		options := m.each()
		for j := range options {
			met = met || b != nil && options[j].text == b.word
		}
		if !met {
			return false
		}
	}
	return true
}

// eval returns the value of an expression: numbers and references joined by *
// and /, from left to right. in is what the word "in" stands for. A reference to
// what was not asked makes it 0, and so does what is beyond all numbers.
func (c *scope) eval(v *value, in float64) float64 {
	if v.kind == wire.Number {
		return v.num
	}
	result, op := 1.0, byte('*')
	for rest := v.text; ; {
		var term string
		term, rest = cutTerm(rest)
		x := in
		if term[0] == '$' {
			x = 0
			if b := lookUp(c.values, c.path, term[1:]); b != nil {
				x = b.number
			}
		} else if term != "in" {
			n, _ := natural(term)
			x = float64(n)
		}
		if op == '*' {
			result *= x
		} else if x != 0 {
			result /= x
		}
		if rest == "" {
			if result != result {
				return 0
			}
			return result
		}
		op, rest = rest[0], rest[1:]
	}
}

// cutTerm splits off the first term of an expression, without spaces.
func cutTerm(s string) (term, rest string) {
	end := 0
	for end < len(s) && s[end] != '*' && s[end] != '/' {
		end++
	}
	term, rest = s[:end], s[end:]
	for len(term) > 0 && term[0] == ' ' {
		term = term[1:]
	}
	for len(term) > 0 && term[len(term)-1] == ' ' {
		term = term[:len(term)-1]
	}
	return term, rest
}
