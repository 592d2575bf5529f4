package bench_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/bench/fake"
)

func TestMain(m *testing.M) {
	fake.Main(m, func(mode string) fake.Answer {
		return func(do string, _ []byte) (any, error) {
			switch {
			case do == "free":
				return struct{}{}, nil
			case do == "train" && mode == "forgets a step":
				return map[string][]float64{"seconds": {1, 2}, "losses": {3}}, nil
			case do == "train":
				return map[string][]float64{"seconds": {1, 2}, "losses": {3, 4}}, nil
			case do == "check":
				return map[string]float64{"loss": 1}, nil
			}
			return fake.Unknown(do)
		}
	})
}

func TestPeer(t *testing.T) {
	p, err := fake.Start(t, "honest", 7)
	if err != nil {
		t.Fatal(err)
	}
	if p.Facts.Torch != "fake with 7 threads" {
		t.Errorf("facts %+v", p.Facts)
	}
	if err := p.Ask(map[string]any{"do": "sing"}, nil); err == nil || err.Error() != "pytorch: sing: unknown command sing" {
		t.Errorf("unknown command: %v", err)
	}
	if err := p.Free(); err != nil {
		t.Errorf("after an error: %v", err)
	}
	seconds, losses, err := p.Train(map[string]any{"do": "train"}, 2)
	if err != nil || len(seconds) != 2 || losses[1] != 4 {
		t.Errorf("%v seconds, losses %v, %v", seconds, losses, err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
}

// TestPeerErrors: whatever a peer does wrong becomes an error that says what.
func TestPeerErrors(t *testing.T) {
	for _, test := range []struct{ mode, want string }{
		{"dies", "out of memory, or so"},
		{"dies", "exit status 3"},
		{"babbles", `the answer is not JSON: "Warning: this is no JSON`},
	} {
		if _, err := fake.Start(t, test.mode, 1); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("it %s: %v", test.mode, err)
		}
	}
	if _, err := bench.StartPeer(context.Background(), []string{"no-such-python"}, t.TempDir(), nil, 1); err == nil || !strings.Contains(err.Error(), "no-such-python") {
		t.Errorf("no program: %v", err)
	}
	p := fake.Must(t, "forgets a step")
	if _, _, err := p.Train(map[string]any{"do": "train"}, 2); err == nil || !strings.Contains(err.Error(), "2 times and 1 losses of 2 steps") {
		t.Errorf("a step without a loss: %v", err)
	}
	if _, _, err := p.Check(map[string]any{"do": "check"}); err == nil || !strings.Contains(err.Error(), "answer.safetensors") {
		t.Errorf("no tensors: %v", err)
	}
	if err := p.Ask(map[string]any{"do": make(chan int)}, nil); err == nil {
		t.Error("a command that is no JSON was sent")
	}
}

// TestPeerEnds: a peer that was killed is an error of the next command.
func TestPeerEnds(t *testing.T) {
	p := fake.Must(t, "honest")
	process, err := os.FindProcess(p.PID())
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := p.Free(); err == nil || !strings.Contains(err.Error(), "the process ended") {
		t.Errorf("%v", err)
	}
}
