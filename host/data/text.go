package data

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

const (
	// textBlocks is how many blocks a text is cut into, and heldBlocks how many
	// of them are the validation part; as many are the test part.
	textBlocks = 20
	heldBlocks = 2
	// leastText is the fewest tokens that can be cut so.
	leastText = 10 * textBlocks
)

func textSet() Set {
	return Set{
		Name:    "text",
		Summary: "any plain text of yours, by words or by characters; four fifths to train on, a tenth to validate, a tenth to test",
		Task:    spec.TaskText,
		Source:  "your own UTF-8 text: one file, or all .txt files of a folder",
		Licence: "that of the text",
		Files:   []string{"*.txt"},
		Options: []string{"seed", "file", "tokens", "vocabulary", "shuffle"},
	}
}

// readText reads the files of a text and holds out a tenth of it for
// validation and a tenth for testing.
//
// The text is cut into 20 blocks of about equal numbers of tokens, where
// possible at the end of a line. Of those, 2 drawn from the seed are the
// validation part and 2 more the test part, so that most lines keep their
// neighbours; blocks keep their order within a part.
//
// The vocabulary is the most frequent tokens of the training part, in order;
// <eos> and <unk> are always in it. A word that the training part holds only
// once is left out too, so that <unk>, which stands for all other words, is
// there to be learnt.
func readText(o Options) (*Corpus, error) {
	at, files, err := locateText(o)
	if err != nil {
		return nil, err
	}
	c, l := newCorpus(o.Tokens), newLexicon()
	unknown := l.id([]byte(Unknown))
	var tokens []int32
	left := int64(maxText)
	for _, name := range files {
		err := at.read(name, func(in input) error {
			text, err := readUTF8(in, left)
			if err != nil {
				return err
			}
			left -= int64(len(text))
			if c.Unit == Character {
				tokens = append(tokens, l.characters(text, false)...)
			} else {
				tokens = append(tokens, l.words(text)...)
			}
			return l.check()
		})
		if err != nil {
			return nil, err
		}
	}
	if len(tokens) < leastText {
		where := "."
		if len(files) == 1 {
			where = files[0]
		}
		return nil, at.explain(where, corrupt(-1, "%d tokens, expected %d or more to cut into parts", len(tokens), leastText))
	}
	end := l.ids[EndOfLine]
	if o.Shuffle {
		tokens = shuffleLines(tokens, end, keyed(o.Seed, streamLines, 0))
	}
	c.Train, c.Valid, c.test = splitBlocks(tokens, end, keyed(o.Seed, streamBlocks, 0))
	var number []int32
	c.Vocabulary, number = l.settle(l.frequent(c.Train, o), Unknown)
	for _, part := range [][]int32{c.Train, c.Valid, c.test} {
		renumber(part, number)
	}
	if n := count(c.Valid, number[unknown]); n > 0 {
		c.note("%.1f %% of the validation tokens are %s: outside the vocabulary of %d.", 100*float64(n)/float64(len(c.Valid)), Unknown, len(c.Vocabulary))
	}
	return c, nil
}

// frequent is the vocabulary of a training part, in order.
func (l *lexicon) frequent(train []int32, o Options) []int32 {
	counts := l.counts(train)
	least := 1
	if o.Tokens == Word {
		least = 2
	}
	unknown, end := l.ids[Unknown], l.ids[EndOfLine]
	var ids []int32
	for id, n := range counts {
		if id := int32(id); n >= least && id != unknown && id != end {
			ids = append(ids, id)
		}
	}
	ids = l.ranked(ids, counts)
	ids = append(ids[:min(len(ids), o.Vocabulary-2)], unknown, end)
	counts[unknown] = 0
	rest := len(train)
	for _, id := range ids {
		rest -= counts[id]
	}
	counts[unknown] = rest
	return l.ranked(ids, counts)
}

// shuffleLines puts the lines into a random order.
func shuffleLines(tokens []int32, end int32, random stream) []int32 {
	var starts []int
	for i := range tokens {
		if i == 0 || tokens[i-1] == end {
			starts = append(starts, i)
		}
	}
	starts = append(starts, len(tokens))
	shuffled := make([]int32, 0, len(tokens))
	for _, line := range random.permutation(len(starts) - 1) {
		shuffled = append(shuffled, tokens[starts[line]:starts[line+1]]...)
	}
	return shuffled
}

// splitBlocks cuts tokens into blocks and deals them out to three parts.
func splitBlocks(tokens []int32, end int32, random stream) (train, valid, test []int32) {
	var cuts [textBlocks + 1]int
	nominal := func(k int) int { return int(int64(k) * int64(len(tokens)) / textBlocks) }
	for k := range cuts {
		cuts[k] = nominal(k)
		if k == 0 || k == textBlocks {
			continue
		}
		// The first line that ends before the next cut ends this block.
		if i := slices.Index(tokens[cuts[k]-1:nominal(k+1)-1], end); i >= 0 {
			cuts[k] += i
		}
	}
	order := random.permutation(textBlocks)
	for k := range textBlocks {
		part := &train
		switch place := slices.Index(order, k); {
		case place < heldBlocks:
			part = &valid
		case place < 2*heldBlocks:
			part = &test
		}
		*part = append(*part, tokens[cuts[k]:cuts[k+1]]...)
	}
	return train, valid, test
}

// locateText is the folder of a text, and the names of its files.
func locateText(o Options) (folder, []string, error) {
	at, err := home(o, fmt.Sprintf("put UTF-8 text into %s, in files whose names end in .txt", o.Dir))
	if errors.Is(err, fs.ErrNotExist) {
		at.get = "name a file of UTF-8 text, or a folder of files whose names end in .txt"
		return at, nil, at.missing(".", "there is no such file or folder", err)
	}
	if err != nil {
		return at, nil, err
	}
	if o.File != "" {
		at.get = "name a file of UTF-8 text"
		return at, []string{o.File}, nil
	}
	entries, err := fs.ReadDir(o.FS, ".")
	if err != nil {
		return at, nil, at.explain(".", err)
	}
	var files []string
	for _, e := range entries { // in the order of their names
		if !e.IsDir() && strings.EqualFold(path.Ext(e.Name()), ".txt") && !strings.HasPrefix(e.Name(), ".") {
			files = append(files, e.Name())
		}
	}
	if len(files) == 0 {
		return at, nil, at.missing(".", "holds no file whose name ends in .txt", nil)
	}
	return at, files, nil
}

func verifyText(o Options) ([]FileReport, error) {
	at, files, err := locateText(o)
	if err != nil {
		return nil, err
	}
	var reports []FileReport
	for _, name := range files {
		file := at.report(name, countLines)
		file.stand(true, Readable)
		reports = append(reports, file)
	}
	return reports, nil
}
