package server

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
)

func decode[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %.200s", err, text)
	}
	return v
}

// read returns a file of a run directory.
func (r *run) read(name string) string {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}

func TestStudies(t *testing.T) {
	runs := t.TempDir()
	a := begin(t, runs, "a study").trials(12)
	begin(t, a.dir, controlDir).trials(3).close()
	b := begin(t, runs, "b").close()
	if err := os.WriteFile(filepath.Join(b.dir, "study.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(runs, "no-study"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, Options{Runs: runs}, patient)
	var list []Summary
	eventually(t, "the list is read", func() bool {
		list = decode[[]Summary](t, s.get("/api/studies"))
		return len(list) == 2 && !list[0].Loading && !list[1].Loading
	})
	got := list[0]
	if got.ID != "a study" || got.State != event.StudyRunning || !got.Alive || got.Counts.OK != 10 || got.Counts.Failed != 2 || !got.Control || got.Trials != 1000 || got.Seed != 7 {
		t.Errorf("listed as %+v", got)
	}
	if got.Best == nil || *got.Best != (BestTrial{6, 6.0 / 7}) {
		t.Errorf("the best is %+v", got.Best)
	}
	if got := list[1]; got.ID != "b" || got.Name != "b" || !strings.Contains(got.Problem, "study.json") {
		t.Errorf("a damaged one is listed as %+v", got)
	}
	control := decode[studyView](t, s.get("/api/studies/a%20study:control"))
	if control.Seq != 7 || control.Name != controlDir || control.Alive || control.Control {
		t.Errorf("the control: %+v", control)
	}
	begin(t, runs, "c").close()
	eventually(t, "a new study appears", func() bool { return len(decode[[]Summary](t, s.get("/api/studies"))) == 3 })
	if err := os.RemoveAll(b.dir); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a removed study vanishes", func() bool { return len(decode[[]Summary](t, s.get("/api/studies"))) == 2 })
}

func TestStudy(t *testing.T) {
	runs := t.TempDir()
	r := begin(t, runs, "one").trials(6).close()
	s := serve(t, Options{Dirs: []string{r.dir}, Commands: func(dir string) (string, string) { return "again " + dir, "on " + dir }}, patient)
	view := decode[studyView](t, s.get("/api/studies/one"))
	if view.ID != "one" || view.State != event.StudyPaused || view.Alive || view.Seq != r.seq || view.Reproduce != "again "+r.dir || view.Resume != "on "+r.dir || len(view.Sessions) != 1 {
		t.Errorf("%+v", view)
	}
	want, err := journal.ReadState(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := event.DecodeState([]byte(s.get("/api/studies/one/snapshot")))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the snapshot differs from the fold: %v", err)
	}
	// Whole lines, from anywhere.
	file := r.read("events.jsonl")
	lines := strings.SplitAfter(file, "\n")
	for path, want := range map[string]string{
		"": file, "?from=2&limit=3": strings.Join(lines[1:4], ""), "?from=13": lines[12], "?from=14": "", "?limit=1": lines[0],
	} {
		if got := s.get("/api/studies/one/events" + path); got != want {
			t.Errorf("events%s: %d bytes, want %d", path, len(got), len(want))
		}
	}
	e := decode[event.Event](t, s.get("/api/studies/one/events/2"))
	if e.Sampled == nil || e.Sampled.Network == nil || len(e.Sampled.Decisions) != 1 {
		t.Errorf("event 2 is not whole: %+v", e.Sampled)
	}
	trial := decode[trialView](t, s.get("/api/studies/one/trials/5"))
	if trial.Sampled.Sampled.Trial != 5 || trial.Done.Done.Reason != "=diverged, at epoch 2" {
		t.Errorf("trial 5: %+v", trial)
	}
	if svg := s.get("/api/studies/one/trials/3/network.svg"); !strings.HasPrefix(svg, "<svg") || !strings.Contains(svg, "dense") {
		t.Errorf("the picture: %.100s", svg)
	}
}

func TestRunningTrial(t *testing.T) {
	r := begin(t, t.TempDir(), "one")
	r.sample()
	s := serve(t, Options{Dirs: []string{r.dir}}, patient)
	if got := s.get("/api/studies/one/trials/1"); !strings.Contains(got, `"done":null`) {
		t.Errorf("a trial that runs: %s", got)
	}
}

// TestUnknown: what does not exist is refused in words, and nothing outside of
// a run directory can be named.
func TestUnknown(t *testing.T) {
	r := begin(t, t.TempDir(), "one").trials(2).close()
	s := serve(t, Options{Dirs: []string{r.dir}}, patient)
	for path, want := range map[string]int{
		"/api/studies/two": 404, "/api/studies/one:control": 404, "/api/studies/%2e%2e%2f%2e%2e%2fetc": 404,
		"/api/studies/one/trials/3": 404, "/api/studies/one/trials/0": 400, "/api/studies/one/trials/x": 400, "/api/studies/one/trials/99999999999999999999": 400,
		"/api/studies/one/trials/9223372036854775807": 404, "/api/studies/one/events/6": 404, "/api/studies/one/events/-1": 400,
		"/api/studies/one/events?from=7": 404, "/api/studies/one/events?from=0": 400, "/api/studies/one/events?from=x": 400,
		"/api/studies/one/events?limit=0": 400, "/api/studies/one/events?limit=1000000": 400, "/api/studies/one/events?from=9223372036854775807&limit=20000": 404,
		"/api/studies/one/export/lock": 404, "/api/studies/one/export/..%2fstudy.json": 404, "/api/studies/one/export/best.json": 404,
		"/assets/..%2f..%2fpage.go": 404, "/": 404, "/nothing": 404, "/ws?study=two": 426, "/ws": 426,
	} {
		status, body, h := s.ask("GET", path, "")
		if status != want {
			t.Errorf("%s: %d, want %d: %s", path, status, want, body)
		}
		var answer struct{ Error problem }
		if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Error.Message == "" || answer.Error.Code == "" {
			t.Errorf("%s answers %q", path, body)
		}
		if h.Get("Content-Disposition") != "" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: an error to keep: %v", path, h)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
		if status, _, _ := s.ask(method, "/api/studies", ""); status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
			t.Errorf("%s is answered with %d", method, status)
		}
	}
}

func TestExport(t *testing.T) {
	r := begin(t, t.TempDir(), "one").trials(6)
	if _, err := r.log.PublishBest(6, 6.0/7, network()); err != nil {
		t.Fatal(err)
	}
	r.close()
	s := serve(t, Options{Dirs: []string{r.dir}}, patient)
	for _, name := range []string{"trials.jsonl", "events.jsonl", "study.json"} {
		status, body, h := s.ask("GET", "/api/studies/one/export/"+name, "")
		if status != 200 || body != r.read(name) {
			t.Errorf("%s: %d, %d bytes", name, status, len(body))
		}
		if got := h.Get("Content-Disposition"); got != "attachment; filename=one-"+name {
			t.Errorf("%s is saved as %q", name, got)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(s.get("/api/studies/one/export/trials.csv"))).ReadAll()
	if err != nil || len(rows) != 7 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	cells := map[string]string{}
	for i, name := range rows[0] {
		cells[name] = rows[5][i]
	}
	if cells["id"] != "5" || cells["status"] != "failed" || cells["reason"] != "'=diverged, at epoch 2" || cells["part_accuracy"] != "" || cells["network_id"] != "n" {
		t.Errorf("row 5: %v", cells)
	}
	best := decode[bestView](t, s.get("/api/studies/one/export/best.json"))
	if best.Trial != 6 || best.Network.ID() != network().ID() {
		t.Errorf("best: %+v", best)
	}
	// A row that is just being written is left out.
	if err := os.WriteFile(filepath.Join(r.dir, "trials.jsonl"), []byte(r.read("trials.jsonl")+`{"id":7,"st`), 0o600); err != nil {
		t.Fatal(err)
	}
	if rows := bytes.Count([]byte(s.get("/api/studies/one/export/trials.csv")), []byte("\n")); rows != 7 {
		t.Errorf("%d rows with one that is not whole", rows)
	}
}

func TestMetrics(t *testing.T) {
	r := begin(t, t.TempDir(), `a"b\c`).trials(6)
	s := serve(t, Options{Dirs: []string{r.dir}, Program: "v1"}, patient)
	s.get("/api/studies/" + `a%22b%5Cc`)
	var text string
	eventually(t, "the study is measured", func() bool {
		text = s.get("/metrics")
		return strings.Contains(text, `status="ok"} 5`)
	})
	for _, want := range []string{
		`espalier_study_trials_total{study="a\"b\\c",status="failed"} 1`, `espalier_study_running{study="a\"b\\c"} 1`,
		`espalier_build_info{version="v1",`, `espalier_http_requests_total{status="200"} `, "espalier_websockets 0\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "# ") && len(strings.Fields(line[strings.LastIndexByte(line, '}')+1:])) < 1 {
			t.Errorf("the line %q has no value", line)
		}
	}
}

func TestSourceOfDamage(t *testing.T) {
	r := begin(t, t.TempDir(), "one").trials(6).close()
	file := []byte(r.read("events.jsonl"))
	file[bytes.Index(file, []byte(`"trial":4`))+8] = '5'
	if err := os.WriteFile(filepath.Join(r.dir, "events.jsonl"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, Options{Dirs: []string{r.dir}}, patient)
	view := decode[studyView](t, s.get("/api/studies/one"))
	if !strings.Contains(view.Problem, "checksum") || view.Seq != 7 {
		t.Errorf("%d events, problem %q", view.Seq, view.Problem)
	}
	if got, err := event.DecodeState([]byte(s.get("/api/studies/one/snapshot"))); err != nil || got.Seq != 7 {
		t.Errorf("the events before the damage: %v", err)
	}
}
