package main

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// What the process of a comparison writes must arrive.
func TestCollect(t *testing.T) {
	want := sampleResult()
	want.OtherCores = 0.25
	head := want
	head.Rows = nil
	var sent, table strings.Builder
	out := json.NewEncoder(&sent)
	pieces := []piece{{Head: &head}, {Row: &want.Rows[0]}, {Row: &want.Rows[1]}, {Row: &want.Rows[2]}, {End: &want.OtherCores}}
	for _, p := range pieces {
		if err := out.Encode(p); err != nil {
			t.Fatal(err)
		}
	}
	got, err := collect(strings.NewReader(sent.String()), &table, 3)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, got\n%+v, want\n%+v", err, got, want)
	}
	if s := table.String(); !strings.HasPrefix(s, wantTable) || !strings.Contains(s, "DISTURBED") {
		t.Errorf("the table is\n%s", s)
	}

	// A process that dies leaves what it sent.
	cut := sent.String()[:strings.LastIndex(sent.String(), `{"End"`)]
	if got, err := collect(strings.NewReader(cut), &table, 3); err != nil || len(got.Rows) != 3 || got.OtherCores != -1 {
		t.Errorf("cut between pieces: %v, %d rows", err, len(got.Rows))
	}
	if _, err := collect(strings.NewReader(cut+`{"Row":{`), &table, 3); err == nil {
		t.Error("cut in a piece: no error")
	}
}

func TestGonumVersion(t *testing.T) {
	if v := gonumVersion(); !strings.HasPrefix(v, "v0.") {
		t.Errorf("gonum's version is %q", v)
	}
}
