package data

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestGrammarGolden holds the drawn tokens. They are the same on every
// architecture; a change of them makes all earlier studies incomparable.
func TestGrammarGolden(t *testing.T) {
	for _, c := range []struct {
		o    Options
		hash string
	}{
		{Options{}, grammarHash},
		{Options{Seed: 1<<64 - 1, TrainCount: 1000, TestCount: 100}, "4d042ffba21f76daa4ea9630a06f20bf5dcac18859c61093a1b8a766051a968c"},
	} {
		c.o.Name = "grammar"
		got := corpus(t, c.o)
		if got.Hash != c.hash {
			t.Errorf("%+v: hash %s, want %s", c.o, got.Hash, c.hash)
		}
		if got.Entropy != 1.196579785 {
			t.Errorf("entropy %v, want 1.196579785", got.Entropy)
		}
	}
}

// TestGrammarPrefix: a longer text begins with the tokens of a shorter one, and
// neither the parts nor other seeds repeat it.
func TestGrammarPrefix(t *testing.T) {
	short := corpus(t, Options{Name: "grammar", TrainCount: 500, TestCount: 500})
	long := corpus(t, Options{Name: "grammar"})
	if !slices.Equal(short.Train, long.Train[:500]) || !slices.Equal(short.Valid, long.Valid[:500]) || !slices.Equal(short.test, long.test[:500]) {
		t.Error("a longer text does not begin with the same tokens")
	}
	other := corpus(t, Options{Name: "grammar", Seed: 1})
	if slices.Equal(other.Train[:50], long.Train[:50]) || slices.Equal(long.Train[:50], long.Valid[:50]) || slices.Equal(long.Valid[:50], long.test[:50]) {
		t.Error("two parts or seeds begin with the same tokens")
	}
	if len(long.Vocabulary) != 42 || len(long.Train) != 40_000 || len(long.Valid) != 10_000 || long.TestCount() != 10_000 {
		t.Errorf("%d, %d and %d tokens of %d", len(long.Train), len(long.Valid), long.TestCount(), len(long.Vocabulary))
	}
}

// TestGrammarIsSimple: every symbol has rules, no two of them with the same
// token, and none leads back to the symbol.
func TestGrammarIsSimple(t *testing.T) {
	g := sentences()
	height := make([]int, len(g.rules)) // most symbols below; -1 while it is looked for
	var climb func(symbol int) int
	climb = func(symbol int) int {
		if height[symbol] != 0 {
			return height[symbol]
		}
		height[symbol] = -1
		most := 1
		for _, r := range g.rules[symbol] {
			for _, next := range r.rest {
				if h := climb(next); h < 0 {
					t.Fatalf("%q leads back to itself", g.symbols[next])
				} else {
					most = max(most, 1+h)
				}
			}
		}
		height[symbol] = most
		return most
	}
	climb(0)
	for symbol, rules := range g.rules {
		seen := map[int32]bool{}
		for _, r := range rules {
			if seen[r.token] || r.weight < 1 {
				t.Errorf("%q: a second rule for %q, or weight %d", g.symbols[symbol], g.tokens[r.token], r.weight)
			}
			seen[r.token] = true
		}
		if len(rules) == 0 || height[symbol] == 0 {
			t.Errorf("%q has %d rules, or is never used", g.symbols[symbol], len(rules))
		}
	}
}

// TestGrammarEntropy: the entropy that follows from the rules is that of the
// process, computed here by following the probability of all states, i.e. of
// all sequences of pending symbols, through a sentence: the entropy of the next
// token, averaged over how often each state is visited.
func TestGrammarEntropy(t *testing.T) {
	g := sentences()
	type state struct {
		pending     []int
		probability float64
	}
	now := map[string]state{"": {nil, 1}}
	visited := map[string]bool{}
	var entropy, length float64
	for step := 0; len(now) > 0; step++ {
		if step > 100 {
			t.Fatal("a sentence has more than 100 tokens")
		}
		next := map[string]state{}
		for name, s := range now {
			visited[name] = true
			d := derivation{g, s.pending}
			rules := g.rules[d.next()]
			for _, r := range rules {
				p := float64(r.weight) / float64(total(rules))
				entropy -= s.probability * p * math.Log(p)
				after := derivation{g, slices.Clone(s.pending)}
				if after.apply(r); len(after.pending) > 0 {
					name := fmt.Sprint(after.pending)
					next[name] = state{after.pending, next[name].probability + s.probability*p}
				}
			}
			length += s.probability
		}
		now = next
	}
	if got, want := g.entropy(), entropy/length; math.Abs(got-want) > 1e-9 {
		t.Errorf("the rules say %v nats per token, the states %v", got, want)
	}
	t.Logf("%d states, %.2f tokens a sentence", len(visited), length)
	if len(visited) < 500 {
		t.Errorf("only %d states: there is little to remember", len(visited))
	}
}

