package house

import (
	"bytes"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var topLevel = []string{"kernels", "wasm", "plugins", "host", "frontend", "go.mod", "go.sum", "Makefile", "README.md"}

func TestTopLevel(t *testing.T) {
	for _, file := range tracked(t) {
		first, _, _ := strings.Cut(file, "/")
		if !strings.HasPrefix(first, ".") && !slices.Contains(topLevel, first) {
			t.Errorf("%s: the top level holds only %s and dot-files", first, strings.Join(topLevel, " "))
		}
	}
}

// machinePath matches absolute paths of somebody's machine.
var machinePath = regexp.MustCompile(`(^|[\s"'` + "`" + `=(])/(home|root|work|Users|tmp)/[A-Za-z0-9_.-]+`)

func TestNoMachinePaths(t *testing.T) {
	for _, file := range tracked(t) {
		content, err := os.ReadFile(filepath.Join(root(t), file))
		if os.IsNotExist(err) {
			continue // deleted, not yet committed
		}
		if err != nil {
			t.Fatal(err)
		}
		if bytes.IndexByte(content, 0) >= 0 || strings.HasSuffix(file, "go.sum") {
			continue
		}
		if at := machinePath.Find(content); at != nil {
			t.Errorf("%s holds the absolute path %q", file, bytes.TrimSpace(at))
		}
	}
}

// TestNoBinaries: what the build makes is not committed.
func TestNoBinaries(t *testing.T) {
	const limit = 1 << 20
	for _, file := range tracked(t) {
		info, err := os.Stat(filepath.Join(root(t), file))
		if err != nil {
			continue
		}
		if info.Size() > limit || strings.HasSuffix(file, ".wasm") || strings.HasSuffix(file, ".wasm.gz") {
			t.Errorf("%s (%d bytes) is tracked: build products are made by the Makefile", file, info.Size())
		}
	}
}

// tracked lists the files that git tracks. In an unpacked archive there is no
// git, and these rules have been checked before it was packed.
func tracked(t *testing.T) []string {
	t.Helper()
	cmd := exec.Command("git", "ls-files", "-z")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("git ls-files: %v", err)
		}
		t.Skipf("SKIPPED: not a git checkout (%v), so the rules on tracked files are not checked", err)
	}
	files := strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	if len(files) < 10 {
		t.Fatalf("git tracks only %d files", len(files))
	}
	return files
}

func TestModules(t *testing.T) {
	for _, file := range tracked(t) {
		if dir, name := path.Split(file); name == "go.mod" && dir != "" && !slices.Contains(modules, path.Clean(dir)) {
			t.Errorf("%s makes a module of its own, which no rule covers: list it in modules, or merge it", file)
		}
	}
}
