package declared

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// space is a document that has been found sound.
type space struct {
	text  string
	task  spec.TaskType
	root  value
	kinds []kind
	// declared are the decisions and repeats of the document, by the names of
	// the repeats around them and their own: "layer/filters".
	declared map[string]*declaration
	relevant []string // names of those that the rest of the questions may depend on
	info     spec.SpaceInfo
}

// kind is a kind of decisions.
type kind struct {
	spec.Kind
	numbers []float64 // what the options are worth; nil if one is a word
}

// declaration is a decision or a repeat.
type declaration struct {
	kind     *kind // nil: a repeat, whose value is the number of its iteration
	relevant bool  // what is asked later depends on it
}

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

func (s *space) Info() spec.SpaceInfo { return s.info }

func (s *space) Next(prefix spec.Answers) (spec.Step, error) {
	w := s.walk(prefix, none)
	return w.step, w.err
}

func (s *space) Build(answers spec.Answers, task spec.Task) (*spec.Network, error) {
	w := s.walk(answers, none)
	switch {
	case w.err != nil:
		return nil, w.err
	case !w.step.Done:
		return nil, guest.BadPrefix(len(answers), "the episode is not over")
	case task.Type != s.task:
		return nil, guest.Unsupported("the document is for the task " + string(s.task))
	}
	return w.build(task)
}

// binding is what a name stands for at some point of an episode.
type binding struct {
	index  int     // of the option
	number float64 // what the option is worth; 0 for a word
	word   string
	chosen []int // iterations, from 0, of a decision about anchor points
}

// taste is what a run answers where it has been given no answer.
type taste int

const (
	none  taste = iota // nothing: it ends there
	first              // the first option, no anchor point or the first
	last               // the last option, all anchor points or the last
)

// pick answers a decision.
func (t taste) pick(q *spec.Decision, k *kind) spec.Answer {
	options := q.Candidates
	if k.Type == spec.Choice {
		options = nil
		for i := range k.Options {
			if q.Mask == nil || q.Mask[i] {
				options = append(options, i)
			}
		}
	}
	switch {
	case k.Type == spec.AnchorSet && t == first:
		return spec.PickSet()
	case k.Type == spec.AnchorSet:
		return spec.PickSet(options...)
	case t == first:
		return spec.Pick(options[0])
	}
	return spec.Pick(options[len(options)-1])
}

// walk is one run through the decisions of an episode.
type walk struct {
	scope
	answers spec.Answers
	taste   taste
	used    int // answers so far
	anchors int // anchor points so far
	marks   map[string][]int
	step    spec.Step
	err     error
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

// walk runs as far as the answers and the taste lead.
func (s *space) walk(answers spec.Answers, taste taste) *walk {
	w := &walk{answers: answers, taste: taste, marks: map[string][]int{}}
	w.scope = scope{space: s, values: map[string]*binding{}}
	if !w.decisions(s.root.get("decisions").list()) {
		return w
	}
	w.step.Done = true
	if w.used < len(answers) {
		w.err = guest.BadPrefix(w.used, "the episode ends after "+strconv.Itoa(w.used)+" answers")
	}
	return w
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

// decisions runs a list; false says that the run ends here.
func (w *walk) decisions(list []value) bool {
	for i := range list {
		v := &list[i]
		do := v.get("do")
		switch {
		case do == nil:
			if !w.ask(v) {
				return false
			}
		case w.holds(v):
			outside := w.scope
			name := v.word("as", "")
			count := int(w.eval(v.get("repeat"), 0))
			w.values[w.path+name+"#"] = &binding{number: float64(count)}
			for turn := range count {
				w.scope = outside.enter(name, turn)
				if !w.decisions(do.items) {
					return false
				}
			}
			w.scope = outside
		}
	}
	return true
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

// ask takes the answer to a decision, or else asks it; false says that the run
// ends here.
func (w *walk) ask(v *value) bool {
	name := v.word("as", v.shorthand("ask"))
	k := w.space.declared[w.names+name].kind
	b := &binding{}
	otherwise := v.get("else")
	if !w.holds(v) {
		if otherwise != nil {
			w.values[w.path+name] = k.bind(k.option(&otherwise.each()[0]))
		}
		return true
	}
	q := &spec.Decision{Kind: k.ID, Name: w.path + name, Anchor: v.announces}
	earlier := w.marks[w.loop]
	if k.Type == spec.Choice {
		if only := v.get("only"); only != nil {
			q.Mask = make([]bool, len(k.Options))
			options := only.each()
			for i := range options {
				q.Mask[k.option(&options[i])] = true
			}
		}
	} else {
		earlier = earlier[:w.turn-1] // the announcing decision may have come before
		q.Candidates = earlier
		if k.Type == spec.Pointer && len(earlier) == 0 {
			w.values[w.path+name] = b
			return true
		}
	}
	if w.used == len(w.answers) && w.taste != none {
		w.answers = append(w.answers, w.taste.pick(q, k))
	}
	if w.used == len(w.answers) {
		w.step = spec.Step{Decision: q, State: w.state(v), Any: !w.space.declared[w.names+name].relevant}
		return false
	}
	a := w.answers[w.used]
	if err := w.space.info.CheckAnswer(*q, a); err != nil {
		w.err = guest.BadPrefix(w.used, err.Error())
		return false
	}
	switch k.Type {
	case spec.Choice:
		b = k.bind(a.Index)
	case spec.Pointer:
		a.Anchors = []int{a.Index}
		fallthrough
	default:
		for i, anchor := range earlier {
			for _, c := range a.Anchors {
				if c == anchor {
					b.chosen = append(b.chosen, i)
				}
			}
		}
	}
	w.values[w.path+name] = b
	w.used++
	if q.Anchor {
		w.marks[w.loop] = append(w.marks[w.loop], w.anchors)
		w.anchors++
	}
	return true
}

// option returns the position of an option, or -1.
func (k *kind) option(v *value) int {
	for i, o := range k.Options {
		if v.text == o {
			return i
		}
	}
	return -1
}

func (k *kind) bind(i int) *binding {
	b := &binding{index: i, word: k.Options[i]}
	if k.numbers != nil {
		b.number = k.numbers[i]
	}
	return b
}

// state is what the rest of the episode's questions depend on: where in the
// document and in its repeats the run stands, how many anchor points there are,
// and the answers in scope that conditions and counts refer to. If that does not
// fit, it promises nothing.
func (w *walk) state(v *value) string {
	state := strconv.Itoa(v.at) + "." + w.turns + strconv.Itoa(w.anchors)
	for _, name := range w.space.relevant {
		state += "."
		if b := lookUp(w.values, w.path, name); b != nil {
			state += strconv.Itoa(b.index)
		}
	}
	if len(state) > spec.MaxState {
		return ""
	}
	return state
}

// eval returns the value of an expression: numbers and references joined by *
// and /, from left to right. in is what the word "in" stands for. A reference to
// what was not asked makes it 0.
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
			n, _ := strconv.Atoi(term)
			x = float64(n)
		}
		if op == '*' {
			result *= x
		} else if x != 0 {
			result /= x
		}
		if rest == "" {
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
