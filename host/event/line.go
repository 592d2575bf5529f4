package event

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
)

// A journal line is the JSON object of an Event whose last member is the
// CRC-32C of every byte before that member, followed by a newline:
//
//	{"seq":7,"time":"…","type":"trial.done","done":{…},"crc":"89abcdef"}
//
// The member is compared byte for byte, so that every flipped bit of a line is
// noticed, the checksum's own included.
var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	crcBefore  = []byte(`,"crc":"`)
	crcAfter   = []byte(`"}`)
)

// crcMember is the length of the checksum member with the closing brace.
const crcMember = len(`,"crc":"01234567"}`)

// ErrChecksum says that a line is not what was once written.
var ErrChecksum = errors.New("event: checksum mismatch")

// AppendLine appends the journal line of e, newline included, to dst.
func AppendLine(dst []byte, e Event) ([]byte, error) {
	body, err := json.Marshal(e)
	if err != nil {
		return dst, fmt.Errorf("event: encode %s: %w", e.Type, err)
	}
	return Seal(dst, body), nil
}

// Seal appends the line of a JSON object that has members, with its checksum
// and a newline.
func Seal(dst, object []byte) []byte {
	body := object[:len(object)-1] // its closing brace comes after the checksum
	dst = append(dst, body...)
	dst = append(dst, crcBefore...)
	dst = append(dst, checksum(body)...)
	dst = append(dst, crcAfter...)
	return append(dst, '\n')
}

// ParseLine decodes one journal line, without its newline. It returns
// ErrChecksum if the line was damaged.
func ParseLine(line []byte) (Event, error) {
	var e Event
	if err := parse(line, &e); err != nil {
		return Event{}, err
	}
	return e, nil
}

// ParseSlim is Slim of what ParseLine returns, in half of the time.
func ParseSlim(line []byte) (Event, error) {
	var e struct {
		Event
		// It hides the member of the same name in Event.
		Sampled *struct {
			Sampled
			Network       passedOver `json:"network"`
			Decisions     passedOver `json:"decisions"`
			StepLogProbs  passedOver `json:"step_log_probs"`
			StepEntropies passedOver `json:"step_entropies"`
		} `json:"sampled"`
	}
	if err := parse(line, &e); err != nil {
		return Event{}, err
	}
	if e.Sampled != nil {
		e.Event.Sampled = &e.Sampled.Sampled
	}
	return e.Event, nil
}

// passedOver is a value of JSON that nobody looks at.
type passedOver struct{}

func (*passedOver) UnmarshalJSON([]byte) error { return nil }

// parse decodes an intact line.
func parse(line []byte, into any) error {
	if !Intact(line) {
		return ErrChecksum
	}
	if err := json.Unmarshal(line, into); err != nil {
		return fmt.Errorf("event: decode: %w", err)
	}
	return nil
}

// Intact reports whether line, without its newline, ends with the checksum of
// what comes before.
func Intact(line []byte) bool {
	body := len(line) - crcMember
	return body >= 1 && isMember(line[body:], crc32.Checksum(line[:body], castagnoli))
}

// HidesLine reports whether line begins with an intact line and goes on: then
// a newline inside it was overwritten, and it holds more than one event. It takes
// time in proportion to the length of the line.
func HidesLine(line []byte) bool {
	sum, body := uint32(0), 0 // the checksum of line[:body]
	for at := 0; ; at = body + 1 {
		i := bytes.Index(line[at:], crcBefore)
		if i < 0 || at+i+crcMember >= len(line) {
			return false
		}
		sum = crc32.Update(sum, castagnoli, line[body:at+i])
		body = at + i
		if body >= 1 && isMember(line[body:body+crcMember], sum) {
			return true
		}
	}
}

// isMember reports whether b is the member of a checksum with the closing brace.
func isMember(b []byte, sum uint32) bool {
	member, after := bytes.CutPrefix(b, crcBefore)
	digits, end := bytes.CutSuffix(member, crcAfter)
	return after && end && bytes.Equal(digits, hexadecimal(sum))
}

// checksum returns the eight lower-case hexadecimal digits of b's CRC-32C.
func checksum(b []byte) []byte { return hexadecimal(crc32.Checksum(b, castagnoli)) }

func hexadecimal(sum uint32) []byte {
	return hex.AppendEncode(nil, []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
}
