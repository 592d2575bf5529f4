package main

import (
	"context"
	"os"
	"strings"
	"testing"
)

// startFake starts this test's binary as a peer.
func startFake(t *testing.T, mode string, threads int) (*peer, error) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return startPeer(context.Background(), []string{program}, t.TempDir(), append(os.Environ(), envFake+"="+mode), threads)
}

func mustFake(t *testing.T, mode string) *peer {
	t.Helper()
	p, err := startFake(t, mode, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestPeer(t *testing.T) {
	p, err := startFake(t, "honest", 7)
	if err != nil {
		t.Fatal(err)
	}
	if p.facts.Torch != "fake with 7 threads" {
		t.Errorf("facts %+v", p.facts)
	}
	if err := p.ask(map[string]any{"do": "sing"}, nil); err == nil || err.Error() != "pytorch: sing: unknown command sing" {
		t.Errorf("unknown command: %v", err)
	}
	if err := p.free(); err != nil {
		t.Errorf("after an error: %v", err)
	}
	if err := p.close(); err != nil {
		t.Error(err)
	}
	if err := p.close(); err != nil {
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
		if _, err := startFake(t, test.mode, 1); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("it %s: %v", test.mode, err)
		}
	}
	if _, err := startPeer(context.Background(), []string{"no-such-python"}, t.TempDir(), nil, 1); err == nil || !strings.Contains(err.Error(), "no-such-python") {
		t.Errorf("no program: %v", err)
	}
	p := mustFake(t, "honest")
	if err := p.load(mustList(t, 1)[1], "no-such-file"); err == nil || !strings.Contains(err.Error(), "no-such-file") {
		t.Errorf("no file: %v", err)
	}
	if err := p.ask(map[string]any{"do": make(chan int)}, nil); err == nil {
		t.Error("a command that is no JSON was sent")
	}
}

// TestPeerEnds: a peer that was killed is an error of the next command.
func TestPeerEnds(t *testing.T) {
	p := mustFake(t, "honest")
	if err := p.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := p.free(); err == nil || !strings.Contains(err.Error(), "the process ended") {
		t.Errorf("%v", err)
	}
}

func TestTail(t *testing.T) {
	var last tail
	for range 1000 {
		if n, err := last.Write([]byte("a line of output\n")); n != 17 || err != nil {
			t.Fatal(n, err)
		}
	}
	if text := last.String(); len(text) > 4096 || len(text) < 4000 || !strings.HasSuffix(text, "a line of output") {
		t.Errorf("%d bytes are kept: %.40q", len(text), text)
	}
}

// TestScript: the commands that are sent are those that the script knows.
func TestScript(t *testing.T) {
	if want := `COMMANDS = ("describe", "load", "check", "train", "free")`; !strings.Contains(string(script), want) {
		t.Errorf("the script has no line %s", want)
	}
	for _, layout := range layouts {
		if !strings.Contains(string(script), `"`+layout+`": torch.`) {
			t.Errorf("the script does not know the layout %s", layout)
		}
	}
}
