//go:build !js

package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/espalier-nas/espalier/host/server/page"
	"github.com/espalier-nas/espalier/plugins/bundled"
)

// What all tests share.
var (
	espalier string // the program that is tried
	folder   string // for files that are needed until all tests have ended
	skip     string // why nothing can be tried here; "" if everything can
)

func TestMain(m *testing.M) { os.Exit(runAll(m)) }

func runAll(m *testing.M) int {
	dir, err := os.MkdirTemp("", "espalier-acceptance-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	folder = dir
	defer os.RemoveAll(dir)
	_, noPage := page.Open()
	_, noBrowser := browserPath()
	switch {
	case noPage != nil:
		skip = noPage.Error()
	case len(bundled.Names()) == 0:
		skip = bundled.ErrNone.Error()
	case noBrowser != nil:
		skip = noBrowser.Error()
	default:
		espalier = filepath.Join(dir, "espalier")
		if out, err := exec.Command("go", "build", "-o", espalier, "../../host/cmd/espalier").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build the program: %v\n%s", err, out)
			return 1
		}
	}
	if skip != "" && os.Getenv("CI") == "true" {
		fmt.Fprintln(os.Stderr, "FAIL: the page cannot be tried, and CI skips nothing:", skip)
		return 1
	}
	defer func() {
		for _, end := range slices.Backward(endings) {
			end()
		}
	}()
	return m.Run()
}

// endings end what all tests share.
var endings []func()

// need skips a test where the page cannot be tried.
func need(t testing.TB) {
	t.Helper()
	if skip != "" {
		t.Skip("SKIPPED: the page was not tried in a browser: " + skip)
	}
}

// browserPath finds a browser that can be driven.
func browserPath() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no Chromium on this machine (Debian: the package chromium)")
}
