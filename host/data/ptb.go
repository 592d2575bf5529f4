package data

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// ptbFile is one of the three files of the Penn Treebank as a language model's
// text (Mikolov et al. 2010), and what the official one holds. Tokens include
// one EndOfLine a line.
type ptbFile struct {
	name       string
	lines      int
	words      int
	characters int
	sha256     string
}

var (
	ptbTrain = ptbFile{"ptb.train.txt", 42_068, 929_589, 5_017_482, "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf"}
	ptbValid = ptbFile{"ptb.valid.txt", 3_370, 73_760, 393_042, "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2"}
	ptbTest  = ptbFile{"ptb.test.txt", 3_761, 82_430, 442_423, "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0"}
)

func ptbFiles() []ptbFile { return []ptbFile{ptbTrain, ptbValid, ptbTest} }

func ptbSet() Set {
	s := Set{
		Name:    "ptb",
		Summary: "the Penn Treebank by words: 929,589 training tokens of newspaper text, a vocabulary of 10,000",
		Task:    spec.TaskText,
		Source:  "http://www.fit.vutbr.cz/~imikolov/rnnlm/simple-examples.tgz",
		Licence: "text of the Linguistic Data Consortium (LDC99T42), for research; cite: Marcus, Marcinkiewicz and Santorini, Building a Large Annotated Corpus of English: The Penn Treebank, 1993",
	}
	for _, f := range ptbFiles() {
		s.Files = append(s.Files, f.name)
	}
	return s
}

func ptbCharSet() Set {
	s := ptbSet()
	s.Name = "ptb-char"
	s.Summary = "the same files by characters: 5,017,482 training tokens, 50 symbols"
	return s
}

func locatePTB(o Options) (folder, error) {
	get := fmt.Sprintf("get %s, unpack it, and put the three files ptb.*.txt of its folder data into %s", ptbSet().Source, o.Dir)
	return locate(o, get, []string{".", "ptb", "simple-examples/data", "data"}, ptbSet().Files)
}

// readPTB reads words. The vocabulary is that of the training file, the most
// frequent word first; what other words the other files may hold, which the
// official ones do not, are <unk>.
func readPTB(o Options) (*Corpus, error) {
	return readTreebank(o, Word, func(l *lexicon, text []byte) []int32 { return l.words(text) })
}

// readPTBChar reads characters as Mikolov et al. 2012 wrote them into the files
// ptb.char.*: each line without the space around it, "_" for the spaces
// between words, and one EndOfLine; <unk> is spelled out as five characters.
// That is 50 symbols, 5,017 thousand of them to train on, 393 to validate and
// 442 to test.
func readPTBChar(o Options) (*Corpus, error) {
	return readTreebank(o, Character, func(l *lexicon, text []byte) []int32 { return l.characters(text, true) })
}

func readTreebank(o Options, unit Unit, tokens func(*lexicon, []byte) []int32) (*Corpus, error) {
	at, err := locatePTB(o)
	if err != nil {
		return nil, err
	}
	c, l := newCorpus(unit), newLexicon()
	streams := map[string][]int32{}
	for _, f := range ptbFiles() {
		if f == ptbTest && !at.has(f.name) {
			c.note("The official set also has %s.", f.name)
			c.door.lack = at.missing(f.name, "there is no test text", nil)
			continue
		}
		if streams[f.name], err = at.treebank(c, l, f, tokens); err != nil {
			return nil, err
		}
	}
	counts := l.counts(streams[ptbTrain.name])
	var ids []int32
	for id, n := range counts {
		if n > 0 {
			ids = append(ids, int32(id))
		}
	}
	if len(ids) < 2 {
		return nil, at.explain(ptbTrain.name, corrupt(-1, "holds no %s", unit))
	}
	var number []int32
	c.Vocabulary, number = l.settle(l.ranked(ids, counts), Unknown)
	for _, f := range ptbFiles() {
		stream := streams[f.name]
		if i := renumber(stream, number); i >= 0 {
			line := 1 + count(stream[:i], number[l.ids[EndOfLine]])
			return nil, at.explain(f.name, corrupt(-1, "line %d holds the %s %q, which %s does not, and there is no %s to stand for it",
				line, unit, l.names[stream[i]], ptbTrain.name, Unknown))
		}
	}
	c.Train, c.Valid, c.test = streams[ptbTrain.name], streams[ptbValid.name], streams[ptbTest.name]
	return c, nil
}

// treebank reads one file, and notes if it is not the official one.
func (f folder) treebank(c *Corpus, l *lexicon, file ptbFile, tokens func(*lexicon, []byte) []int32) ([]int32, error) {
	var ids []int32
	sum := sha256.New()
	err := f.read(file.name, func(in input) error {
		in.Reader = io.TeeReader(in.Reader, sum)
		text, err := readUTF8(in, maxText)
		if err != nil {
			return err
		}
		ids = tokens(l, text)
		return l.check()
	})
	if err == nil && hex.EncodeToString(sum.Sum(nil)) != file.sha256 {
		official := file.words
		if c.Unit == Character {
			official = file.characters
		}
		c.note("%s is not the official file: it holds %d lines and %d tokens, the official one %d and %d.",
			file.name, count(ids, l.ids[EndOfLine]), len(ids), file.lines, official)
	}
	return ids, err
}

func verifyPTB(o Options) ([]FileReport, error) {
	at, err := locatePTB(o)
	if err != nil {
		return nil, err
	}
	var reports []FileReport
	for _, f := range ptbFiles() {
		file := at.report(f.name, countLines)
		file.stand(file.SHA256 == f.sha256, Official)
		reports = append(reports, file)
	}
	return reports, nil
}

// countLines counts the lines of UTF-8 text.
func countLines(in input) (int, error) {
	text, err := readUTF8(in, maxText)
	n := 0
	for range bytes.Lines(text) {
		n++
	}
	return n, err
}
