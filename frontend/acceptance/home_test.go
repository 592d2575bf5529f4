//go:build !js

package acceptance

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
)

// demo is a finished study that most tests look at: a search with its random
// control, of which some trials fail because they need too much memory.
const demo = "demo"

// home is a server that shows the studies that all tests share.
var home = sync.OnceValues(func() (*program, error) {
	if err := search(folder, demo, "--trials", "60", "--control", "--set", "recipe.memory_bytes=800000"); err != nil {
		return nil, err
	}
	p, err := launch(folder, "serve", "--addr", "127.0.0.1:0")
	if err == nil {
		endings = append(endings, p.end)
	}
	return p, err
})

// address is where the shared studies are shown.
func address(t testing.TB) string {
	t.Helper()
	need(t)
	p, err := home()
	if err != nil {
		t.Fatal(err)
	}
	return p.address
}

// runDir is the run directory of a shared study.
func runDir(name string) string { return filepath.Join(folder, "runs", name) }

// state is what a shared study has come to.
func state(t testing.TB, name string) *event.State {
	t.Helper()
	address(t)
	s, err := journal.ReadState(runDir(name))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// failedTrial is the first trial of the demo that failed.
func failedTrial(t testing.TB) int {
	t.Helper()
	failures := state(t, demo).Failures()
	if len(failures) == 0 {
		t.Fatal("no trial of the demo failed")
	}
	return failures[0].Trials[0]
}
