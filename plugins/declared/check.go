package declared

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// Limits of a document.
const (
	maxBytes    = 32 << 10
	maxSteps    = 1000 // decisions of an episode
	maxRounds   = 1000 // iterations of all repeats of decisions, together
	maxKinds    = 64
	maxOptions  = 256
	maxValues   = 64   // that the conditions of an item name, and inputs of a node
	maxText     = 64   // bytes of an expression
	maxNames    = 1024 // of decisions, and of nodes
	maxListed   = 24   // known words that an error lists
	maxCount    = 64   // iterations of one repeat
	maxNesting  = 3    // repeats within each other
	maxName     = 24   // bytes
	maxProblems = 6    // that an error names
)

// checker finds what is wrong with a document.
type checker struct {
	*space
	nodes    map[string]*value // named nodes, by the names of the repeats around them and their own
	problems string
	found    int
	anchored bool // a repeat around has anchor points
	rounds   int  // iterations of the repeats of decisions
}

// read makes a space of a document, or says what is wrong with it.
func read(text string, task spec.TaskType) (guest.Space, error) {
	if len(text) > maxBytes {
		return nil, guest.BadParams("the document is longer than 32 KiB")
	}
	s := &space{text: text, task: task, declared: map[string]*declaration{}}
	d := wire.NewDecoder([]byte(text))
	s.root = parse(d)
	if err := d.Finish(); err != nil {
		at := err.(*wire.Error).Offset
		return nil, guest.BadParams(place(text, &value{at: at}, at) + ": " + err.Error())
	}
	c := &checker{space: s, nodes: map[string]*value{}}
	c.document()
	if c.found == 0 {
		s.info.Name, s.info.Task = string(task), task
		for i := range s.kinds {
			s.info.Kinds = append(s.info.Kinds, s.kinds[i].Kind)
		}
		if err := s.info.Validate(); err != nil {
			c.bad(&s.root, err.Error())
		}
	}
	if c.found == 0 {
		c.tryOut()
	}
	if c.found > maxProblems {
		c.problems += "and " + strconv.Itoa(c.found-maxProblems) + " more; "
	}
	if c.found > 0 {
		return nil, guest.BadParams(c.problems[:len(c.problems)-len("; ")])
	}
	return s, nil
}

// tryOut builds the networks of the first and of the last options.
func (c *checker) tryOut() {
	task := spec.Task{Type: c.task, Input: []int{32, 32, 3}, Classes: 10}
	if c.task == spec.TaskText {
		task.Input = []int{20}
	}
	for _, taste := range [...]taste{first, last} {
		if _, err := c.walk(nil, taste).build(task); err != nil && c.found == 0 {
			c.found, c.problems = 1, err.(*spec.Fault).Msg+"; "
		}
	}
}

func (c *checker) document() {
	root := &c.root
	if !c.is(root, wire.Object, root, "") {
		return
	}
	c.members(root, "$schema", "name", "summary", "task", "kinds", "decisions", "network")
	if task := root.word("task", string(spec.TaskImage)); task != string(c.task) {
		at := root.get("task")
		if at == nil {
			at = root
		}
		c.among(at, "task", task, []string{string(c.task)})
	}
	kinds, decisions, network := root.get("kinds"), root.get("decisions"), root.get("network")
	if c.is(kinds, wire.Object, root, "kinds") {
		if len(kinds.items) > maxKinds {
			c.bad(kinds, "there are more than "+strconv.Itoa(maxKinds)+" kinds")
			kinds.items = kinds.items[:maxKinds]
		}
		for i := range kinds.items {
			c.kind(&kinds.items[i])
		}
	}
	if c.is(decisions, wire.Array, root, "decisions") {
		c.decisions(decisions, "", 1, 1)
		if c.info.MaxSteps == 0 {
			c.bad(decisions, "nothing is asked")
		}
	}
	if c.is(network, wire.Array, root, "network") {
		c.network(network, "", "", 1)
	}
}