// TestGrammarPredictor: the best possible model scores the entropy on a long
// text, within the error of the sample. The scores of two sentences are
// independent, so the error is that of a ratio of means.
func TestGrammarPredictor(t *testing.T) {
	g := sentences()
	tokens := g.sample(500_000, keyed(5, streamGrammar, 0))
	entropy := g.entropy()
	d := derivation{grammar: g}
	var excess, length, sentence, squares float64
	for _, token := range tokens {
		p := d.read(token)
		if p == 0 {
			t.Fatal("the model rules out what was drawn")
		}
		sentence += -math.Log(p) - entropy
		length++
		if len(d.pending) == 0 {
			excess, squares, sentence = excess+sentence, squares+sentence*sentence, 0
		}
	}
	deviation := math.Sqrt(squares) / length
	if math.Abs(excess/length) > 4*deviation || deviation > 0.005 {
		t.Errorf("%.5f nats per token above the entropy of %.5f, the sample's error is %.5f", excess/length, entropy, deviation)
	}
	if got := g.score(tokens); math.Abs(got-entropy) > 4*deviation {
		t.Errorf("score %v, entropy %v", got, entropy)
	}
	before := slices.Clone(d.pending)
	if d.read(g.token("unheard")) != 0 || !slices.Equal(before, d.pending) {
		t.Error("a word outside the grammar is accepted")
	}
}

// TestGrammarNeedsMemory: models that only see the last tokens are far from the
// entropy, even when they are scored on the text that they were fitted to,
// which flatters them.
func TestGrammarNeedsMemory(t *testing.T) {
	g := sentences()
	tokens := g.sample(300_000, keyed(6, streamGrammar, 0))
	best := math.Exp(g.entropy())
	for n, least := range map[int]float64{1: 8, 2: 1.6, 3: 1.55, 4: 1.35} {
		if got := math.Exp(ngramEntropy(tokens, n)) / best; got < least {
			t.Errorf("the perplexity of %d-grams is %.2f times the best, want %.2f or more", n, got, least)
		}
	}
}

// ngramEntropy is the entropy of a token given the n-1 before it, as the text
// has them.
func ngramEntropy(tokens []int32, n int) float64 {
	type context [4]int32
	contexts, all := map[context]int{}, map[context]int{}
	for i := n - 1; i < len(tokens); i++ {
		var c context
		copy(c[:], tokens[i-n+1:i])
		contexts[c]++
		c[3] = tokens[i] + 1
		all[c]++
	}
	var sum float64
	for c, k := range all {
		c[3] = 0
		sum -= float64(k) * math.Log(float64(k)/float64(contexts[c]))
	}
	return sum / float64(len(tokens)-n+1)
}

// TestSentences reads sentences as a person would, without the grammar: verbs
// agree with their nouns, the last noun that waits for a verb gets the first;
// marks and steps match.
func TestSentences(t *testing.T) {
	c := corpus(t, Options{Name: "grammar"})
	lines := strings.Split(c.Text(c.Train), "\n")
	agrees := map[string]string{} // verb or noun: its kind and number
	nouns := map[string]bool{}
	for k, kind := range nounKinds {
		for number := range 2 {
			for _, forms := range kind.nouns {
				agrees[forms[number]] = fmt.Sprint(k, number)
				nouns[forms[number]] = true
			}
			for _, forms := range kind.verbs {
				agrees[forms[number]] = fmt.Sprint(k, number)
			}
		}
	}
	deep := 0
	for _, line := range lines[:len(lines)-1] {
		words := strings.Fields(line)
		var waiting []string
		ups, downs, last := 0, 0, words[len(words)-1]
		for i, w := range words {
			kind, known := agrees[w]
			switch {
			case w == "up":
				ups++
			case w == "down":
				downs++
			case nouns[w] && i >= 2 && words[i-2] == "near":
			case nouns[w]:
				if d := words[i-1]; d == "a" && kind[len(kind)-1] != '0' || d == "some" && kind[len(kind)-1] != '1' {
					t.Fatalf("%q: %q does not go with %q", line, d, w)
				}
				waiting = append(waiting, kind)
				deep = max(deep, len(waiting))
			case known:
				if len(waiting) == 0 || waiting[len(waiting)-1] != kind {
					t.Fatalf("%q: the verb %q does not agree", line, w)
				}
				waiting = waiting[:len(waiting)-1]
			}
		}
		if len(waiting) > 0 || ups != downs || ups > mostSteps {
			t.Fatalf("%q: %d nouns without a verb, %d up, %d down", line, len(waiting), ups, downs)
		}
		if (words[0] == "why") != (last == "?") || (words[0] == "oh") != (last == "!") {
			t.Fatalf("%q ends with %q", line, last)
		}
	}
	if deep != deepest+1 {
		t.Errorf("at most %d nouns wait for their verbs, want %d", deep, deepest+1)
	}
}

func BenchmarkGrammar(b *testing.B) {
	for b.Loop() {
		if _, err := OpenCorpus(Options{Name: "grammar"}); err != nil {
			b.Fatal(err)
		}
	}
}
