//go:build unix

package server

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestPipes: a pipe in the place of a file, which would keep whoever opens it
// waiting for ever, keeps nobody.
func TestPipes(t *testing.T) {
	runs := t.TempDir()
	for _, file := range []string{"events.jsonl", "live.jsonl", "trials.jsonl"} {
		r := begin(t, runs, file).trials(2)
		path := filepath.Join(r.dir, file)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Skip("SKIP: this file system has no pipes:", err)
		}
	}
	begin(t, runs, "sound").trials(2)
	s := serve(t, Options{Runs: runs}, patient)
	var list []Summary
	eventually(t, "all are read", func() bool {
		list = s.studies()
		return len(list) == 4 && !slices.ContainsFunc(list, func(s Summary) bool { return s.Loading })
	})
	for _, study := range list {
		if piped := strings.Contains(study.Problem, "no regular file"); piped != (study.ID == "events.jsonl") {
			t.Errorf("%s: %q", study.ID, study.Problem)
		}
	}
	if status, body, _ := s.ask("GET", "/api/studies/trials.jsonl/export/trials.csv", ""); status != http.StatusInternalServerError || !strings.Contains(body, "no regular file") {
		t.Errorf("a table of a pipe: %d %s", status, body)
	}
}
