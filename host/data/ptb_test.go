package data

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// smallPTB is a treebank of a few lines, written as the official one is.
func smallPTB() fstest.MapFS {
	return tree(
		member{"ptb.train.txt", []byte(" the cat <unk> N mice \n the mice <unk> \n")},
		member{"ptb.valid.txt", []byte(" the cat \n")},
		member{"ptb.test.txt", []byte(" mice N \n")},
	)
}

func TestPTB(t *testing.T) {
	c := corpus(t, Options{Name: "ptb", FS: smallPTB()})
	if want := []string{EndOfLine, Unknown, "mice", "the", "N", "cat"}; !slices.Equal(c.Vocabulary, want) {
		t.Errorf("vocabulary %q, want %q", c.Vocabulary, want)
	}
	test, err := c.Test("loader test")
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[*[]int32]string{&c.Train: "the cat <unk> N mice\nthe mice <unk>\n", &c.Valid: "the cat\n", &test: "mice N\n"} {
		if got := c.Text(*part); got != want {
			t.Errorf("reads as %q, want %q", got, want)
		}
	}
	notes := strings.Join(c.Notes, "\n")
	for _, part := range []string{
		"ptb.train.txt is not the official file: it holds 2 lines and 10 tokens, the official one 42068 and 929589.",
		"ptb.valid.txt is not the official file: it holds 1 lines and 3 tokens, the official one 3370 and 73760.",
		"ptb.test.txt is not the official file: it holds 1 lines and 3 tokens, the official one 3761 and 82430.",
	} {
		if !strings.Contains(notes, part) {
			t.Errorf("the notes do not say %q but:\n%s", part, notes)
		}
	}
}

func TestPTBChar(t *testing.T) {
	c := corpus(t, Options{Name: "ptb-char", FS: smallPTB()})
	if got, want := c.Text(c.Train), "the_cat_<unk>_N_mice\nthe_mice_<unk>\n"; got != want {
		t.Errorf("reads as %q, want %q", got, want)
	}
	if c.Unit != Character || c.Vocabulary[0] != "_" || len(c.Train) != 36 {
		t.Errorf("%d tokens by %s, vocabulary %q", len(c.Train), c.Unit, c.Vocabulary)
	}
	if want := "it holds 2 lines and 36 tokens, the official one 42068 and 5017482."; !strings.Contains(c.Notes[0], want) {
		t.Errorf("note %q, want %q", c.Notes[0], want)
	}
}

// TestPTBPlaces: the same text is the same set wherever its files lie, and
// however their lines end.
func TestPTBPlaces(t *testing.T) {
	for _, name := range []string{"ptb", "ptb-char"} {
		want := corpus(t, Options{Name: name, FS: smallPTB()})
		for _, under := range []string{"ptb/", "simple-examples/data/", "data/"} {
			moved := fstest.MapFS{}
			for file, content := range smallPTB() {
				moved[under+file] = content
			}
			if got := corpus(t, Options{Name: name, FS: moved}); got.Hash != want.Hash || !slices.Equal(got.Notes, want.Notes) {
				t.Errorf("%s in %s: another text: %v", name, under, got.Notes)
			}
		}
		for how, spell := range map[string]func([]byte) []byte{
			"CR LF":              func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) },
			"no last line break": func(b []byte) []byte { return bytes.TrimSuffix(b, []byte("\n")) },
			"byte order mark":    func(b []byte) []byte { return append([]byte("\ufeff"), b...) },
			"gzip":               zipped,
		} {
			other := fstest.MapFS{}
			for file, content := range smallPTB() {
				other[file] = &fstest.MapFile{Data: spell(content.Data)}
			}
			if got := corpus(t, Options{Name: name, FS: other}); got.Hash != want.Hash {
				t.Errorf("%s with %s: %q, want %q", name, how, got.Text(got.Train), want.Text(want.Train))
			}
		}
	}
}

