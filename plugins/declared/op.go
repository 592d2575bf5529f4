package declared

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// rule says which attributes a node of an op may have, separated by spaces.
type rule struct {
	op, attributes string
}

var rules = [...]rule{
	{"conv", "filters kernel stride dilation groups padding func"},
	{"conv2d", "filters kernel stride dilation groups padding bias"},
	{"maxpool", "kernel stride padding"},
	{"avgpool", "kernel stride padding"},
	{"global_avgpool", ""},
	{"batchnorm", ""},
	{"activation", "func"},
	{"dropout", "rate"},
	{"dense", "units bias"},
	{"flatten", ""},
	{"concat", ""},
	{"add", ""},
	{"embedding", "units"},
	{"recurrent", "units layers cell"},
}

// attribute is the range of a number, or the words that may be chosen from.
type attribute struct {
	name      string
	low, high float64
	words     string
}

var attributes = [...]attribute{
	{name: "filters", low: 1, high: 4096},
	{name: "units", low: 1, high: 4096},
	{name: "kernel", low: 1, high: maxWindow},
	{name: "stride", low: 1, high: maxWindow},
	{name: "dilation", low: 1, high: maxWindow},
	{name: "groups", low: 1, high: 4096},
	{name: "layers", low: 1, high: 8},
	{name: "rate", low: 0, high: 0.99},
	{name: "padding", words: "same valid"},
	{name: "func", words: "identity relu tanh sigmoid sin"},
	{name: "cell", words: "rnn gru lstm"},
	{name: "bias"},
}

// fields splits a list of words.
func fields(s string) (list []string) {
	start := 0
	for i := range len(s) + 1 {
		if i == len(s) || s[i] == ' ' {
			if i > start {
				list = append(list, s[start:i])
			}
			start = i + 1
		}
	}
	return list
}

// network checks a list of the network. The decisions of path can be referred
// to; nodes are named within prefix.
func (c *checker) network(list *value, path, prefix string, depth int) {
	if depth > maxNesting+1 {
		c.bad(list, "more than "+strconv.Itoa(maxNesting)+" repeats lie within each other")
		return
	}
	for i := range list.items {
		v := &list.items[i]
		if v.kind != wire.Text && !c.is(v, wire.Object, v, "") {
			continue
		}
		c.conditions(v, path, false)
		each, do := v.get("each"), v.get("do")
		if each == nil && do == nil && v.get("repeat") == nil {
			c.node(v, path, prefix)
			continue
		}
		c.members(v, "each", "repeat", "as", "do", "output", "if", "unless")
		inner, name := path, v.word("as", "copy")
		if each != nil {
			name = each.text
			inner += name + "/"
			if d := c.declared[path+name]; d == nil || d.kind != nil {
				c.unknown(each, "no decisions are repeated here as", name, known(c, c.declared, path))
			}
		} else {
			c.identifier(v, name)
			c.count(v, path, false)
		}
		c.among(v, "output", v.word("output", "last"), []string{"last", "unread"})
		if c.is(do, wire.Array, v, "do") {
			c.network(do, inner, prefix+name+"/", depth+1)
		}
	}
}

func (c *checker) node(v *value, path, prefix string) {
	op := v.shorthand("op")
	at := 0
	for at < len(rules) && rules[at].op != op {
		at++
	}
	if at == len(rules) {
		var known []string
		for i := range rules {
			known = append(known, rules[i].op)
		}
		c.unknown(v, "unknown op", op, known)
		return
	}
	if v.kind == wire.Text {
		return
	}
	c.members(v, append([]string{"op", "name", "input", "if", "unless"}, fields(rules[at].attributes)...)...)
	for i := range attributes {
		if m := v.get(attributes[i].name); m != nil {
			c.attribute(m, &attributes[i], path)
		}
	}
	inputs := v.get("input").each()
	if len(inputs) > maxValues {
		c.bad(v, "a node has at most "+strconv.Itoa(maxValues)+" inputs")
		inputs = nil
	}
	for i := range inputs {
		c.input(&inputs[i], path, prefix)
	}
	if name := v.get("name"); name != nil {
		c.identifier(name, name.text)
		if c.nodes[prefix+name.text] != nil {
			c.bad(name, "another node has this name")
		}
		if len(c.nodes) == maxNames {
			c.bad(name, "there are more than "+strconv.Itoa(maxNames)+" names")
			return
		}
		c.nodes[prefix+name.text] = v
	}
}

func (c *checker) input(v *value, path, prefix string) {
	switch {
	case v.text == "last", v.text == "start", v.text == "input":
	case v.text != "" && v.text[0] == '$':
		d := c.refer(v, path, v.text[1:])
		if d != nil && (d.kind == nil || d.kind.Type == spec.Choice) {
			c.bad(v, v.text+" is not a decision about anchor points")
		} else if d != nil && c.declared[path+v.text[1:]] != d {
			c.bad(v, v.text+" picks among the iterations of another repeat; read it in the do of that one")
		}
	case lookUp(c.nodes, prefix, v.text) == nil:
		c.unknown(v, "no node before this one is named", v.text, append([]string{"last", "start", "input"}, known(c, c.nodes, prefix)...))
	}
}

// attribute checks the value of an attribute.
func (c *checker) attribute(v *value, a *attribute, path string) {
	switch {
	case a.words != "":
		words, options := fields(a.words), []string{v.text}
		if v.text != "" && v.text[0] == '$' {
			d := c.refer(v, path, v.text[1:])
			if d == nil {
				return
			}
			options = nil
			if d.kind != nil {
				options = d.kind.Options
			}
		}
		for _, o := range options {
			c.among(v, a.name, o, words)
		}
		if len(options) == 0 {
			c.among(v, a.name, v.text, words)
		}
	case a.high == 0:
		c.is(v, wire.Bool, v, "")
	case a.name == "groups" && v.text == "depthwise":
	default:
		list := v.each()
		if v.kind == wire.Array && a.high != maxWindow || len(list) > 2 || len(list) == 0 {
			c.bad(v, "write one number, or [height, width] of a kernel, stride or dilation")
		}
		for i := range list {
			low, high := c.rangeOf(&list[i], path, false)
			if term, _ := cutTerm(list[i].text); term != list[i].text {
				continue // a product may be anything
			}
			if list[i].kind == wire.Text && low == 0 {
				low = a.low // an option of 0 leaves the default in its place
			}
			if low < a.low || high > a.high || a.name != "rate" && (high != float64(int(high))) {
				c.bad(v, a.name+" must be in "+number(a.low)+".."+number(a.high))
			}
		}
	}
}

func number(v float64) string {
	var e wire.Encoder
	e.Float(v)
	return string(e.Bytes())
}
