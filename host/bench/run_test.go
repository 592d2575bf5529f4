package bench

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRun makes a benchmark of one network twice: the table, the file and the
// progress tell of it.
func TestRun(t *testing.T) {
	c := &Config{Threads: []int{1, 2}, Runs: 2, Rounds: 1, JSON: filepath.Join(t.TempDir(), "out.json")}
	failing := 0.0
	p := Plan[*line]{
		Schema: "s", Script: Script{Name: "side.py"}, Columns: append(Names[*line](), Figures[*line]()...), Note: "Examples per second.",
		Measure: func(_ context.Context, b *Bench, threads int, done func(*line)) error {
			done(&line{Row{Network: "only", Threads: threads, Rate: float64(threads), Checks: []Check{{Error: failing}}, Disturbance: Disturbance{Wall: 1}}})
			return nil
		},
	}
	var out, progress strings.Builder
	if err := Run(context.Background(), c, p, &out, &progress); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(c.JSON)
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		out.String(): "the middle one of 2 runs", progress.String(): "run 2 of 2\nonly   batch   0 threads 1: only", string(text): `"runs": 2`,
	} {
		if !strings.Contains(in, want) {
			t.Errorf("no %q in\n%s", want, in)
		}
	}
	failing = 1
	if err := Run(context.Background(), c, p, io.Discard, io.Discard); err == nil || err.Error() != "2 of 2 rows are WRONG: the two sides disagree" {
		t.Errorf("%v", err)
	}
	p.Measure = func(context.Context, *Bench, int, func(*line)) error { return errors.New("no memory") }
	if err := Run(context.Background(), c, p, io.Discard, io.Discard); err == nil || err.Error() != "no memory" {
		t.Errorf("%v", err)
	}
	c.Torch, c.Python = true, "no-such-python"
	if err := Run(context.Background(), c, p, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "no-such-python") {
		t.Errorf("%v", err)
	}
}
