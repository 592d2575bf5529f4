package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestManyStudies: a folder of many studies is read in one go, the newest first,
// and the list is made anew once for all of them.
func TestManyStudies(t *testing.T) {
	runs := t.TempDir()
	const many = 40
	for i := range many {
		r := begin(t, runs, fmt.Sprintf("s%02d", i)).trials(1).close()
		at := noon.Add(time.Duration(i*7%many) * time.Hour)
		if err := os.Chtimes(filepath.Join(r.dir, "events.jsonl"), at, at); err != nil {
			t.Fatal(err)
		}
	}
	c := newCatalog(runs, nil, time.Now)
	defer c.close()
	var order []string
	loaded := c.look()
	for loaded != nil {
		order = append(order, c.loading.id)
		<-loaded
		loaded = c.next()
	}
	if len(order) != many || order[0] != "s17" || order[1] != "s34" {
		t.Errorf("%d studies are read in the order %q", len(order), order)
	}
	if version := c.current().last; version != 2 {
		t.Errorf("the list was made %d times", version)
	}
	var list []Summary
	if err := json.Unmarshal(c.text, &list); err != nil || len(list) != many || slices.ContainsFunc(list, func(s Summary) bool { return s.Loading || s.Counts.OK != 1 }) {
		t.Errorf("%v: %s", err, c.text)
	}
	for _, s := range c.studies {
		if s.follower != nil {
			t.Errorf("%s stays in memory", s.id)
		}
	}
	if c.look() != nil || c.current().last != 2 {
		t.Error("what has not changed is read again")
	}
}

// TestIdle: of the studies that somebody has looked at only some stay in memory,
// those of the last.
func TestIdle(t *testing.T) {
	runs := t.TempDir()
	const many = idleMost + 3
	now := noon
	c := newCatalog(runs, nil, func() time.Time { return now })
	defer c.close()
	for i := range many {
		begin(t, runs, fmt.Sprint(i)).close()
	}
	for loaded := c.look(); loaded != nil; loaded = c.next() {
		<-loaded
	}
	close(c.ready)
	for i := range many {
		_, release, err := c.open(context.Background(), fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Second)
		release()
	}
	c.look()
	for i := range many {
		if kept := c.studies[fmt.Sprint(i)].follower != nil; kept != (i >= many-idleMost) {
			t.Errorf("study %d of %d is kept: %t", i, many, kept)
		}
	}
	c.close()
	if _, _, err := c.open(context.Background(), "0"); err == nil {
		t.Error("a study is opened after the end")
	}
}

// studies is the list of studies.
func (s *site) studies() (list []Summary) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(s.get("/api/studies")), &list); err != nil {
		s.t.Fatal(err)
	}
	return list
}

// TestNames: a study is found whatever its directory is called.
func TestNames(t *testing.T) {
	runs := t.TempDir()
	names := []string{"ä b%2f?#", "x~2", ":control", "a:control", "..x", "…", `q"'<b>`}
	if runtime.GOOS == "linux" {
		names = append(names, "not\xffutf8")
	}
	for _, name := range names {
		begin(t, runs, name).trials(1).close()
	}
	begin(t, filepath.Join(runs, "a"), "control").close()
	begin(t, runs, "a").close()
	s := serve(t, Options{Runs: runs}, patient)
	var list []Summary
	eventually(t, "they are read", func() bool {
		list = s.studies()
		return len(list) == len(names)+1 && !slices.ContainsFunc(list, func(s Summary) bool { return s.Loading })
	})
	for _, study := range list {
		s.get("/api/studies/" + url.PathEscape(study.ID) + "/export/study.json")
		if study.Control != (study.ID == "a") {
			t.Errorf("%q has a control: %t", study.ID, study.Control)
		}
	}
	s.get("/api/studies/a:control")
	if metrics := s.get("/metrics"); strings.ToValidUTF8(metrics, "") != metrics {
		t.Error("the metrics are no UTF-8")
	}
}

