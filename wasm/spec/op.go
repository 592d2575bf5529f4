package spec

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// attributes is a set of the attributes of a Node.
type attributes uint32

const (
	hasFilters attributes = 1 << iota
	hasKernel
	hasStride
	hasDilation
	hasPadding
	hasGroups
	hasBias
	hasFunc
	hasUnits
	hasRate
	hasVariational
	hasTied
	hasVocabulary
	hasLayers
	hasCell
)

// attributeNames are the JSON names of the attributes, in bit order.
var attributeNames = [...]string{"filters", "kernel", "stride", "dilation", "padding", "groups", "bias",
	"func", "units", "rate", "variational", "tied", "vocabulary", "layers", "cell"}

// opRule is what a node of an op may and must have.
type opRule struct {
	op       Op
	allowed  attributes
	required attributes
	many     bool // two or more inputs, otherwise exactly one
}

var opRules = [...]opRule{
	{op: OpConv2D, allowed: hasFilters | hasKernel | hasStride | hasDilation | hasPadding | hasGroups | hasBias, required: hasFilters | hasKernel},
	{op: OpBatchNorm},
	{op: OpActivation, allowed: hasFunc, required: hasFunc},
	{op: OpMaxPool, allowed: hasKernel | hasStride | hasPadding, required: hasKernel},
	{op: OpAvgPool, allowed: hasKernel | hasStride | hasPadding, required: hasKernel},
	{op: OpGlobalAvgPool},
	{op: OpConcat, many: true},
	{op: OpAdd, many: true},
	{op: OpElemMult, many: true},
	{op: OpMean, allowed: hasRate, many: true},
	{op: OpOneMinus},
	{op: OpPad, allowed: hasFilters, required: hasFilters},
	{op: OpDense, allowed: hasUnits | hasBias | hasTied, required: hasUnits},
	{op: OpDropout, allowed: hasRate | hasVariational},
	{op: OpFlatten},
	{op: OpEmbedding, allowed: hasUnits | hasVocabulary, required: hasUnits | hasVocabulary},
	{op: OpRecurrent, allowed: hasUnits | hasRate | hasVariational | hasLayers | hasCell, required: hasUnits | hasCell},
}

// funcs are the activation functions.
var funcs = [...]Func{FuncIdentity, FuncReLU, FuncTanh, FuncSigmoid, FuncSin}

func knownFunc(f Func) bool {
	for _, known := range funcs {
		if f == known {
			return true
		}
	}
	return false
}

// commutes reports whether the order of the inputs does not matter.
func (op Op) commutes() bool { return op == OpAdd || op == OpElemMult || op == OpMean }

func ruleOf(op Op) *opRule {
	for i := range opRules {
		if opRules[i].op == op {
			return &opRules[i]
		}
	}
	return nil
}

// set returns the attributes that n has.
func (n *Node) set() attributes {
	var s attributes
	for i, has := range [...]bool{n.Filters != 0, n.Kernel != [2]int{}, n.Stride != [2]int{}, n.Dilation != [2]int{}, n.Padding != "",
		n.Groups != 0, n.Bias, n.Func != "", n.Units != 0, n.Rate != 0, n.Variational, n.Tied != "", n.Vocabulary != 0, n.Layers != 0, n.Cell != nil} {
		if has {
			s |= 1 << i
		}
	}
	return s
}

// names lists the attributes of the set.
func (s attributes) names() string {
	list := ""
	for i, name := range attributeNames {
		if s&(1<<i) == 0 {
			continue
		}
		if list != "" {
			list += ", "
		}
		list += name
	}
	return list
}

// WithDefaults returns n with the defaults of its op in the place of absent
// attributes: stride, dilation, padding, groups and layers.
func (n Node) WithDefaults() Node {
	rule := ruleOf(n.Op)
	if rule == nil {
		return n
	}
	missing := rule.allowed &^ n.set()
	if missing&hasStride != 0 {
		n.Stride = [2]int{1, 1}
	}
	if missing&hasDilation != 0 {
		n.Dilation = [2]int{1, 1}
	}
	if missing&hasPadding != 0 {
		n.Padding = Same
	}
	if missing&hasGroups != 0 {
		n.Groups = 1
	}
	if missing&hasLayers != 0 {
		n.Layers = 1
	}
	return n
}

// check collects what can be wrong with a node by itself: its op, how many
// inputs it has, and its attributes.
func (n *Node) check(p *problems) {
	rule := ruleOf(n.Op)
	if rule == nil {
		known := ""
		for i := range opRules {
			known += " " + string(opRules[i].op)
		}
		p.add(n.Name, "unknown op "+wire.Quote(string(n.Op))+"; the ops are"+known)
		return
	}
	if len(n.Inputs) != 1 && !rule.many {
		p.add(n.Name, string(n.Op)+" takes exactly one input, not "+strconv.Itoa(len(n.Inputs)))
	}
	if len(n.Inputs) < 2 && rule.many {
		p.add(n.Name, string(n.Op)+" takes two or more inputs, not "+strconv.Itoa(len(n.Inputs)))
	}
	set := n.set()
	if foreign := set &^ rule.allowed; foreign != 0 {
		p.add(n.Name, string(n.Op)+" has no "+foreign.names()+"; remove it")
	}
	if missing := rule.required &^ set; missing != 0 {
		p.add(n.Name, string(n.Op)+" needs "+missing.names())
	}
	n.checkRanges(p, set&rule.allowed)
}

// checkRanges collects the attributes, among those in set, whose value is out
// of range.
func (n *Node) checkRanges(p *problems, set attributes) {
	complain := func(what string) {
		if what != "" {
			p.add(n.Name, what)
		}
	}
	number := func(bit attributes, name string, v, high int) {
		if set&bit != 0 {
			complain(within(name, v, 1, high))
		}
	}
	pair := func(bit attributes, name string, v [2]int) {
		number(bit, name+" height", v[0], MaxKernel)
		number(bit, name+" width", v[1], MaxKernel)
	}
	number(hasFilters, "filters", n.Filters, MaxChannels)
	pair(hasKernel, "kernel", n.Kernel)
	pair(hasStride, "stride", n.Stride)
	pair(hasDilation, "dilation", n.Dilation)
	number(hasGroups, "groups", n.Groups, MaxChannels)
	number(hasVocabulary, "vocabulary", n.Vocabulary, MaxClasses)
	number(hasLayers, "layers", n.Layers, MaxLayers)
	if n.Op == OpDense {
		number(hasUnits, "units", n.Units, MaxClasses)
	} else {
		number(hasUnits, "units", n.Units, MaxChannels)
	}
	if n.Padding != "" && n.Padding != Same && n.Padding != Valid {
		complain("unknown padding " + wire.Quote(string(n.Padding)) + "; it is same or valid")
	}
	if n.Func != "" && !knownFunc(n.Func) {
		complain(unknownFunc(n.Func))
	}
	if !(n.Rate >= 0 && n.Rate < 1) {
		complain("rate must be at least 0 and below 1")
	}
	// A fresh mask in every step would erase what a state has to carry
	// (Zaremba et al. 2014), so that recurrent nodes have no such rate.
	if n.Op == OpRecurrent && (n.Rate != 0) != n.Variational {
		complain("a recurrent node has both rate and variational, or neither: its state is dropped by one mask for a whole sequence")
	}
}

func unknownFunc(f Func) string {
	known := ""
	for _, k := range funcs {
		known += " " + string(k)
	}
	return "unknown func " + wire.Quote(string(f)) + "; the functions are" + known
}
