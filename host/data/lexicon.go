package data

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"unicode/utf8"
)

const (
	// maxText is the most bytes of text that are read: enough for enwik8, the
	// first 100,000,000 bytes of an encyclopedia.
	maxText = 128 << 20
	// maxTypes is the most different tokens that are told apart while reading:
	// no language has so many words.
	maxTypes = 1 << 22
)

// readUTF8 reads at most limit bytes of UTF-8 text.
func readUTF8(in input, limit int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(text)) > limit {
		bad := corrupt(limit, "there is more text than the %d MiB that are read at most", maxText>>20)
		bad.Fix = "use a part of it"
		return nil, bad
	}
	if at := bytes.IndexByte(text, 0); at >= 0 {
		return nil, corrupt(int64(at), "a zero byte, expected UTF-8 text: the file is binary, or in another encoding such as UTF-16")
	}
	if !utf8.Valid(text) {
		at := 0
		for {
			r, size := utf8.DecodeRune(text[at:])
			if r == utf8.RuneError && size == 1 {
				return nil, corrupt(int64(at), "the byte %#02x, expected UTF-8 text: the file is binary, or in another encoding such as Latin-1", text[at])
			}
			at += size
		}
	}
	return bytes.TrimPrefix(text, []byte("\ufeff")), nil
}

// lexicon numbers tokens in the order of their first appearance, until all are
// counted and a vocabulary is settled.
type lexicon struct {
	ids   map[string]int32
	names []string
	full  bool // there were more than maxTypes
}

func newLexicon() *lexicon { return &lexicon{ids: map[string]int32{}} }

func (l *lexicon) id(token []byte) int32 {
	if id, ok := l.ids[string(token)]; ok {
		return id
	}
	if len(l.names) == maxTypes {
		l.full = true
		return 0
	}
	id := int32(len(l.names))
	name := string(token)
	l.ids[name] = id
	l.names = append(l.names, name)
	return id
}

// words splits every line at white space, and ends it with EndOfLine, also
// where it is empty. A word that is spelled <eos> or <unk> is that token.
func (l *lexicon) words(text []byte) []int32 {
	var tokens []int32
	end := l.id([]byte(EndOfLine))
	for line := range bytes.Lines(text) {
		for word := range bytes.FieldsSeq(line) {
			tokens = append(tokens, l.id(word))
		}
		tokens = append(tokens, end)
	}
	return tokens
}

// characters makes of every line its characters and EndOfLine. Lines may end
// with CR LF. If packed, what space there is around a line is left out, and the
// spaces within it are the token "_", as in the files ptb.char.*.
func (l *lexicon) characters(text []byte, packed bool) []int32 {
	var tokens []int32
	end := l.id([]byte(EndOfLine))
	for line := range bytes.Lines(text) {
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if packed {
			line = bytes.TrimSpace(line)
		}
		for len(line) > 0 {
			_, size := utf8.DecodeRune(line)
			token := line[:size]
			if packed && token[0] == ' ' {
				token = []byte("_")
			}
			tokens = append(tokens, l.id(token))
			line = line[size:]
		}
		tokens = append(tokens, end)
	}
	return tokens
}

// check refuses a text of more different tokens than are told apart.
func (l *lexicon) check() error {
	if l.full {
		return corrupt(-1, "there are more than %d different tokens, expected text in words", maxTypes)
	}
	return nil
}

// counts is how often each token occurs.
func (l *lexicon) counts(tokens []int32) []int {
	counts := make([]int, len(l.names))
	for _, id := range tokens {
		counts[id]++
	}
	return counts
}

// ranked is ids in the order of a vocabulary: the most frequent first, and
// equally frequent ones in the order of their bytes.
func (l *lexicon) ranked(ids []int32, counts []int) []int32 {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b int32) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(l.names[a], l.names[b]))
	})
	return ids
}

// settle makes ids the vocabulary. number says what becomes of each token of
// the lexicon: its index in the vocabulary, or unknown's where it is not in it;
// unknown is a name, and number is -1 if that is not in the vocabulary either.
func (l *lexicon) settle(ids []int32, unknown string) (vocabulary []string, number []int32) {
	number = slices.Repeat([]int32{-1}, len(l.names))
	for i, id := range ids {
		vocabulary = append(vocabulary, l.names[id])
		number[id] = int32(i)
	}
	if id, ok := l.ids[unknown]; ok {
		for i := range number {
			if number[i] < 0 {
				number[i] = number[id]
			}
		}
	}
	return vocabulary, number
}

// renumber replaces each token in place. It returns the index of the first one
// that has no number, or -1.
func renumber(tokens, number []int32) int {
	for i, id := range tokens {
		if number[id] < 0 {
			return i
		}
		tokens[i] = number[id]
	}
	return -1
}

// count is how many of the tokens are id.
func count(tokens []int32, id int32) int {
	n := 0
	for _, t := range tokens {
		if t == id {
			n++
		}
	}
	return n
}