// TestRepaired: a journal that was damaged while somebody looked, and put back
// then, is read again.
func TestRepaired(t *testing.T) {
	r := begin(t, t.TempDir(), "one").trials(3).close()
	path := filepath.Join(r.dir, "events.jsonl")
	whole := r.read("events.jsonl")
	damaged := strings.Replace(whole, `"trial":2`, `"trial":3`, 1)
	if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, Options{Dirs: []string{r.dir}}, patient)
	if got := s.get("/api/studies/one"); !strings.Contains(got, `"seq":3,`) || !strings.Contains(got, "checksum") {
		t.Errorf("damaged: %s", got)
	}
	page := s.dial("?study=one&from=3")
	if hello := page.next(); hello.Seq != 3 {
		t.Errorf("%+v", hello)
	}
	if err := os.WriteFile(path, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	if m := page.next(); m.Type != "reset" {
		t.Errorf("after the repair: %+v", m)
	}
	if got := s.get("/api/studies/one"); !strings.Contains(got, `"seq":7,`) || strings.Contains(got, "problem") {
		t.Errorf("repaired: %s", got)
	}
}

// TestStrangeState: a state that nobody knows, of a damaged study.json, is told
// as it stands there.
func TestStrangeState(t *testing.T) {
	r := begin(t, t.TempDir(), "one").trials(1).close()
	if err := os.WriteFile(filepath.Join(r.dir, "study.json"), []byte(`{"schema":1,"state":"\u0007\"\u2028"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serve(t, Options{Dirs: []string{r.dir}}, patient)
	if m := s.dial("?study=one&from=1").next(); m.Type != "hello" || m.State != "\a\"\u2028" {
		t.Errorf("%+v", m)
	}
}

// TestBrokenOff: an answer whose file has become shorter than what was promised
// is no whole answer.
func TestBrokenOff(t *testing.T) {
	r := begin(t, t.TempDir(), "one").trials(3).close()
	f := follow(r.dir)
	defer f.stop()
	<-f.ready
	lines, err := f.lines(1, 7)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(r.dir, "events.jsonl"), 100); err != nil {
		t.Fatal(err)
	}
	if err := send(httptest.NewRecorder(), lines); err != errBroken {
		t.Errorf("half of the events: %v", err)
	}
}

// TestLinks: a link that leads out of a run directory sends nothing.
func TestLinks(t *testing.T) {
	runs := t.TempDir()
	begin(t, runs, "one").trials(1).close()
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte(`{"schema":1,"note":"of somebody else"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"study.json", "trials.jsonl"} {
		path := filepath.Join(runs, "one", file)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(outside, path); err != nil {
			t.Skip("SKIP: this file system has no links:", err)
		}
	}
	if err := os.Symlink(filepath.Join(runs, "one"), filepath.Join(runs, "linked")); err != nil {
		t.Fatal(err)
	}
	s := serve(t, Options{Runs: runs}, patient)
	for _, study := range []string{"one", "linked"} { // a run directory itself may lie elsewhere
		for _, file := range []string{"study.json", "trials.jsonl", "trials.csv"} {
			if status, body, _ := s.ask("GET", "/api/studies/"+study+"/export/"+file, ""); status != http.StatusInternalServerError || strings.Contains(body, "somebody") {
				t.Errorf("%s of %s: %d %s", file, study, status, body)
			}
		}
		s.get("/api/studies/" + study + "/export/events.jsonl")
	}
}

func TestMethods(t *testing.T) {
	s := serve(t, Options{}, patient)
	for address, want := range map[string]string{
		"/": "GET", "/ws": "GET", "/healthz": "GET", "/metrics": "GET", "/api/studies": "GET", "/api/studies/one/control": "POST", "/nothing": "",
	} {
		for _, method := range []string{"OPTIONS", "TRACE", "DELETE", "FOO"} {
			status, _, h := s.ask(method, address, "")
			if h.Get("Allow") != want || want != "" && status != http.StatusMethodNotAllowed || want == "" && status != http.StatusNotFound {
				t.Errorf("%s %s: %d, allowed %q", method, address, status, h.Get("Allow"))
			}
		}
	}
}
