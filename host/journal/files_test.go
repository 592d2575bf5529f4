package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
)

func TestPolicies(t *testing.T) {
	dir := t.TempDir()
	o := options()
	o.KeepPolicies, o.KeepEvery = 2, 4
	j := create(t, dir, o)
	events := story(3)
	policy := func(v int) []byte { return fmt.Appendf(nil, "policy %d\n\x00", v) }
	for v := 1; v <= 7; v++ {
		appendAll(t, j, events[v-1:v])
		if err := j.SavePolicy(v, policy(v)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := names(t, dir, policyDir), []string{"000004.policy", "000006.policy", "000007.policy"}; !slices.Equal(got, want) {
		t.Fatalf("kept %v, want %v", got, want)
	}
	expect := func(before, version int) {
		t.Helper()
		v, b, ok := j.Policy(before)
		if !ok || v != version || !bytes.Equal(b, policy(version)) {
			t.Fatalf("the newest before %d is %d (%v) %q, want %d", before, v, ok, b, version)
		}
		if v, b, ok := Policies(dir).Policy(before); !ok || v != version || !bytes.Equal(b, policy(version)) {
			t.Fatalf("without the lock the newest before %d is %d (%v) %q, want %d", before, v, ok, b, version)
		}
	}
	expect(-1, 7)
	expect(7, 6)
	expect(5, 4)
	if _, _, ok := j.Policy(4); ok {
		t.Error("there is a snapshot before the first")
	}
	if _, _, ok := Policies(t.TempDir()).Policy(-1); ok {
		t.Error("there is a snapshot in an empty folder")
	}
	closeJournal(t, j)

	// The journal loses its last event, and snapshot 6 a bit.
	content := mustRead(t, dir, eventsFile)
	overwrite(t, dir, content[:len(content)-1])
	six := filepath.Join(dir, policyDir, "000006.policy")
	b := mustRead(t, six)
	b[len(b)-1] ^= 1
	if err := os.WriteFile(six, b, 0o666); err != nil {
		t.Fatal(err)
	}
	j = reopen(t, dir, o)
	expect(-1, 4)
	if got := names(t, dir, policyDir); len(got) != 1 {
		t.Errorf("kept %v, of which two are of no use", got)
	}
	closeJournal(t, j)
}

func TestPending(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	events := story(6)
	done := func(id int) event.Done {
		return event.Done{Trial: id, Status: event.OK, Reason: fmt.Sprint("trial ", id)}
	}
	appendAll(t, j, events[:2])
	for _, id := range []int{3, 1, 2, 4} {
		if err := j.SavePending(done(id)); err != nil {
			t.Fatal(err)
		}
	}
	appendAll(t, j, events[2:3]) // trial 1 is done
	if err := j.DropPending(4); err != nil {
		t.Fatal(err)
	}
	if err := j.DropPending(4); err != nil {
		t.Errorf("dropping again: %v", err)
	}
	kill(t, j)
	if err := os.WriteFile(filepath.Join(dir, pendingDir, "000002.json"), []byte("{}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	j = reopen(t, dir, options())
	got, err := j.Pending()
	if err != nil || len(got) != 1 || got[0].Reason != "trial 3" {
		t.Errorf("pending are %+v, %v", got, err)
	}
	if w := j.Warnings(); len(w) != 1 || !strings.Contains(w[0], "trial 2") {
		t.Errorf("warnings %q", w)
	}
	if got := names(t, dir, pendingDir); !slices.Equal(got, []string{"000003.json"}) {
		t.Errorf("pending holds %v", got)
	}
	closeJournal(t, j)
}

func TestBest(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	if _, _, _, err := ReadBest(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before the first success: %v", err)
	}
	stage := func(id int) {
		t.Helper()
		if err := j.StageWeights(id, strings.NewReader(fmt.Sprint("weights ", id))); err != nil {
			t.Fatal(err)
		}
	}
	check := func(id int) {
		t.Helper()
		best, net, weights, err := ReadBest(dir)
		if err != nil || best.Trial != id || net.ID() != network(id).ID() {
			t.Fatalf("best is %+v, %v; want trial %d", best, err, id)
		}
		if got := string(mustRead(t, weights)); got != fmt.Sprint("weights ", id) {
			t.Fatalf("trial %d has the weights %q", id, got)
		}
	}
	for _, id := range []int{1, 2, 2} {
		stage(id)
		if ok, err := j.PublishBest(id, float64(id), network(id)); !ok || err != nil {
			t.Fatalf("weights %v, error %v", ok, err)
		}
		check(id)
	}
	stage(3)
	if err := j.DropWeights(3); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir, bestDir); !slices.Equal(got, []string{"000002.weights", "network.json", "trial.json"}) {
		t.Errorf("best holds %v", got)
	}
	if ok, err := j.PublishBest(4, 4, network(4)); ok || err != nil { // an evaluator without weights
		t.Errorf("weights %v, error %v", ok, err)
	}
	if best, _, weights, err := ReadBest(dir); err != nil || best.Trial != 4 || weights != "" {
		t.Errorf("best is %+v with %q, %v", best, weights, err)
	}
	closeJournal(t, j)
}

// TestStrays: what a kill left behind in best/, and temporary files anywhere,
// are removed; weights of the best trial and of pending ones are not.
func TestStrays(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	appendAll(t, j, story(2)[:3]) // trial 1 is best
	for _, id := range []int{1, 2, 3} {
		if err := j.StageWeights(id, strings.NewReader("weights")); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.SavePending(event.Done{Trial: 2, Status: event.OK}); err != nil {
		t.Fatal(err)
	}
	kill(t, j)
	for _, name := range []string{"study.json.tmp", "best/000001.weights.tmp", "policy/000001.policy.tmp", "pending/000009.json.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte("torn"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	closeJournal(t, reopen(t, dir, options()))
	if got := names(t, dir, bestDir); !slices.Equal(got, []string{"000001.weights", "000002.weights"}) {
		t.Errorf("best holds %v", got)
	}
	for _, sub := range []string{"", policyDir, pendingDir} {
		for _, name := range names(t, dir, sub) {
			if strings.HasSuffix(name, ".tmp") {
				t.Errorf("%s is left in %q", name, sub)
			}
		}
	}
}

// TestRepairDone: opening a study that is done repairs its rows and best/ as
// any other's, and it stays done.
func TestRepairDone(t *testing.T) {
	dir := t.TempDir()
	if err := study(t, dir, &full{bytes: -1, ops: -1}); err != nil {
		t.Fatal(err)
	}
	rows, best := mustRead(t, dir, rowsFile), names(t, dir, bestDir)
	for _, name := range []string{"best/000002.weights", "best/trial.json.tmp", rowsFile} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte("torn"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	j := reopen(t, dir, options())
	if got := mustRead(t, dir, rowsFile); !bytes.Equal(got, rows) {
		t.Errorf("the rows were repaired to\n%s\nwant\n%s", got, rows)
	}
	if got := names(t, dir, bestDir); !slices.Equal(got, best) {
		t.Errorf("best holds %v, want %v", got, best)
	}
	for _, name := range []string{"network.json", "trial.json"} {
		if err := os.Remove(filepath.Join(dir, bestDir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := publish(j); err != nil {
		t.Fatal(err)
	}
	if got, _, weights, err := ReadBest(dir); err != nil || got.Trial != 3 || weights == "" {
		t.Errorf("best is %+v with weights %q, %v", got, weights, err)
	}
	closeJournal(t, j)
	if s, err := ReadStudy(dir); err != nil || s.State != event.StudyDone {
		t.Errorf("the study is %q, %v", s.State, err)
	}
}

// TestNetworkMismatch: a network.json that is not the best trial's is noticed.
func TestNetworkMismatch(t *testing.T) {
	dir := t.TempDir()
	j := create(t, dir, options())
	if _, err := j.PublishBest(1, 1, network(1)); err != nil {
		t.Fatal(err)
	}
	other, err := network(2).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, bestDir, "network.json"), other, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := ReadBest(dir); err == nil || !strings.Contains(err.Error(), "holds network") {
		t.Errorf("got %v", err)
	}
	closeJournal(t, j)
}
