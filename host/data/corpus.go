package data

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Unit is what a token of a corpus stands for.
type Unit string

const (
	Word      Unit = "word"
	Character Unit = "character"
)

// Tokens with a meaning of their own.
const (
	EndOfLine = "<eos>" // every line ends with one
	Unknown   = "<unk>" // a token outside the vocabulary
)

// Corpus is a text as tokens, in three parts of which the last, for testing,
// is locked. A token is an index into Vocabulary. Its methods may be called
// concurrently.
type Corpus struct {
	Name       string
	Unit       Unit
	Vocabulary []string
	// Train and Valid are whole streams: their lines follow each other.
	Train, Valid []int32
	// Hash is the SHA-256, in hex, of the name, the vocabulary and the tokens
	// of all parts, the test part included. It does not depend on how files
	// were packed or where they lay.
	Hash string
	// Notes says what a reader of results should know, e.g. that a file is not
	// the publisher's, in whole sentences.
	Notes []string

	// Entropy is the cross-entropy, in nats per token, that the best possible
	// model has in the long run; NaN where nobody knows. exp(Entropy) is the
	// least perplexity.
	Entropy float64
	// ValidEntropy is what that model scores on Valid itself, from its
	// beginning, in nats per token; NaN where nobody knows. It differs from
	// Entropy by the luck of the draw.
	ValidEntropy float64

	test []int32
	door door
}

// OpenCorpus reads or draws a text. Its errors are those of Validate, a
// *FileError, or that the set is not a text.
func OpenCorpus(o Options) (*Corpus, error) {
	set, o, err := o.choose(spec.TaskText)
	if err != nil {
		return nil, err
	}
	c, err := set.read(o)
	if err != nil {
		return nil, err
	}
	c.Name = o.Name
	c.cut(o)
	c.seal()
	return c, nil
}

// newCorpus is a text of which the best possible model is unknown.
func newCorpus(unit Unit) *Corpus {
	return &Corpus{Unit: unit, Entropy: math.NaN(), ValidEntropy: math.NaN()}
}

// Task is what a network for this text has to solve, trained on windows of the
// given number of steps: to predict the next token after each.
func (c *Corpus) Task(steps int) spec.Task {
	return spec.Task{Type: spec.TaskText, Input: []int{steps}, Classes: len(c.Vocabulary)}
}

// Test unlocks the test part and records why. A search that looks at it more
// than once, or before it has chosen its network, fools itself.
func (c *Corpus) Test(reason string) ([]int32, error) {
	if err := c.door.open(reason); err != nil {
		return nil, err
	}
	return c.test, nil
}

// TestReads lists the reasons of all calls of Test that were answered, in
// their order.
func (c *Corpus) TestReads() []string { return c.door.readings() }

// TestCount is the number of test tokens. Counting them is not a reading.
func (c *Corpus) TestCount() int { return len(c.test) }

// Text spells tokens out: words with a space between them, characters without;
// a line ends where its EndOfLine is.
func (c *Corpus) Text(tokens []int32) string {
	var b strings.Builder
	begun := false // within a line
	for _, id := range tokens {
		token := c.Vocabulary[id]
		if token == EndOfLine {
			b.WriteByte('\n')
			begun = false
			continue
		}
		if begun && c.Unit == Word {
			b.WriteByte(' ')
		}
		b.WriteString(token)
		begun = true
	}
	return b.String()
}

// Counts is how often each token of the vocabulary occurs in the training part.
func (c *Corpus) Counts() []int {
	counts := make([]int, len(c.Vocabulary))
	for _, id := range c.Train {
		counts[id]++
	}
	return counts
}

func (c *Corpus) note(format string, args ...any) {
	c.Notes = append(c.Notes, fmt.Sprintf(format, args...))
}

// cut applies the limit of o.
func (c *Corpus) cut(o Options) {
	if n := o.kept(len(c.Train)); n < len(c.Train) {
		c.note("Only the first %d of %d training tokens are used (limit %d).", n, len(c.Train), o.Limit)
	}
	for _, part := range []*[]int32{&c.Train, &c.Valid, &c.test} {
		n := o.kept(len(*part))
		*part = (*part)[:n:n]
	}
}

// seal computes Hash.
func (c *Corpus) seal() {
	h := sha256.New()
	fmt.Fprintf(h, "espalier text 1\n%s\n%s\n%d\n", c.Name, c.Unit, len(c.Vocabulary))
	for _, token := range c.Vocabulary {
		fmt.Fprintf(h, "%d %s\n", len(token), token)
	}
	for _, part := range [][]int32{c.Train, c.Valid, c.test} {
		fmt.Fprintf(h, "%d\n", len(part))
		var chunk []byte
		for len(part) > 0 {
			n := min(len(part), 1<<12)
			chunk = chunk[:0]
			for _, id := range part[:n] {
				chunk = binary.LittleEndian.AppendUint32(chunk, uint32(id))
			}
			h.Write(chunk)
			part = part[n:]
		}
	}
	c.Hash = hex.EncodeToString(h.Sum(nil))
}
