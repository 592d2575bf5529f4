package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
)

// TestMessage: no byte of a request or an answer is lost, whatever it is, and
// JSON stays readable.
func TestMessage(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":[1,"<&>"]}`:   `{"a":[1,"<&>"]}`,
		`{"a": 1}`:          `{"text":"{\"a\": 1}"}`,
		"no JSON":           `{"text":"no JSON"}`,
		"":                  `{"text":""}`,
		"\xff\x00":          `{"base64":"/wA="}`,
		`{"text":"nested"}`: `{"text":"{\"text\":\"nested\"}"}`,
		`{"base64":"!"}`:    `{"text":"{\"base64\":\"!\"}"}`,
		`{"text":1}`:        `{"text":1}`,
		"null":              "null",
	} {
		var line bytes.Buffer
		if err := writeLine(&line, struct{ M *message }{(*message)(ptr([]byte(text)))}); err != nil {
			t.Fatal(err)
		}
		if got := line.String(); got != `{"M":`+want+"}\n" {
			t.Errorf("%q is written as %s", text, got)
		}
		var again struct{ M message }
		if err := json.Unmarshal(line.Bytes(), &again); err != nil || text != "null" && string(again.M) != text {
			t.Errorf("%q is read as %q, %v", text, again.M, err)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestCompareJSON(t *testing.T) {
	for _, c := range []struct {
		was, is string
		want    []string
	}{
		{`{"a":[1,{"b":true}]}`, `{"a":[1,{"b":true}]}`, nil},
		{`{"a":[1,{"b":true}],"c":1}`, `{"a":[2,{"b":false},3],"d":null}`,
			[]string{".a[0] was 1, now it is 2", ".a[1].b was true, now it is false", ".a[2] is new: 3", ".c is gone; it was 1", ".d is new: null"}},
		{`{"a":{}}`, `{"a":[]}`, []string{".a was {}, now it is []"}},
		{`[]`, `"x"`, []string{` was [], now it is "x"`}},
	} {
		var a, b any
		if json.Unmarshal([]byte(c.was), &a) != nil || json.Unmarshal([]byte(c.is), &b) != nil {
			t.Fatal(c)
		}
		if got := compareJSON("", a, b); !slices.Equal(got, c.want) {
			t.Errorf("%s and %s: %q", c.was, c.is, got)
		}
	}
}
