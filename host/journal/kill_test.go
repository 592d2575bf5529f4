package journal_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/child"
	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/plugins/cnn"
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// The variables that turn this test program into one that runs a study.
const (
	envDir     = "ESPALIER_TEST_STUDY" // run directory
	envWorkers = "ESPALIER_TEST_WORKERS"
	envBytes   = "ESPALIER_TEST_BYTES" // it kills itself after writing so many
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(envDir); dir != "" {
		if err := runStudy(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// native is a space of a plugin without the sandbox.
type native struct{ guest.Space }

func (s native) Next(_ context.Context, _ spec.Step, prefix spec.Answers) (spec.Step, error) {
	return s.Space.Next(prefix)
}

func (s native) Build(_ context.Context, answers spec.Answers, task spec.Task) (*spec.Network, error) {
	return s.Space.Build(answers, task)
}

// last is a shaper: the accuracy of the last epoch.
type last struct{}

func (last) Reward(_ context.Context, m spec.Metrics) (spec.Reward, error) {
	return spec.Reward{Reward: m.Epochs[len(m.Epochs)-1].ValidAccuracy}, nil
}

// stripes are images of two classes, horizontal and vertical stripes in noise.
func stripes(n int, seed uint64) *data.Images {
	const side = 6
	m := &data.Images{N: n, H: side, W: side, C: 1, Pixels: make([]uint8, n*side*side), Labels: make([]int32, n)}
	rng := rand.New(rand.NewPCG(seed, 3))
	for i := range m.Pixels {
		image, y, x := i/(side*side), i/side%side, i%side
		m.Labels[image] = int32(image % 2)
		stripe := y
		if image%2 == 1 {
			stripe = x
		}
		m.Pixels[i] = uint8(60*(stripe%2) + rng.IntN(196))
	}
	return m
}

// runStudy runs a small deterministic study of real children in dir, and
// prints a line for each new event.
func runStudy(dir string) error {
	workers, err := strconv.Atoi(os.Getenv(envWorkers))
	if err != nil {
		return err
	}
	module := cnn.Module()
	recipe := child.Default()
	recipe.Epochs, recipe.Batch, recipe.Augment = 2, 16, child.Augment{Whiten: "standardize"}
	config := search.Default()
	config.Trials, config.Recipe = 24, recipe
	config.Space.Params = json.RawMessage(`{"filter_heights":[1,3],"filter_widths":[1,3],"filters":[2,3]}`)
	config.Depth = search.Depth{Param: "layers", Start: 1, Step: 1, Every: 12, Max: 2}
	config.Strategy.Params = json.RawMessage(`{"layers":1,"units":6,"embedding":6,"rollout":4,"learning_rate":0.05}`)
	deps := search.Deps{
		Space: func(_ context.Context, params json.RawMessage) (search.Space, error) {
			s, err := module.Space("v1", spec.Raw(params))
			return native{s}, err
		},
		Shaper:        last{},
		Evaluator:     &search.Trainer{Examples: search.Images{Training: stripes(64, 1), Validation: stripes(32, 2)}, Recipe: recipe},
		Task:          spec.Task{Type: spec.TaskImage, Input: []int{6, 6, 1}, Classes: 2},
		Workers:       workers,
		SnapshotEvery: 2,
	}
	started, err := config.Begin(deps.Started)
	if err != nil {
		return err
	}
	options := journal.Default()
	if bytes, err := strconv.Atoi(os.Getenv(envBytes)); err == nil {
		options.Files = journal.Deadly(bytes)
	}
	j, err := journal.OpenOrCreate(dir, started, options)
	if err != nil {
		return err
	}
	old := j.Seq()
	deps.Log = j
	deps.Observe = func(e event.Event) {
		if e.Seq > old {
			fmt.Println(e.Seq)
		}
	}
	runner, err := search.New(config, deps)
	if err != nil {
		return err
	}
	_, err = runner.Run(context.Background())
	return errors.Join(err, j.Close())
}

// session runs the study in a process of its own. It kills the process when it
// has printed so many events (negative: never) or written so many bytes
// (negative: never), and reports whether the study came to its end.
func session(t *testing.T, dir string, workers, events, bytes int) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envDir+"="+dir, fmt.Sprint(envWorkers, "=", workers))
	if bytes >= 0 {
		cmd.Env = append(cmd.Env, fmt.Sprint(envBytes, "=", bytes))
	}
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; n != events && lines.Scan(); n++ {
	}
	if events >= 0 {
		_ = cmd.Process.Kill() // it may just have ended
	}
	_, _ = io.Copy(io.Discard, out)
	err = cmd.Wait()
	if complaint.Len() > 0 {
		t.Fatalf("the study failed: %s", complaint.String())
	}
	return err == nil
}

// contents is what a run directory holds, times and snapshots of the policy
// aside, in lines.
func contents(t *testing.T, dir string) []string {
	t.Helper()
	r, err := journal.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var b []byte
	for {
		e, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if b, err = event.AppendLine(b, event.Timeless(e)); err != nil {
			t.Fatal(err)
		}
	}
	best, network, weights, err := journal.ReadBest(dir)
	if err != nil {
		t.Fatal(err)
	}
	if weights == "" {
		t.Fatalf("the best trial, %d, has no weights", best.Trial)
	}
	all := fmt.Sprintf("%s%s%+v %s\n%s", b, rows(t, dir), best, network.ID(), strings.Join(files(t, dir), "\n"))
	return strings.Split(all, "\n")
}

// files lists a run directory.
func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Base(filepath.Dir(path)) != "policy" {
			all = append(all, strings.TrimPrefix(path, dir))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// rows is trials.jsonl without times.
func rows(t *testing.T, dir string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "trials.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for line := range bytes.Lines(b) {
		var row map[string]any
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"sampled", "ended", "seconds"} {
			delete(row, name)
		}
		fmt.Fprintln(&out, row)
	}
	return out.String()
}