func (c *checker) kind(v *value) {
	c.identifier(v, v.key)
	k := kind{Kind: spec.Kind{ID: v.key, Type: spec.Choice}}
	if v.kind == wire.Text {
		k.Type = spec.KindType(v.text)
		c.among(v, "type", v.text, []string{string(spec.AnchorSet), string(spec.Pointer)})
	} else if c.is(v, wire.Array, v, "") {
		if len(v.items) == 0 || len(v.items) > maxOptions {
			c.bad(v, "a kind has 1 to "+strconv.Itoa(maxOptions)+" options")
			v.items = v.items[:min(len(v.items), maxOptions)]
		}
		k.numbers = make([]float64, len(v.items))
		words := len(v.items) == 0
		for i := range v.items {
			o := &v.items[i]
			if o.kind != wire.Number && o.kind != wire.Text {
				c.bad(o, "an option is a number or a word")
			}
			words = words || o.kind == wire.Text
			k.Options, k.numbers[i] = append(k.Options, o.text), o.num
		}
		if words {
			k.numbers = nil
		}
	}
	c.kinds = append(c.kinds, k)
}

// decisions checks a list; it is run times times at most.
func (c *checker) decisions(list *value, path string, depth, times int) {
	for i := range list.items {
		v := &list.items[i]
		if v.kind != wire.Text && !c.is(v, wire.Object, v, "") {
			continue
		}
		if v.get("do") == nil && v.get("repeat") == nil {
			c.ask(v, path, times)
			continue
		}
		c.members(v, "repeat", "as", "do", "if", "unless")
		c.conditions(v, path, true)
		count, do, name := c.count(v, path, true), v.get("do"), v.word("as", "")
		if c.is(v.get("as"), wire.Text, v, "as") {
			c.declare(v, path, name, &declaration{})
		}
		rounds := times * count
		if c.rounds += rounds; c.rounds > maxRounds || depth > maxNesting {
			c.bad(v, "too many repeats: at most 3 lie within each other, with 1000 iterations in all")
			return
		}
		if c.is(do, wire.Array, v, "do") {
			outside := c.anchored
			c.announce(v, do)
			c.decisions(do, path+name+"/", depth+1, rounds)
			c.anchored = outside
		}
	}
}

// kindOf returns the kind of a decision, or nil.
func (c *checker) kindOf(v *value) *kind {
	for i := range c.kinds {
		if c.kinds[i].ID == v.shorthand("ask") {
			return &c.kinds[i]
		}
	}
	return nil
}

// announce finds, in a repeat that asks about anchor points, the decision that
// stands for an iteration.
func (c *checker) announce(v, do *value) {
	var last *value
	asks := false
	for i := range do.items {
		item := &do.items[i]
		k := c.kindOf(item)
		if k == nil {
			continue
		}
		asks = asks || k.Type != spec.Choice
		if k.Type != spec.Pointer && item.get("if") == nil && item.get("unless") == nil {
			last = item
		}
	}
	switch {
	case !asks:
		return
	case last == nil:
		c.bad(v, "its iterations are anchor points, so it has to ask something without a condition, other than a pointer, to stand for them")
	case c.anchored:
		c.bad(v, "a repeat with anchor points cannot lie within another that has some")
	default:
		last.announces = true
	}
	c.anchored = true
}

func (c *checker) ask(v *value, path string, times int) {
	c.members(v, "ask", "as", "if", "unless", "only", "else")
	c.conditions(v, path, true)
	k := c.kindOf(v)
	if k == nil {
		var known []string
		for i := range c.kinds {
			known = append(known, c.kinds[i].ID)
		}
		c.unknown(v, "there is no kind", v.shorthand("ask"), known)
		return
	}
	c.declare(v, path, v.word("as", k.ID), &declaration{kind: k})
	if k.Type != spec.Choice && path == "" {
		c.bad(v, "it picks among the iterations of the repeat around it, and there is none")
	}
	for _, key := range [...]string{"only", "else"} {
		m := v.get(key)
		options := m.each()
		if m != nil && len(options) == 0 {
			c.bad(m, "name at least one option")
		}
		for i := range options {
			c.among(&options[i], "option", options[i].text, k.Options)
		}
		if key == "else" && len(options) > 1 {
			c.bad(m, "name one option")
		}
	}
	if c.info.MaxSteps += times; c.info.MaxSteps > maxSteps {
		c.info.MaxSteps = maxSteps
		c.bad(v, "an episode may have more than 1000 decisions")
	}
}
