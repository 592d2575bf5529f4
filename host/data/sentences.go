package data

import (
	"fmt"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// The sentences of the set "grammar" are of the kind that Elman (1991) taught
// to recurrent networks. Three things have to be remembered over a distance: of
// every subject its kind and number, which the verb has to match, while clauses
// of up to two more subjects open and close in between; the mark that the
// sentence's first word asks for at its end; and how many "up" there were, for
// as many "down" follow. With d the depth of a clause, from 0 to 2, k the kind
// of a noun, n its number, and m one of the marks "", "?" and "!":
//
//	sentence         -> determiner subject(d=0) rest(m="")   12/22
//	                  | why clause(0) rest("?")               5/22
//	                  | oh clause(0) rest("!")                5/22
//	clause(d)        -> determiner subject(d)
//	subject(d)       -> noun predicate(d, k, n)              k and n are the noun's
//	predicate(d,k,n) -> verb(k, n)                            9/22, of depth 2 9/14
//	                  | near determiner noun verb(k, n)       5/22, of depth 2 5/14
//	                  | that clause(d+1) verb(k, n)           8/22, of depth 2 never
//	rest(m)          -> end(m)                                3/4
//	                  | up steps(1) end(m)                    1/4
//	steps(i)         -> up steps(i+1) down                    3/5, of i = 5 never
//	                  | down                                  2/5, of i = 5 always
//	end(m)           -> m <eos>
//	determiner       -> the 1/2 | a 1/4 | some 1/4
//	noun             -> after "a" singular, after "some" plural, after "the" either;
//	                    the kinds are equally probable, the nouns of a kind as 3:2:1
//	verb(k, n)       -> the verbs of the kind, as 2:1
const (
	deepest   = 2
	mostSteps = 5
)

// nounKind is nouns and the verbs that go with them, in singular and plural.
type nounKind struct {
	nouns [3][2]string
	verbs [2][2]string
}

var nounKinds = [...]nounKind{
	{[3][2]string{{"girl", "girls"}, {"boy", "boys"}, {"nurse", "nurses"}}, [2][2]string{{"talks", "talk"}, {"reads", "read"}}},
	{[3][2]string{{"dog", "dogs"}, {"cat", "cats"}, {"horse", "horses"}}, [2][2]string{{"eats", "eat"}, {"sleeps", "sleep"}}},
	{[3][2]string{{"bus", "buses"}, {"train", "trains"}, {"ship", "ships"}}, [2][2]string{{"starts", "start"}, {"stops", "stop"}}},
}

var (
	nounWeights = [3]int{3, 2, 1}
	verbWeights = [2]int{2, 1}
)

func sentences() *grammar {
	g := &grammar{}
	g.addDeterminers("sentence", 3, "subject 0", "rest")
	g.add("sentence", 5, "why", "clause 0", "rest ?")
	g.add("sentence", 5, "oh", "clause 0", "rest !")
	for d := range deepest + 1 {
		subject := fmt.Sprint("subject ", d)
		g.addDeterminers(fmt.Sprint("clause ", d), 1, subject)
		g.addNouns(subject, func(kind, number int) []string { return []string{predicate(d, kind, number)} })
	}
	g.addDeterminers("place", 1, "landmark")
	g.addNouns("landmark", func(int, int) []string { return nil })
	for kind := range nounKinds {
		for number := range 2 {
			g.addVerbs(kind, number)
		}
	}
	g.addEnds()
	return g
}

func predicate(depth, kind, number int) string {
	return fmt.Sprintf("predicate %d of kind %d, number %d", depth, kind, number)
}

// addDeterminers adds rules for each determiner, followed by noun and rest.
func (g *grammar) addDeterminers(symbol string, weight int, noun string, rest ...string) {
	g.add(symbol, 2*weight, "the", append([]string{noun}, rest...)...)
	g.add(symbol, weight, "a", append([]string{noun + ", one"}, rest...)...)
	g.add(symbol, weight, "some", append([]string{noun + ", many"}, rest...)...)
}

// addNouns adds rules for each noun: to symbol for both numbers, and to a
// symbol for each number.
func (g *grammar) addNouns(symbol string, rest func(kind, number int) []string) {
	for k, kind := range nounKinds {
		for i, forms := range kind.nouns {
			for number, one := range []string{", one", ", many"} {
				g.add(symbol, nounWeights[i], forms[number], rest(k, number)...)
				g.add(symbol+one, nounWeights[i], forms[number], rest(k, number)...)
			}
		}
	}
}

// addVerbs adds the predicates of subjects of one kind and number.
func (g *grammar) addVerbs(kind, number int) {
	verb := fmt.Sprintf("verb of kind %d, number %d", kind, number)
	for i, forms := range nounKinds[kind].verbs {
		g.add(verb, verbWeights[i], forms[number])
	}
	for d := range deepest + 1 {
		symbol := predicate(d, kind, number)
		for i, forms := range nounKinds[kind].verbs {
			g.add(symbol, 3*verbWeights[i], forms[number])
		}
		g.add(symbol, 5, "near", "place", verb)
		if d < deepest {
			g.add(symbol, 8, "that", fmt.Sprint("clause ", d+1), verb)
		}
	}
}

// addEnds adds what follows the main clause.
func (g *grammar) addEnds() {
	g.add("rest", 3, EndOfLine)
	g.add("rest", 1, "up", "steps 1", "end")
	g.add("end", 1, EndOfLine)
	for _, mark := range []string{"?", "!"} {
		g.add("rest "+mark, 3, mark, "end")
		g.add("rest "+mark, 1, "up", "steps 1", "end "+mark)
		g.add("end "+mark, 1, mark, "end")
	}
	for i := 1; i < mostSteps; i++ {
		g.add(fmt.Sprint("steps ", i), 3, "up", fmt.Sprint("steps ", i+1), "down")
		g.add(fmt.Sprint("steps ", i), 2, "down")
	}
	g.add(fmt.Sprint("steps ", mostSteps), 1, "down")
	g.add("down", 1, "down")
}

// grammarHash is the Hash of the drawn text as it comes, the same on every
// machine.
const grammarHash = "308e512277e28359e41a4d22a4a0dbfa124ef114372566bed551ca42234261b9"

func grammarSet() Set {
	return Set{
		Name:    "grammar",
		Summary: "sentences drawn from a small grammar that ask for memory; the best possible perplexity is known; always at hand",
		Task:    spec.TaskText,
		Licence: "drawn by this program, free of any rights",
		Options: []string{"seed", "train_count", "test_count"},
	}
}

// readGrammar draws the three parts, each from the beginning of a sentence. A
// longer part begins with the tokens of a shorter one.
func readGrammar(o Options) (*Corpus, error) {
	g := sentences()
	c := newCorpus(Word)
	c.Vocabulary = g.tokens
	for id, part := range []struct {
		tokens *[]int32
		count  int
	}{{&c.Train, o.TrainCount}, {&c.Valid, o.TestCount}, {&c.test, o.TestCount}} {
		*part.tokens = g.sample(part.count, keyed(o.Seed, streamGrammar, uint64(id)))
	}
	c.Entropy = g.entropy()
	c.ValidEntropy = g.score(c.Valid[:o.kept(len(c.Valid))])
	return c, nil
}