// TestKill runs a study in processes that are killed at random moments, between
// events and within writes, again and again, and checks that it ends with the
// journal and the weights of the study that was never killed.
func TestKill(t *testing.T) {
	kills := 15
	if os.Getenv("ESPALIER_LONG") == "1" {
		kills = 100
	}
	undisturbed := filepath.Join(t.TempDir(), "undisturbed")
	if !session(t, undisturbed, 1, -1, -1) {
		t.Fatal("the undisturbed study did not end")
	}
	want := contents(t, undisturbed)
	rng := rand.New(rand.NewPCG(uint64(kills), 1))
	killed, torn, studies := 0, 0, 0
	for ; killed < kills; studies++ {
		dir := filepath.Join(t.TempDir(), "killed")
		ended := false
		for !ended && killed < kills {
			workers := 1 + rng.IntN(4)
			if rng.IntN(2) == 0 {
				ended = session(t, dir, workers, rng.IntN(16), -1)
			} else {
				ended = session(t, dir, workers, -1, rng.IntN(40_000))
			}
			if !ended {
				killed++
				torn += tail(dir)
			}
		}
		if !ended {
			session(t, dir, 2, -1, -1)
		}
		got := contents(t, dir)
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || got[i] != want[i] {
				t.Fatalf("study %d, after %d kills in all, differs from line %d of %d on:\n%q\nwant\n%q",
					studies, killed, i+1, len(want), got[min(i, len(got)):min(i+1, len(got))], want[min(i, len(want)):min(i+1, len(want))])
			}
		}
	}
	t.Logf("%d kills of %d studies left %d torn records", killed, studies, torn)
	if torn == 0 && kills >= 100 {
		t.Error("no kill hit a write: the test does not test what it should")
	}
}

// tail is 1 if the events in dir end within a record.
func tail(dir string) int {
	b, err := os.ReadFile(filepath.Join(dir, "events.jsonl"))
	if err != nil || len(b) == 0 || b[len(b)-1] == '\n' {
		return 0
	}
	return 1
}
