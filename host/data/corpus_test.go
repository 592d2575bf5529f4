package data

import (
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// corpus opens a text that has to be sound.
func corpus(t *testing.T, o Options) *Corpus {
	t.Helper()
	c, err := OpenCorpus(o)
	if err != nil {
		t.Fatal(err)
	}
	c.check(t)
	return c
}

// check holds what is true of every corpus.
func (c *Corpus) check(t *testing.T) {
	t.Helper()
	if len(c.Vocabulary) < 2 || len(c.Train) == 0 || len(c.Valid) == 0 || len(c.Hash) != 64 {
		t.Errorf("%d tokens, %d to train on, %d to validate, hash %q", len(c.Vocabulary), len(c.Train), len(c.Valid), c.Hash)
	}
	seen := map[string]bool{}
	for _, token := range c.Vocabulary {
		if token == "" || seen[token] {
			t.Errorf("the vocabulary holds %q twice, or an empty token", token)
		}
		seen[token] = true
	}
	for name, part := range map[string][]int32{"train": c.Train, "valid": c.Valid, "test": c.test} {
		for i, id := range part {
			if id < 0 || int(id) >= len(c.Vocabulary) {
				t.Fatalf("%s: token %d is %d of %d", name, i, id, len(c.Vocabulary))
			}
		}
	}
	if math.IsNaN(c.Entropy) != math.IsNaN(c.ValidEntropy) {
		t.Errorf("entropy %v, but %v of the validation part", c.Entropy, c.ValidEntropy)
	}
}

// numbersCorpus is a small text of its own for every call.
func numbersCorpus() *Corpus {
	c := newCorpus(Word)
	c.Name, c.Vocabulary = "numbers", []string{"one", EndOfLine, "two"}
	c.Train, c.Valid, c.test = []int32{0, 2, 1, 1, 0}, []int32{2, 1}, []int32{0, 1}
	c.seal()
	return c
}

func TestCorpusText(t *testing.T) {
	c := numbersCorpus()
	if got, want := c.Text(c.Train), "one two\n\none"; got != want {
		t.Errorf("words: %q, want %q", got, want)
	}
	c.Unit = Character
	if got, want := c.Text(c.Train), "onetwo\n\none"; got != want {
		t.Errorf("characters: %q, want %q", got, want)
	}
}

func TestCorpusCounts(t *testing.T) {
	if got := numbersCorpus().Counts(); !slices.Equal(got, []int{2, 2, 1}) {
		t.Errorf("counts %v, want 2, 2 and 1", got)
	}
}

func TestCorpusTask(t *testing.T) {
	task := numbersCorpus().Task(35)
	if task.Type != spec.TaskText || !slices.Equal(task.Input, []int{35}) || task.Classes != 3 {
		t.Errorf("task %+v", task)
	}
}

func TestCorpusLockedTest(t *testing.T) {
	c := numbersCorpus()
	if c.TestCount() != 2 || len(c.TestReads()) != 0 {
		t.Fatalf("count %d, reads %v: want 2 and none", c.TestCount(), c.TestReads())
	}
	if _, err := c.Test(""); err == nil {
		t.Error("opened without a reason")
	}
	if test, err := c.Test("final evaluation"); err != nil || !slices.Equal(test, []int32{0, 1}) {
		t.Errorf("test part %v, %v", test, err)
	}
	if reads := c.TestReads(); !slices.Equal(reads, []string{"final evaluation"}) {
		t.Errorf("reads %q", reads)
	}
}

// TestCorpusHash: whatever changes what children learn from changes the hash.
func TestCorpusHash(t *testing.T) {
	base := numbersCorpus().Hash
	if len(base) != 64 || base != numbersCorpus().Hash {
		t.Fatalf("hash %q is not a reproducible SHA-256", base)
	}
	for name, change := range map[string]func(*Corpus){
		"name":       func(c *Corpus) { c.Name = "other" },
		"unit":       func(c *Corpus) { c.Unit = Character },
		"vocabulary": func(c *Corpus) { c.Vocabulary[2] = "too" },
		"token":      func(c *Corpus) { c.Train[4] = 2 },
		"boundary":   func(c *Corpus) { c.Train, c.Valid = c.Train[:4], []int32{0, 2, 1} },
		"test token": func(c *Corpus) { c.test[0] = 2 },
		"no test":    func(c *Corpus) { c.test = nil },
	} {
		c := numbersCorpus()
		change(c)
		if c.seal(); c.Hash == base {
			t.Errorf("another %s has the same hash", name)
		}
	}
}

func TestCorpusLimit(t *testing.T) {
	whole, part := corpus(t, Options{Name: "grammar"}), corpus(t, Options{Name: "grammar", Limit: 300})
	if len(part.Train) != 300 || len(part.Valid) != 300 || part.TestCount() != 300 || !slices.Equal(part.Train, whole.Train[:300]) {
		t.Errorf("%d, %d and %d tokens, want the first 300", len(part.Train), len(part.Valid), part.TestCount())
	}
	if want := []string{"Only the first 300 of 40000 training tokens are used (limit 300)."}; !slices.Equal(part.Notes, want) {
		t.Errorf("notes %q, want %q", part.Notes, want)
	}
	if got := sentences().score(part.Valid); got != part.ValidEntropy {
		t.Errorf("the best model scores %v on the tokens that are left, not %v", got, part.ValidEntropy)
	}
	if whole.Hash == part.Hash || len(whole.Notes) != 0 {
		t.Errorf("the limit leaves no trace: notes %q", whole.Notes)
	}
}

// TestOtherTask: images are not opened as text, nor text as images.
func TestOtherTask(t *testing.T) {
	_, err := Open(Options{Name: "ptb", FS: fstest.MapFS{}})
	if err == nil || !strings.Contains(err.Error(), "ptb is for the task text and was opened for the task image, for which there are shapes, cifar10, mnist") {
		t.Errorf("text opened as images: %v", err)
	}
	_, err = OpenCorpus(Options{})
	if err == nil || !strings.Contains(err.Error(), "shapes is for the task image and was opened for the task text, for which there are grammar, ptb, ptb-char, text") {
		t.Errorf("images opened as text: %v", err)
	}
}
