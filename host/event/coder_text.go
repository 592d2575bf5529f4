package event

import (
	"encoding/hex"
	"strings"
)

// Forms of a text.
const (
	plainText  = iota // its bytes
	hexText           // lower-case hexadecimal digits, as hashes are: two in a byte
	answerText        // as CompactAnswers writes it: two choices in a byte
	textForms
)

// texts is a column of n texts. A text that was written before is its place
// among all the texts, counted from 1; a new one is 0, its length and form, and
// what it is.
func texts[T ~string](c *coder, n int, field func(i int) *T) {
	for i := range n {
		s := string(*field(i))
		c.text(&s)
		if c.reading {
			*field(i) = T(s)
		}
	}
}

func (c *coder) text(s *string) {
	var place uint64
	if !c.reading {
		place = uint64(c.known[*s])
	}
	c.uvarint(&place)
	switch {
	case place > uint64(len(c.texts)):
		c.fail("text %d is named before it is written", place)
		return
	case place > 0:
		*s = c.texts[place-1]
		return
	}
	c.newText(s)
	c.texts = append(c.texts, *s)
	if !c.reading {
		c.known[*s] = len(c.texts)
	}
}

func (c *coder) newText(s *string) {
	var form uint64
	var b []byte
	if !c.reading {
		form, b = packText(*s)
	}
	head := uint64(len(b))*textForms + form
	c.uvarint(&head)
	if !c.reading {
		c.buf = append(c.buf, b...)
		return
	}
	b = c.take(head / textForms)
	switch head % textForms {
	case plainText:
		*s = string(b)
	case hexText:
		*s = hex.EncodeToString(b)
	case answerText:
		*s = unpackAnswers(b)
	}
}

// packText is the form in which s is shortest, and what it is there.
func packText(s string) (form uint64, b []byte) {
	if b, err := hex.DecodeString(s); err == nil && hex.EncodeToString(b) == s {
		return hexText, b
	}
	if b := packAnswers(s); unpackAnswers(b) == s {
		return answerText, b
	}
	return plainText, []byte(s)
}

// Half bytes of packed answers; 0 to 9 are choices of one digit.
const (
	longChoice = 10 + iota // its digits follow, then endChoice
	endChoice
	openSet
	closeSet
	padding // the second half of the last byte
)

// packAnswers packs answers into half bytes without their separators. Of any
// other text it makes what does not unpack to it.
func packAnswers(s string) []byte {
	var halves []byte
	for i := 0; i < len(s); {
		digits := len(s[i:]) - len(strings.TrimLeft(s[i:], "0123456789"))
		switch {
		case digits == 1:
			halves = append(halves, s[i]-'0')
			i++
		case digits > 1:
			halves = append(halves, longChoice)
			for range digits {
				halves = append(halves, s[i]-'0')
				i++
			}
			halves = append(halves, endChoice)
		case s[i] == '[':
			halves = append(halves, openSet)
			i++
		case s[i] == ']':
			halves = append(halves, closeSet)
			i++
		default:
			i++
		}
	}
	if len(halves)%2 == 1 {
		halves = append(halves, padding)
	}
	b := make([]byte, len(halves)/2)
	for i := range b {
		b[i] = halves[2*i]<<4 | halves[2*i+1]
	}
	return b
}

// unpackAnswers restores what CompactAnswers wrote.
func unpackAnswers(packed []byte) string {
	b := make([]byte, 0, 4*len(packed))
	var long, inSet, separate bool
	for i := range 2 * len(packed) {
		half := packed[i/2] >> 4
		if i%2 == 1 {
			half = packed[i/2] & 15
		}
		if half == padding {
			break
		}
		if !long && separate && half != closeSet && half != endChoice {
			if inSet {
				b = append(b, ',')
			} else {
				b = append(b, ' ')
			}
		}
		separate = true
		switch half {
		case longChoice:
			long = true
		case endChoice:
			long = false
		case openSet:
			b, inSet, separate = append(b, '['), true, false
		case closeSet:
			b, inSet = append(b, ']'), false
		case 15:
		default:
			b = append(b, '0'+half)
		}
	}
	return string(b)
}
