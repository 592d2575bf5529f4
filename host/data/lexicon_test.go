package data

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// spelled is the names of tokens.
func (l *lexicon) spelled(tokens []int32) string {
	var names []string
	for _, id := range tokens {
		names = append(names, l.names[id])
	}
	return strings.Join(names, "|")
}

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "",
		"a":                        "a|<eos>",
		"a b\n":                    "a|b|<eos>",
		"a b\nc":                   "a|b|<eos>|c|<eos>",
		" a  b \n\n\tc\n":          "a|b|<eos>|<eos>|c|<eos>",
		"a b\r\nc\r\n":             "a|b|<eos>|c|<eos>",
		"\u00fcber\u00a0\u4f60\n":  "\u00fcber|\u4f60|<eos>",
		"a <unk> b <eos>\n":        "a|<unk>|b|<eos>|<eos>",
		"it 's n't a ,b . \\/ N\n": "it|'s|n't|a|,b|.|\\/|N|<eos>",
	} {
		l := newLexicon()
		if got := l.spelled(l.words([]byte(text))); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestCharacters(t *testing.T) {
	for _, c := range []struct{ text, plain, packed string }{
		{"", "", ""},
		{"ab", "a|b|<eos>", "a|b|<eos>"},
		{" a bc \nd\n", " |a| |b|c| |<eos>|d|<eos>", "a|_|b|c|<eos>|d|<eos>"},
		{"a\r\n\r\nb", "a|<eos>|<eos>|b|<eos>", "a|<eos>|<eos>|b|<eos>"},
		{"a\rb", "a|\r|b|<eos>", "a|\r|b|<eos>"},
		{"a_b \u4f60", "a|_|b| |\u4f60|<eos>", "a|_|b|_|\u4f60|<eos>"},
		{"<unk> N", "<|u|n|k|>| |N|<eos>", "<|u|n|k|>|_|N|<eos>"},
	} {
		l := newLexicon()
		if got := l.spelled(l.characters([]byte(c.text), false)); got != c.plain {
			t.Errorf("%q: %s, want %s", c.text, got, c.plain)
		}
		if got := l.spelled(l.characters([]byte(c.text), true)); got != c.packed {
			t.Errorf("%q packed: %s, want %s", c.text, got, c.packed)
		}
	}
}

func TestReadUTF8(t *testing.T) {
	read := func(text string, limit int64) (string, error) {
		got, err := readUTF8(input{Reader: strings.NewReader(text)}, limit)
		return string(got), err
	}
	for text, want := range map[string]string{
		"":                 "",
		"caf\u00e9 \u4f60": "caf\u00e9 \u4f60",
		"\ufeffa\ufeff":    "a\ufeff",
		"\ufffd":           "\ufffd",
	} {
		if got, err := read(text, 100); got != want || err != nil {
			t.Errorf("%q reads as %q, %v", text, got, err)
		}
	}
	for _, c := range []struct {
		text   string
		limit  int64
		offset int64
		says   string
	}{
		{"caf\xe9 au lait", 100, 3, "the byte 0xe9, expected UTF-8"},
		{"\u4f60\ufffd\xff", 100, 6, "the byte 0xff"},
		{"cut \xe4\xbd", 100, 4, "the byte 0xe4"},
		{"\xff\xfea\x00b\x00", 100, 3, "UTF-16"},
		{"too long", 7, 7, "more text than"},
	} {
		_, err := read(c.text, c.limit)
		var bad *FileError
		if !errors.As(err, &bad) || bad.Offset != c.offset || !strings.Contains(bad.Problem, c.says) || !errors.Is(err, ErrCorrupt) {
			t.Errorf("%q: %v, want %q at byte %d", c.text, err, c.says, c.offset)
		}
	}
}

// TestVocabularyOrder: the most frequent first, equally frequent ones by their
// bytes, and no word is lost.
func TestVocabularyOrder(t *testing.T) {
	l := newLexicon()
	tokens := l.words([]byte("b a b a c\nZ b d\n"))
	counts := l.counts(tokens)
	ids := l.ranked([]int32{0, 1, 2, 3, 4}, counts)
	vocabulary, number := l.settle(ids, Unknown)
	if want := []string{"b", EndOfLine, "a", "Z", "c"}; !slices.Equal(vocabulary, want) {
		t.Errorf("vocabulary %q, want %q", vocabulary, want)
	}
	if i := renumber(tokens, number); i != len(tokens)-2 {
		t.Errorf("token %d has no number, want %d: d is not in the vocabulary", i, len(tokens)-2)
	}
	unknown := l.id([]byte("b"))
	if _, number := l.settle(ids, l.names[unknown]); number[l.ids["d"]] != 0 {
		t.Errorf("d is %d, want 0 like the unknown", number[l.ids["d"]])
	}
}

// TestTooManyTypes: what cannot be words is refused before it fills the memory.
func TestTooManyTypes(t *testing.T) {
	l := newLexicon()
	l.words([]byte("a b"))
	if err := l.check(); err != nil {
		t.Error(err)
	}
	l.names = append(l.names, make([]string, maxTypes-len(l.names))...)
	l.words([]byte("a b"))
	if err := l.check(); err != nil {
		t.Errorf("refused though nothing is new: %v", err)
	}
	l.words([]byte("c"))
	if err := l.check(); !errors.Is(err, ErrCorrupt) || len(l.names) != maxTypes {
		t.Errorf("one type more than %d: %v", maxTypes, err)
	}
}
