package sandboxtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

var (
	buildsMu sync.Mutex
	builds   = map[string]func() ([]byte, error){}
)

// Build compiles a folder that holds a guest's package main, such as
// "plugins/cnn/guest", given from the root of the repository, and returns the
// module. It compiles once per test process; Go's own cache makes that quick.
func Build(t testing.TB, folder string) []byte {
	t.Helper()
	if runtime.GOOS == "js" {
		t.Skip("SKIPPED: there is no Go toolchain in a browser")
	}
	buildsMu.Lock()
	build := builds[folder]
	if build == nil {
		build = sync.OnceValues(func() ([]byte, error) { return compile(folder) })
		builds[folder] = build
	}
	buildsMu.Unlock()
	wasm, err := build()
	if err != nil {
		t.Fatalf("build %s: %v", folder, err)
	}
	return wasm
}

func compile(folder string) ([]byte, error) {
	root, err := Root()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "guest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "guest.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-buildvcs=false", "-ldflags=-s", "-o", out, "./"+filepath.ToSlash(folder))
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, errors.New(string(text) + err.Error())
	}
	return os.ReadFile(out)
}

// Root finds the repository: the nearest folder above the current one that
// holds a go.mod.
func Root() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", errors.New("no go.mod above the current folder")
		}
		dir = above
	}
	return "", err
}
