// Package fake lets a benchmark be tested without PyTorch: the test's own binary
// is started as the peer, and answers as torch_peer.py does.
package fake

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/espalier-nas/espalier/host/bench"
)

// env is set for a test's binary that is to be a peer; its value is the mode.
const env = "ESPALIER_TEST_FAKE_TORCH"

// Answer answers a command, a JSON object whose member "do" is given, too.
type Answer func(do string, command []byte) (any, error)

// Main is the TestMain of a package whose tests start peers. What a peer answers
// beside "describe" may depend on its mode, of which "dies" and "babbles" are
// done here.
func Main(m *testing.M, peer func(mode string) Answer) {
	if mode := os.Getenv(env); mode != "" {
		serve(mode, peer(mode))
		return
	}
	os.Exit(m.Run())
}

func serve(mode string, answer Answer) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		text := reply(lines.Bytes(), answer)
		switch mode {
		case "dies":
			fmt.Fprintln(os.Stderr, "out of memory, or so")
			os.Exit(3)
		case "babbles":
			text = []byte("Warning: this is no JSON")
		}
		fmt.Println(string(text))
	}
}

func reply(line []byte, answer Answer) []byte {
	var c struct {
		Do      string
		Threads int
	}
	err := json.Unmarshal(line, &c)
	var found any
	switch {
	case err != nil:
	case c.Do == "describe":
		found = bench.Facts{Torch: fmt.Sprintf("fake with %d threads", c.Threads)}
	default:
		found, err = answer(c.Do, line)
	}
	if err != nil {
		found = map[string]string{"error": err.Error()}
	}
	text, err := json.Marshal(found)
	if err != nil {
		panic("fake: an answer is no JSON")
	}
	return text
}

// Unknown is the answer to a command that a peer does not know.
func Unknown(do string) (any, error) { return nil, errors.New("unknown command " + do) }

// Start starts this test's binary as a peer.
func Start(t *testing.T, mode string, threads int) (*bench.Peer, error) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return bench.StartPeer(context.Background(), []string{program}, t.TempDir(), append(os.Environ(), env+"="+mode), threads)
}

// Must starts a peer that ends with the test.
func Must(t *testing.T, mode string) *bench.Peer {
	t.Helper()
	p, err := Start(t, mode, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}
