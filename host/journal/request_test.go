package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
)

func pause() event.Controlled { return event.Controlled{Action: event.Pause, By: "a test"} }

// journaled appends the study.controlled event of c.
func journaled(t *testing.T, j *Journal, c event.Controlled) {
	t.Helper()
	if err := j.Append(event.Event{Seq: j.Seq() + 1, Type: event.StudyControlled, Controlled: &c}); err != nil {
		t.Fatal(err)
	}
	if err := j.Commit(); err != nil {
		t.Fatal(err)
	}
}

// requests are what the journal finds in its inbox.
func requests(t *testing.T, j *Journal) []event.Controlled {
	t.Helper()
	all, err := j.Requests()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestRequest(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	appendAll(t, j, story(3)[:2])
	asked := []event.Controlled{
		{Action: event.Cancel, Trial: 1, By: "a test"}, {Action: event.Extend, Trials: 5, By: "a test"}, pause(),
	}
	for _, c := range asked {
		if err := Request(dir, c); err != nil {
			t.Fatal(err)
		}
	}
	got := requests(t, j)
	if len(got) != 3 {
		t.Fatalf("%d requests, want 3", len(got))
	}
	for i, c := range got {
		name := c.Request
		if c.Request = ""; !isRequest(name) || !reflect.DeepEqual(c, asked[i]) {
			t.Errorf("request %d is %+v (%s), want %+v", i, c, name, asked[i])
		}
	}
	// A request that is journaled is not read again, answered or not.
	journaled(t, j, got[1])
	if left := requests(t, j); len(left) != 2 || left[0] != got[0] || left[1] != got[2] {
		t.Errorf("%+v are left", left)
	}
	for _, c := range got {
		if err := j.Answer(c.Request, nil); err != nil {
			t.Fatal(err)
		}
	}
	if left, _ := os.ReadDir(filepath.Join(dir, requestsDir)); len(left) != 0 {
		t.Errorf("%v are left in the inbox", left)
	}
	for _, name := range []string{"nobody", "../study", ""} {
		if err := j.Answer(name, errors.New("no")); err != nil {
			t.Errorf("answering %q: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "study.refused")); err == nil {
		t.Error("an answer was written outside of the inbox")
	}
	closeJournal(t, j)
}

// TestStudyFollows: study.json says what the events of control say, as soon as
// they are durable.
func TestStudyFollows(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	events := story(1)
	appendAll(t, j, events)
	budget := j.Study().Trials
	study := func(state event.StudyState, trials int, alive bool) {
		t.Helper()
		s, err := ReadStudy(dir)
		if err != nil || s.State != state || s.Trials != trials || s.Alive() != alive {
			t.Errorf("state %s, %d trials, alive %v, error %v; want %s, %d, %v", s.State, s.Trials, s.Alive(), err, state, trials, alive)
		}
	}
	if err := j.SetState(event.StudyDone, ""); err != nil {
		t.Fatal(err)
	}
	closeJournal(t, j)
	study(event.StudyDone, budget, false)
	if err := Request(dir, event.Controlled{Action: event.Extend, Trials: 2, By: "a test"}); !errors.Is(err, ErrNotRunning) || !strings.Contains(err.Error(), "has ended") {
		t.Errorf("asking a study that has ended: %v", err)
	}

	j = reopen(t, dir, options())
	study(event.StudyDone, budget, true)
	journaled(t, j, event.Controlled{Action: event.Extend, Trials: 2, By: "a test"})
	study(event.StudyRunning, budget+2, true)
	journaled(t, j, pause())
	study(event.StudyPaused, budget+2, true)
	journaled(t, j, event.Controlled{Action: event.Continue, By: "a test"})
	study(event.StudyRunning, budget+2, true)
	closeJournal(t, j)
	study(event.StudyPaused, budget+2, false)
	if err := Request(dir, pause()); !errors.Is(err, ErrNotRunning) || !strings.Contains(err.Error(), "no process of this machine") {
		t.Errorf("asking a study that was stopped: %v", err)
	}

	// study.json may have been lost on the way to the disk.
	s, err := ReadStudy(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.Trials = budget
	if err := s.write(disk{}, dir); err != nil {
		t.Fatal(err)
	}
	closeJournal(t, reopen(t, dir, options()))
	study(event.StudyPaused, budget+2, false)
}

// TestKilledExtension: once a study that has ended has the event of its
// extension, study.json does not say that it is done, whenever the process is
// killed.
func TestKilledExtension(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	appendAll(t, j, story(1))
	if err := j.SetState(event.StudyDone, ""); err != nil {
		t.Fatal(err)
	}
	closeJournal(t, j)
	j = reopen(t, dir, options())
	more := event.Controlled{Action: event.Extend, Trials: 2, By: "a test"}
	if err := j.Append(event.Event{Seq: j.Seq() + 1, Type: event.StudyControlled, Controlled: &more}); err != nil {
		t.Fatal(err)
	}
	if err := j.release(); err != nil { // as if it were killed, before Commit
		t.Fatal(err)
	}
	s, err := ReadStudy(dir)
	if err != nil || s.State != event.StudyRunning {
		t.Errorf("state %s, error %v, want %s", s.State, err, event.StudyRunning)
	}
	s.State = event.StudyDone // from a copy that is older than the events
	if err := s.write(disk{}, dir); err != nil {
		t.Fatal(err)
	}
	j = reopen(t, dir, options())
	defer closeJournal(t, j)
	if s := j.Study(); s.State != event.StudyRunning || s.Trials != j.state.Budget {
		t.Errorf("opened again, it is %s with %d trials, want %s and %d", s.State, s.Trials, event.StudyRunning, j.state.Budget)
	}
}

// TestNotRunning: nothing is left in the inbox of a study that no process runs,
// also if a process has the number of the one that was killed.
func TestNotRunning(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	appendAll(t, j, story(1)[:2])
	if err := j.release(); err != nil { // as if it were killed
		t.Fatal(err)
	}
	if s, err := ReadStudy(dir); err != nil || !s.Alive() {
		t.Fatalf("alive %v, error %v", s.Alive(), err)
	}
	for name, ask := range map[string]func() error{
		"Request": func() error { return Request(dir, pause()) },
		"Ask":     func() error { return Ask(t.Context(), dir, pause()) },
	} {
		if err := ask(); !errors.Is(err, ErrNotRunning) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, _ := os.ReadDir(filepath.Join(dir, requestsDir)); len(left) != 0 {
		t.Errorf("%v are left in the inbox", left)
	}
	if err := Request(t.TempDir(), pause()); !errors.Is(err, ErrNoStudy) {
		t.Errorf("asking an empty directory: %v", err)
	}
}

func TestRequestRefused(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	defer closeJournal(t, j)
	for _, c := range []event.Controlled{
		{}, {Action: "halt", By: "x"}, {Action: event.Pause}, {Action: event.Cancel, By: "x"},
		{Action: event.Pause, By: "x", Request: "../../etc"}, {Action: event.Pause, By: "x", Request: strings.Repeat("a", 101)},
	} {
		if err := Request(dir, c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
	if left, _ := os.ReadDir(filepath.Join(dir, requestsDir)); len(left) != 0 {
		t.Errorf("%v are left in the inbox", left)
	}
}

// TestGarbage: what others leave in the inbox is passed over or refused.
func TestGarbage(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	defer closeJournal(t, j)
	inbox := filepath.Join(dir, requestsDir)
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(inbox, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("README.txt", "hello")
	write(".json", "{}")
	write("UPPER.json", "{}")
	write("a.json", "garbage")
	write("b.json", "")
	write("c.json", strings.Repeat("x", maxRequest+1))
	live, err := event.AppendLine(nil, event.Event{Type: event.TrialEpoch, Epoch: &event.Epoch{Trial: 1}})
	if err != nil {
		t.Fatal(err)
	}
	write("d.json", string(live))
	other := pause()
	other.Request = "somebody"
	named, err := event.AppendLine(nil, event.Event{Type: event.StudyControlled, Controlled: &other})
	if err != nil {
		t.Fatal(err)
	}
	write("e.json", string(named))
	if err := os.Mkdir(filepath.Join(inbox, "f.json"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/zero", filepath.Join(inbox, "g.json")); err != nil {
		t.Fatal(err)
	}
	if got := requests(t, j); len(got) != 0 {
		t.Errorf("garbage was read as %+v", got)
	}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		path := filepath.Join(inbox, name)
		if _, err := os.Stat(path + requestExt); err == nil {
			t.Errorf("%s is still there", name)
		}
		if reason, err := os.ReadFile(path + refusedExt); err != nil || len(reason) == 0 {
			t.Errorf("%s was refused with %q, %v", name, reason, err)
		} else if name == "c" && !strings.Contains(string(reason), "more than") {
			t.Errorf("a long request was refused with %q", reason)
		}
	}
}

// TestGarbageAtOpen: a folder that somebody left in the inbox keeps nobody from
// resuming the study.
func TestGarbageAtOpen(t *testing.T) {
	dir := t.TempDir()
	closeJournal(t, create(t, dir, options()))
	folder := filepath.Join(dir, requestsDir, "a"+refusedExt, "b")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	closeJournal(t, reopen(t, dir, options()))
	if _, err := os.Stat(folder); err != nil {
		t.Error(err)
	}
}

// TestAsk: whoever asks learns what became of it.
func TestAsk(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	appendAll(t, j, story(1)[:2])
	answer := func(refusal error) {
		if err := j.Answer(await(t, j).Request, refusal); err != nil {
			t.Error(err)
		}
	}
	go answer(nil)
	if err := Ask(t.Context(), dir, pause()); err != nil {
		t.Errorf("a request that was granted: %v", err)
	}
	go answer(errors.New("it is Sunday"))
	err := Ask(t.Context(), dir, pause())
	var refused *RefusedError
	if !errors.Is(err, ErrRefused) || !errors.As(err, &refused) || refused.Reason != "it is Sunday" || refused.Asked.Action != event.Pause {
		t.Errorf("a request that was refused: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := Ask(ctx, dir, pause()); !errors.Is(err, context.DeadlineExceeded) || len(requests(t, j)) != 1 {
		t.Errorf("a request that nobody takes: %v", err)
	}
	answer(nil)
	if left, _ := os.ReadDir(filepath.Join(dir, requestsDir)); len(left) != 0 {
		t.Errorf("%v are left in the inbox", left)
	}

	// The process ends before it has taken the request.
	ended := make(chan error, 1)
	go func(j *Journal) {
		await(t, j)
		ended <- j.release()
	}(j)
	if err := Ask(t.Context(), dir, pause()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("a request to a process that ends: %v", err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	// It ends when the request is journaled and not answered.
	go func(j *Journal) {
		c := await(t, j)
		err := j.Append(event.Event{Seq: j.Seq() + 1, Type: event.StudyControlled, Controlled: &c})
		ended <- errors.Join(err, j.Commit(), j.release())
	}(reopen(t, dir, options()))
	if err := Ask(t.Context(), dir, pause()); err != nil {
		t.Errorf("a request that was journaled and not answered: %v", err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, requestsDir)); len(left) != 0 {
		t.Errorf("%v are left in the inbox", left)
	}
}

// await waits until somebody asks.
func await(t *testing.T, j *Journal) event.Controlled {
	for {
		got, err := j.Requests()
		if err != nil {
			t.Error(err)
			return event.Controlled{}
		}
		if len(got) > 0 {
			return got[0]
		}
		time.Sleep(time.Millisecond)
	}
}

// TestKilledBeforeAnswer: what was asked of the study is kept until it is
// resumed, what was asked of the process that was killed is refused, and what
// is journaled is done.
func TestKilledBeforeAnswer(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	appendAll(t, j, story(3)[:2])
	for _, c := range []event.Controlled{
		{Action: event.Extend, Trials: 7, By: "a test", Request: "a"},
		{Action: event.Extend, Trials: 9, By: "a test", Request: "b"},
		{Action: event.Cancel, Trial: 1, By: "a test", Request: "c"},
		{Action: event.Pause, By: "a test", Request: "d"},
		{Action: event.Stop, By: "a test", Request: "e"},
		{Action: event.Pause, By: "a test", Request: "f"},
	} {
		if err := Request(dir, c); err != nil {
			t.Fatal(err)
		}
	}
	got := requests(t, j)
	journaled(t, j, got[0])
	journaled(t, j, got[3])
	if err := j.release(); err != nil { // as if it were killed
		t.Fatal(err)
	}
	j = reopen(t, dir, options())
	defer closeJournal(t, j)
	left := requests(t, j)
	if len(left) != 2 || left[0].Request != "b" || left[1].Request != "c" {
		t.Errorf("%+v wait, want b and c", left)
	}
	for _, name := range []string{"e", "f"} {
		answered, err := readAnswer(filepath.Join(dir, requestsDir, name+requestExt), pause())
		if !answered || err == nil || !strings.Contains(err.Error(), "ended before") {
			t.Errorf("%s was answered: %v, %v", name, answered, err)
		}
	}
	for _, name := range []string{"a", "d"} {
		if answered, err := readAnswer(filepath.Join(dir, requestsDir, name+requestExt), pause()); !answered || err != nil {
			t.Errorf("%s, which is journaled, was answered: %v, %v", name, answered, err)
		}
	}
	if s := j.Study(); s.Trials != j.state.Budget || j.state.Budget != story(3)[0].Started.Trials+7 {
		t.Errorf("the budget is %d, in study.json %d", j.state.Budget, s.Trials)
	}
}
