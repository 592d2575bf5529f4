// Command bundle makes the plugins that are built into the program: it compiles
// every plugins/*/guest to WebAssembly, has each describe itself in the
// sandbox, appends that description as a custom section, and writes
// plugins/bundled/<name>.wasm.gz. A plugin whose sources have not changed since
// is left alone. The build tool runs it; it takes no arguments.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/espalier-nas/espalier/wasm/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	root, err := findRoot()
	if err == nil {
		err = bundleAll(ctx, root, filepath.Join(root, "plugins", "bundled"), os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", report(err))
		os.Exit(1)
	}
}

// report writes everything that is known about an error.
func report(err error) string {
	var e *sandbox.Error
	if errors.As(err, &e) {
		return e.Report()
	}
	return err.Error()
}

// findRoot finds the repository: the nearest folder above that holds go.mod.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", errors.New("no go.mod in the current folder or above; run this within the repository")
		}
		dir = above
	}
	return "", err
}

// bundleAll bundles every plugin below root into the folder to, and prints a
// line for each. Bundles of plugins that are no more are removed.
func bundleAll(ctx context.Context, root, to string, out io.Writer) error {
	guests, err := filepath.Glob(filepath.Join(root, "plugins", "*", "guest"))
	if err != nil {
		return err
	}
	if len(guests) == 0 {
		return fmt.Errorf("no plugins/*/guest below %s", root)
	}
	box, err := sandbox.New(ctx, sandbox.Default())
	if err != nil {
		return err
	}
	defer box.Close(ctx)
	wanted := map[string]bool{}
	for _, dir := range guests {
		name := filepath.Base(filepath.Dir(dir))
		wanted[name+suffix] = true
		line, err := bundle(ctx, box, root, name, filepath.Join(to, name+suffix))
		if err != nil {
			return fmt.Errorf("plugin %s: %w", name, err)
		}
		fmt.Fprintf(out, "%-10s %s\n", name, line)
	}
	for _, note := range box.Notes() {
		fmt.Fprintln(out, "note:", note)
	}
	entries, err := os.ReadDir(to)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), suffix) && !wanted[e.Name()] {
			err = errors.Join(err, os.Remove(filepath.Join(to, e.Name())))
		}
	}
	return err
}
