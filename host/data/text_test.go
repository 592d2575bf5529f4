package data

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// numberedLines is n lines of five words, of which the first is the line's
// own.
func numberedLines(n int) []byte {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line%03d is one of many\n", i)
	}
	return []byte(b.String())
}

func bookOptions() Options {
	return Options{Name: "text", FS: tree(member{"book.txt", numberedLines(200)}), Vocabulary: 1000}
}

// parts is the lines of the three parts.
func (c *Corpus) parts() [3][]string {
	var p [3][]string
	for i, tokens := range [][]int32{c.Train, c.Valid, c.test} {
		p[i] = strings.Split(strings.TrimSuffix(c.Text(tokens), "\n"), "\n")
	}
	return p
}

// TestTextSplit: a tenth is held out for validation and one for testing, in
// blocks of neighbours, and nothing is lost. By characters, every line is told
// from every other.
func TestTextSplit(t *testing.T) {
	o := bookOptions()
	o.Tokens = Character
	c := corpus(t, o)
	parts := c.parts()
	if len(parts[0]) != 160 || len(parts[1]) != 20 || len(parts[2]) != 20 {
		t.Errorf("parts of %d, %d and %d lines, want 160, 20 and 20", len(parts[0]), len(parts[1]), len(parts[2]))
	}
	var all []string
	for i, lines := range parts {
		breaks := 0
		for j := 1; j < len(lines); j++ {
			if lines[j][4:7] != fmt.Sprintf("%03d", 1+lineNumber(t, lines[j-1])) {
				breaks++
			}
		}
		if most := []int{4, 1, 1}[i]; breaks > most || !slices.IsSorted(lines) {
			t.Errorf("part %d has %d breaks, want at most %d, in order", i, breaks, most)
		}
		all = append(all, lines...)
	}
	slices.Sort(all)
	if got := strings.Join(all, "\n") + "\n"; got != string(numberedLines(200)) {
		t.Error("the parts are not a partition of the text")
	}
}

func lineNumber(t *testing.T, line string) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscanf(line, "line%d", &n); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return n
}

func TestTextSeeds(t *testing.T) {
	hashes := map[string]bool{}
	for seed := range uint64(20) {
		o := bookOptions()
		o.Tokens, o.Seed = Character, seed
		c := corpus(t, o)
		if again := corpus(t, o); again.Hash != c.Hash {
			t.Errorf("seed %d makes two splits", seed)
		}
		hashes[c.Hash] = true
	}
	if len(hashes) != 20 {
		t.Errorf("20 seeds make only %d splits", len(hashes))
	}
}

func TestTextShuffle(t *testing.T) {
	o := bookOptions()
	o.Tokens, o.Shuffle = Character, true
	parts := corpus(t, o).parts()
	neighbours := 0
	for i, line := range parts[0][1:] {
		if lineNumber(t, line) == 1+lineNumber(t, parts[0][i]) {
			neighbours++
		}
	}
	if neighbours > 10 {
		t.Errorf("%d of 160 lines follow their neighbours", neighbours)
	}
	all := slices.Sorted(slices.Values(slices.Concat(parts[:]...)))
	if got := strings.Join(all, "\n") + "\n"; got != string(numberedLines(200)) {
		t.Error("lines were lost")
	}
}

// TestTextLongLines: a text without line breaks is cut between tokens.
func TestTextLongLines(t *testing.T) {
	text := strings.Repeat("x y z ", 100)
	c := corpus(t, Options{Name: "text", FS: tree(member{"a.txt", []byte(text)})})
	if len(c.Train)+len(c.Valid)+c.TestCount() != 301 || len(c.Valid) < 29 || len(c.Valid) > 32 {
		t.Errorf("%d, %d and %d tokens of 301", len(c.Train), len(c.Valid), c.TestCount())
	}
}

