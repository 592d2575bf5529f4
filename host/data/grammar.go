package data

import (
	"math"
	"slices"
)

// grammar is a probabilistic context-free grammar in which every rule begins
// with a token, and no two rules of a symbol with the same one (a "simple"
// grammar, Korenjak and Hopcroft 1966). A text then has only one derivation,
// which can be followed token by token: what may come next depends on the
// symbols that are pending, and these are known from what has been read. So the
// best possible model of the text is known, too.
//
// No symbol may lead back to itself: sentences are of bounded length.
type grammar struct {
	tokens  []string
	rules   [][]rule // by symbol; the first symbol is the start
	symbols []string // their names
}

// rule says that a symbol becomes a token, and then the symbols of rest.
type rule struct {
	weight int // its probability times the sum of the symbol's weights
	token  int32
	rest   []int
}

// symbol finds or makes the symbol of a name.
func (g *grammar) symbol(name string) int {
	if i := slices.Index(g.symbols, name); i >= 0 {
		return i
	}
	g.symbols = append(g.symbols, name)
	g.rules = append(g.rules, nil)
	return len(g.symbols) - 1
}

// token finds or makes the token of a word.
func (g *grammar) token(word string) int32 {
	i := slices.Index(g.tokens, word)
	if i < 0 {
		i = len(g.tokens)
		g.tokens = append(g.tokens, word)
	}
	return int32(i)
}

// add adds a rule.
func (g *grammar) add(symbol string, weight int, word string, rest ...string) {
	i := g.symbol(symbol)
	r := rule{weight: weight, token: g.token(word)}
	for _, name := range rest {
		r.rest = append(r.rest, g.symbol(name))
	}
	g.rules[i] = append(g.rules[i], r)
}

// derivation is how far a text has been derived: the symbols that are pending,
// the next one last. At the end of a sentence there are none, and the next one
// begins.
type derivation struct {
	grammar *grammar
	pending []int
}

// next is the symbol that the next token is derived from.
func (d *derivation) next() int {
	if len(d.pending) == 0 {
		return 0
	}
	return d.pending[len(d.pending)-1]
}

// apply derives a token by a rule of the next symbol.
func (d *derivation) apply(r rule) {
	if len(d.pending) > 0 {
		d.pending = d.pending[:len(d.pending)-1]
	}
	for _, symbol := range slices.Backward(r.rest) {
		d.pending = append(d.pending, symbol)
	}
}

// draw derives a random token.
func (d *derivation) draw(random stream) int32 {
	rules := d.grammar.rules[d.next()]
	at := random.below(total(rules))
	for _, r := range rules {
		if at -= r.weight; at < 0 {
			d.apply(r)
			return r.token
		}
	}
	panic("data: the weights of a symbol do not add up")
}

// read derives the given token and returns its probability, which is 0 if it
// cannot come here; the derivation then stays where it is.
func (d *derivation) read(token int32) float64 {
	rules := d.grammar.rules[d.next()]
	i := slices.IndexFunc(rules, func(r rule) bool { return r.token == token })
	if i < 0 {
		return 0
	}
	d.apply(rules[i])
	return float64(rules[i].weight) / float64(total(rules))
}

func total(rules []rule) int {
	sum := 0
	for _, r := range rules {
		sum += r.weight
	}
	return sum
}

// sample draws n tokens, from the beginning of a sentence on.
func (g *grammar) sample(n int, random stream) []int32 {
	tokens := make([]int32, n)
	d := derivation{grammar: g}
	for i := range tokens {
		tokens[i] = d.draw(random)
	}
	return tokens
}

// score is what the best possible model scores on tokens that begin with a
// sentence: the mean of -ln p(token | the tokens before it).
func (g *grammar) score(tokens []int32) float64 {
	d := derivation{grammar: g}
	var sum float64
	for _, token := range tokens {
		sum -= math.Log(d.read(token))
	}
	return rounded(sum / float64(len(tokens)))
}

// entropy is the entropy of an endless text in nats per token: that of a
// sentence divided by its mean length, for sentences are independent of each
// other. Both follow from the rules (Grenander 1967; Soule 1974): with p the
// probabilities of the rules of symbol A,
//
//	H(A) = sum p (-ln p + sum of H over the rule's rest)
//	L(A) = sum p (1 + sum of L over the rule's rest)
func (g *grammar) entropy() float64 {
	type known struct{ entropy, length float64 }
	memory := make([]known, len(g.rules))
	var of func(symbol int) known
	of = func(symbol int) known {
		if memory[symbol].length > 0 {
			return memory[symbol]
		}
		var k known
		rules := g.rules[symbol]
		sum := float64(total(rules))
		for _, r := range rules {
			entropy, length := -math.Log(float64(r.weight)/sum), 1.0
			for _, next := range r.rest {
				entropy += of(next).entropy
				length += of(next).length
			}
			k.entropy += float64(r.weight) / sum * entropy
			k.length += float64(r.weight) / sum * length
		}
		memory[symbol] = k
		return k
	}
	sentence := of(0)
	return rounded(sentence.entropy / sentence.length)
}

// rounded drops what the rounding of different machines may differ in.
func rounded(x float64) float64 { return math.Round(x*1e9) / 1e9 }
