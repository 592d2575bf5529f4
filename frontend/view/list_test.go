package view

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/server"
)

func studies() []Study {
	return []Study{
		{ID: "a", State: event.StudyDone, Counts: event.Counts{OK: 10}, Trials: 10, Best: &Best{3, 0.5}, Updated: noon},
		{ID: "b", State: event.StudyRunning, Alive: true, Counts: event.Counts{OK: 2, Failed: 1}, Trials: 1000, Best: &Best{1, 0.75}, Updated: noon.Add(time.Hour)},
		{ID: "c", State: event.StudyRunning, Trials: 5, Updated: noon.Add(time.Minute)},
		{ID: "d", Problem: "study.json is empty"},
	}
}

// TestStudyJSON: a study reads whatever the server writes of one.
func TestStudyJSON(t *testing.T) {
	sent := server.Summary{
		ID: "a", Name: "n", State: event.StudyRunning, Alive: true, Seed: 7, Strategy: "reinforce", Space: "cnn:v2", Data: "shapes",
		Trials: 9, Counts: event.Counts{Sampled: 5, OK: 3, Failed: 1, Duplicates: 1, Updates: 2}, Best: &server.BestTrial{Trial: 3, Reward: 0.5},
		Created: noon, Updated: noon, Control: true, Loading: true, Problem: "p",
	}
	v := reflect.ValueOf(sent)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Errorf("the test leaves %s out", v.Type().Field(i).Name)
		}
	}
	b, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	var got Study
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if again, err := json.Marshal(got); err != nil || !bytes.Equal(again, b) {
		t.Errorf("%s was read as %s (error %v)", b, again, err)
	}
}

func TestSortStudies(t *testing.T) {
	for _, c := range []struct {
		key      string
		reversed bool
		want     string
	}{
		{"id", false, "abcd"}, {"id", true, "dcba"},
		{"state", false, "bcda"},
		{"trials", false, "abcd"},
		{"failed", false, "bacd"},
		{"best", false, "bacd"}, {"best", true, "abcd"},
		{"updated", false, "bcad"},
		{"nonsense", false, "bcad"},
	} {
		list := studies()
		SortStudies(list, c.key, c.reversed)
		got := ""
		for _, s := range list {
			got += s.ID
		}
		if got != c.want {
			t.Errorf("by %s (reversed: %v) %s, want %s", c.key, c.reversed, got, c.want)
		}
	}
}

func TestStudyCells(t *testing.T) {
	now := noon.Add(2 * time.Hour)
	want := map[string]string{
		"a": "a|done|10 of 10|0|0.500||||0|2 h ago|-",
		"b": "b|running|3 of 1,000|1|0.750||||0|1 h ago|-",
		"c": "c|killed|0 of 5|0|-||||0|1 h ago|-",
		"d": "d|damaged|0 of 0|0|-||||0|-|-",
	}
	for _, s := range studies() {
		var cells []string
		for i := range StudyColumns {
			cells = append(cells, StudyColumns[i].Cell(&s, now))
		}
		if got := strings.Join(cells, "|"); got != want[s.ID] {
			t.Errorf("%s: %s, want %s", s.ID, got, want[s.ID])
		}
	}
	loading := Study{ID: "e", State: event.StudyRunning, Alive: true, Loading: true}
	if StudyColumns[0].Cell(&loading, now) != "e" || StudyColumns[2].Cell(&loading, now) != "…" {
		t.Error("a study that is being loaded shows counts")
	}
	csv := string(StudiesData(studies()).CSV())
	if !strings.HasPrefix(csv, "id,state,trials,failed,best,strategy,space,data,seed,updated,created,budget,problem\na,done,10,0,0.5,") ||
		!strings.Contains(csv, "c,killed,0,0,,") || !strings.Contains(csv, "study.json is empty\n") {
		t.Errorf("%s", csv)
	}
}

func TestAgo(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour: "now", 9 * time.Second: "now", 40 * time.Second: "40 s ago", 5 * time.Minute: "5 min ago", 3 * time.Hour: "3 h ago",
	} {
		if got := Ago(noon, noon.Add(d)); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
	if got := Ago(noon, noon.Add(100*time.Hour)); len(got) != len("2017-04-24") {
		t.Errorf("after 100 h: %q", got)
	}
}