// TestTextVocabulary: the training part's most frequent words are kept, those
// that occur once are not, and the rest is <unk>.
func TestTextVocabulary(t *testing.T) {
	c := corpus(t, bookOptions())
	if want := []string{EndOfLine, Unknown, "is", "many", "of", "one"}; !slices.Equal(c.Vocabulary, want) {
		t.Errorf("vocabulary %q, want %q", c.Vocabulary, want)
	}
	if got, want := c.Text(c.Valid[:6]), "<unk> is one of many\n"; got != want {
		t.Errorf("a line reads %q, want %q", got, want)
	}
	if want := "16.7 % of the validation tokens are <unk>: outside the vocabulary of 6."; !slices.Contains(c.Notes, want) {
		t.Errorf("notes %q, want %q", c.Notes, want)
	}
	o := bookOptions()
	o.Vocabulary = 4
	c = corpus(t, o)
	if want := []string{Unknown, EndOfLine, "is", "many"}; !slices.Equal(c.Vocabulary, want) {
		t.Errorf("vocabulary %q, want %q", c.Vocabulary, want)
	}
	o = bookOptions()
	o.Tokens = Character
	c = corpus(t, o)
	if !slices.Contains(c.Vocabulary, " ") || c.Vocabulary[len(c.Vocabulary)-1] != Unknown || len(c.Notes) != 0 {
		t.Errorf("vocabulary %q, notes %q: every character is known", c.Vocabulary, c.Notes)
	}
}

// TestTextUnknownIsCounted: the place of <unk> is that of all it stands for,
// what the text itself calls so included.
func TestTextUnknownIsCounted(t *testing.T) {
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, "<unk> word word word%d word\n", i)
	}
	c := corpus(t, Options{Name: "text", FS: tree(member{"a.txt", []byte(b.String())})})
	if want := []string{"word", Unknown, EndOfLine}; !slices.Equal(c.Vocabulary, want) {
		t.Errorf("vocabulary %q, want %q", c.Vocabulary, want)
	}
}

// TestTextFiles: the files of a folder are one text in the order of their
// names, each with its last line ended.
func TestTextFiles(t *testing.T) {
	whole := numberedLines(200)
	half := strings.Index(string(whole), "line100")
	o := bookOptions()
	want := corpus(t, o).Hash
	o.FS = tree(
		member{"b.TXT", whole[half:]}, member{"a.txt", whole[:half-1]},
		member{"notes.md", []byte("other")}, member{".hidden.txt", []byte{0xff}}, member{"below/c.txt", []byte("other")},
	)
	if got := corpus(t, o).Hash; got != want {
		t.Error("two files are not the text of one")
	}
	o.FS, o.File = tree(member{"below/book", zipped(whole)}, member{"a.txt", []byte("other")}), "below/book"
	if got := corpus(t, o).Hash; got != want {
		t.Error("a named file is not the text that it holds")
	}
}

func TestTextErrors(t *testing.T) {
	short := tree(member{"a.txt", numberedLines(20)})
	for name, c := range map[string]struct {
		o Options
		fault
	}{
		"no folder":    {Options{}, fault{ErrMissing, "text", -1, []string{"no folder was named", "put UTF-8 text into"}}},
		"nothing":      {Options{FS: os.DirFS(filepath.Join(t.TempDir(), "none")), Dir: "none"}, fault{ErrMissing, "none", -1, []string{"there is no such file or folder", "name a file of UTF-8 text, or"}}},
		"empty folder": {Options{FS: fstest.MapFS{}}, fault{ErrMissing, "the data folder", -1, []string{"holds no file whose name ends in .txt"}}},
		"no such file": {Options{FS: short, File: "b.txt"}, fault{ErrMissing, "b.txt", -1, []string{"there is no such file", "name a file of UTF-8 text"}}},
		"too short":    {Options{FS: short}, fault{ErrCorrupt, "a.txt", -1, []string{"120 tokens, expected 200 or more"}}},
		"both short":   {Options{FS: with(short, "b.txt", []byte("b"))}, fault{ErrCorrupt, "the data folder", -1, []string{"122 tokens"}}},
		"empty":        {Options{FS: with(short, "b.txt", nil)}, fault{ErrCorrupt, "b.txt", 0, []string{"empty"}}},
		"latin-1":      {Options{FS: with(short, "b.txt", []byte("caf\xe9"))}, fault{ErrCorrupt, "b.txt", 3, []string{"0xe9", "replace the file"}}},
		"locked":       {Options{FS: locked{short, "a.txt"}}, fault{fs.ErrPermission, "a.txt", -1, []string{"cannot be read"}}},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.Name = "text"
			_, err := OpenCorpus(c.o)
			c.check(t, err)
		})
	}
}
