package sandbox

import (
	"bytes"
	"fmt"
)

// packing is how esp_call says where its answer is.
const packing = "esp_call answers address<<32 | size, the address in the upper half: " +
	"widen both to 64 bits, unsigned, before shifting"

// answer copies out what esp_call returned, the address and the size of a text of
// at most so many bytes. A guest that packs the two wrongly points anywhere, so
// that what cannot be an answer is told from one that is too large.
func (i *instance) answer(packed uint64, most int) ([]byte, error) {
	at, n := packed>>32, packed&0xffffffff
	text, ok := i.memory().at(at, n)
	swapped, within := i.memory().at(n, at)
	var v *violation
	switch {
	case within && braced(swapped) && !braced(text):
		v = broken("answer", "the answer is %d bytes at %d, but there are %d bytes at %d that look like one: address and size are swapped", n, at, at, n)
	case n > uint64(most):
		return nil, &violation{kind: ErrLimit, code: "answer",
			msg: fmt.Sprintf("the answer has %s; at most %s are allowed (limit answer)", size(int64(n)), size(int64(most)))}
	case !ok:
		v = broken("answer", "the answer is %d bytes at %d, outside of the memory of %d bytes", n, at, len(i.memory()))
	case n > 0 && (text[0] < ' ' || text[0] > '~') && !isSpace(text[0]):
		v = broken("answer", "the answer, %d bytes at %d, is no text: it begins with the byte %d", n, at, text[0])
	default:
		return bytes.Clone(text), nil
	}
	v.hint = packing
	return nil, v
}

// braced tells whether a text may be a JSON object, by where it begins: a guest
// that fills its memory with blanks has few of them looked at.
func braced(text []byte) bool {
	for _, c := range text[:min(len(text), 64)] {
		if !isSpace(c) {
			return c == '{'
		}
	}
	return false
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
