package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
)

// TestControl: what is asked for lies in the run directory for the process that
// runs the study.
func TestControl(t *testing.T) {
	r := begin(t, t.TempDir(), "one")
	r.sample()
	s := serve(t, Options{Dirs: []string{r.dir}}, patient)
	for _, body := range []string{`{"action":"pause"}`, `{"action":"extend","trials":10}`, `{"action":"cancel","trial":1}`} {
		type answer struct {
			status int
			body   string
		}
		answered := make(chan answer)
		go func() {
			status, text, _ := s.ask("POST", "/api/studies/one/control", body, "Content-Type", "application/json; charset=utf-8", "Origin", "http://"+s.address)
			answered <- answer{status, text}
		}()
		var request string
		eventually(t, "the request is there", func() bool {
			files, err := filepath.Glob(filepath.Join(r.dir, "requests", "*.json"))
			if err != nil || len(files) == 0 {
				return false
			}
			request = files[0]
			return true
		})
		line, err := os.ReadFile(request)
		if err != nil {
			t.Fatal(err)
		}
		e, err := event.ParseLine([]byte(strings.TrimSpace(string(line))))
		if err != nil || e.Controlled == nil || e.Controlled.By != "the dashboard, from 127.0.0.1" {
			t.Fatalf("%s asks for %+v: %v", body, e.Controlled, err)
		}
		var asked event.Controlled
		if err := json.Unmarshal([]byte(body), &asked); err != nil || asked.Action != e.Controlled.Action || asked.Trial != e.Controlled.Trial || asked.Trials != e.Controlled.Trials {
			t.Errorf("%s becomes %+v", body, e.Controlled)
		}
		r.append(event.Event{Type: event.StudyControlled, Controlled: e.Controlled})
		if err := os.Remove(request); err != nil {
			t.Fatal(err)
		}
		if got := <-answered; got.status != http.StatusOK || !strings.Contains(got.body, "done") {
			t.Errorf("%s: %+v", body, got)
		}
	}
}

func TestRefusedControls(t *testing.T) {
	r := begin(t, t.TempDir(), "one").trials(2)
	s := serve(t, Options{Dirs: []string{r.dir}, Commands: func(dir string) (string, string) { return "", "espalier resume " + dir }}, patient)
	ask := func(body, kind string) (int, string) {
		status, text, _ := s.ask("POST", "/api/studies/one/control", body, "Content-Type", kind)
		return status, text
	}
	for _, body := range []string{
		"", "x", "null1", "[]", `{"action":"explode"}`, `{"action":"extend"}`, `{"action":"extend","trials":-1}`, `{"action":"cancel"}`, `{"action":"pause","trial":1}`,
		`{"action":"pause"}{"action":"stop"}`, `{"action":"pause","by":"root"}`, `{"action":1}`, `{"action":"cancel","trial":1e99}`,
	} {
		if status, text := ask(body, "application/json"); status != http.StatusBadRequest {
			t.Errorf("%q: %d %s", body, status, text)
		}
	}
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"} {
		if status, _ := ask(`{"action":"pause"}`, kind); status != http.StatusUnsupportedMediaType {
			t.Errorf("sent as %q: %d", kind, status)
		}
	}
	if files, err := os.ReadDir(filepath.Join(r.dir, "requests")); err != nil || len(files) != 0 {
		t.Errorf("what was refused is asked for: %v, %v", files, err)
	}
	r.close()
	status, text := ask(`{"action":"pause"}`, "application/json")
	if status != http.StatusConflict || !strings.Contains(text, fmt.Sprintf("espalier resume %s", r.dir)) {
		t.Errorf("a study that nobody runs: %d %s", status, text)
	}
}