func TestPTBUnknownWords(t *testing.T) {
	fsys := with(smallPTB(), "ptb.valid.txt", []byte(" the dog \n dog cat \n"))
	c := corpus(t, Options{Name: "ptb", FS: fsys})
	if got, want := c.Text(c.Valid), "the <unk>\n<unk> cat\n"; got != want {
		t.Errorf("reads as %q, want %q", got, want)
	}
	_, err := OpenCorpus(Options{Name: "ptb-char", FS: fsys, Dir: "bank"})
	fault{ErrCorrupt, "bank/ptb.valid.txt", -1, []string{`line 1 holds the character "d"`, "no <unk>", "replace the file"}}.check(t, err)
	fsys = with(fsys, "ptb.train.txt", []byte("the cat mice N\n"))
	_, err = OpenCorpus(Options{Name: "ptb", FS: with(fsys, "ptb.valid.txt", []byte("cat\n\nthe the\n the dog \n")), Dir: "bank"})
	fault{ErrCorrupt, "bank/ptb.valid.txt", -1, []string{`line 4 holds the word "dog", which ptb.train.txt does not`}}.check(t, err)
}

func TestPTBWithoutTest(t *testing.T) {
	c := corpus(t, Options{Name: "ptb", FS: without(smallPTB(), "ptb.test.txt"), Dir: "bank"})
	_, err := c.Test("final")
	fault{ErrMissing, "bank/ptb.test.txt", -1, []string{"no test text", "simple-examples.tgz"}}.check(t, err)
	if c.TestCount() != 0 || len(c.TestReads()) != 0 || !slices.Contains(c.Notes, "The official set also has ptb.test.txt.") {
		t.Errorf("%d test tokens, reads %v, notes %q", c.TestCount(), c.TestReads(), c.Notes)
	}
}

func TestPTBErrors(t *testing.T) {
	good := smallPTB()
	for name, c := range map[string]struct {
		fsys fstest.MapFS
		fault
	}{
		"empty folder": {fstest.MapFS{}, fault{ErrMissing, "the data folder", -1,
			[]string{"holds no ptb.train.txt, neither itself nor in ptb or simple-examples/data or data", "into the data folder"}}},
		"no train":    {without(good, "ptb.train.txt"), fault{ErrMissing, "ptb.train.txt", -1, []string{"there is no such file", "simple-examples.tgz"}}},
		"no valid":    {without(good, "ptb.valid.txt"), fault{ErrMissing, "ptb.valid.txt", -1, []string{"there is no such file"}}},
		"empty train": {with(good, "ptb.train.txt", nil), fault{ErrCorrupt, "ptb.train.txt", 0, []string{"empty"}}},
		"blank train": {with(good, "ptb.train.txt", []byte("\n\n")), fault{ErrCorrupt, "ptb.train.txt", -1, []string{"holds no word"}}},
		"empty test":  {with(good, "ptb.test.txt", nil), fault{ErrCorrupt, "ptb.test.txt", 0, []string{"empty"}}},
		"binary":      {with(good, "ptb.valid.txt", []byte("a\x00b")), fault{ErrCorrupt, "ptb.valid.txt", 1, []string{"zero byte", "UTF-16", "replace the file"}}},
		"latin-1":     {with(good, "ptb.valid.txt", []byte("caf\xe9\n")), fault{ErrCorrupt, "ptb.valid.txt", 3, []string{"Latin-1"}}},
		"folder":      {with(without(good, "ptb.valid.txt"), "ptb.valid.txt/x", nil), fault{ErrCorrupt, "ptb.valid.txt", -1, []string{"is a folder"}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := OpenCorpus(Options{Name: "ptb", FS: c.fsys})
			c.check(t, err)
		})
	}
	_, err := OpenCorpus(Options{Name: "ptb"})
	fault{ErrMissing, "ptb", -1, []string{"no folder was named"}}.check(t, err)
}
