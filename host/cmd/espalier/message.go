package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"unicode/utf8"
)

// message is a request or an answer. In JSON it is itself where it is JSON
// without white space, else {"text": …} or {"base64": …}, so that no byte is
// lost.
type message []byte

// wrapped is a message that JSON could not hold as it is.
type wrapped struct {
	Text   *string `json:"text,omitempty"`
	Base64 *string `json:"base64,omitempty"`
}

// MarshalJSON writes the message.
func (m message) MarshalJSON() ([]byte, error) {
	var compact bytes.Buffer
	if json.Compact(&compact, m) == nil && bytes.Equal(compact.Bytes(), m) && !isWrapped(m) {
		return m, nil
	}
	if utf8.Valid(m) {
		text := string(m)
		return json.Marshal(wrapped{Text: &text})
	}
	text := base64.StdEncoding.EncodeToString(m)
	return json.Marshal(wrapped{Base64: &text})
}

// isWrapped tells {"text": …} and {"base64": …} from other JSON.
func isWrapped(b []byte) bool {
	var w wrapped
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	return d.Decode(&w) == nil && (w.Text != nil) != (w.Base64 != nil)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *message) UnmarshalJSON(b []byte) error {
	if !isWrapped(b) {
		*m = bytes.Clone(b)
		return nil
	}
	var w wrapped
	err := json.Unmarshal(b, &w)
	if w.Text != nil {
		*m = message(*w.Text)
	} else if err == nil {
		*m, err = base64.StdEncoding.DecodeString(*w.Base64)
	}
	return err
}
