// Command page makes the dashboard's page: it compiles frontend to WebAssembly,
// gives every file a name that carries a hash of its contents, and writes all of
// them, compressed, into the folder that the program embeds. A file whose
// contents have not changed is left alone. The build tool runs it; it takes no
// arguments.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"github.com/espalier-nas/espalier/host/server/page"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := build(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "page:", err)
		os.Exit(1)
	}
}

// build makes the page of the repository that holds the current folder.
func build(ctx context.Context, out io.Writer) error {
	root, err := goEnv(ctx, "GOMOD")
	if err != nil {
		return err
	}
	root = filepath.Dir(root)
	files, err := sources(ctx, root)
	if err != nil {
		return err
	}
	if err := name(files); err != nil {
		return err
	}
	return write(filepath.Join(root, "host", "server", "page", "dist"), files, out)
}

func goEnv(ctx context.Context, key string) (string, error) {
	b, err := exec.CommandContext(ctx, "go", "env", key).Output()
	value := strings.TrimSpace(string(b))
	if err != nil || value == "" || value == os.DevNull {
		return "", fmt.Errorf("go env %s gave %q (%v); run this within the repository", key, value, err)
	}
	return value, nil
}

const index = "index.html"

// sources are the page's files by name: those of frontend/web, Go's own loader,
// and the app.
func sources(ctx context.Context, root string) (map[string][]byte, error) {
	files := map[string][]byte{}
	web := filepath.Join(root, "frontend", "web")
	entries, err := os.ReadDir(web)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(web, e.Name())); err != nil {
			return nil, err
		}
	}
	goroot, err := goEnv(ctx, "GOROOT")
	if err != nil {
		return nil, err
	}
	if files["wasm_exec.js"], err = os.ReadFile(filepath.Join(goroot, "lib", "wasm", "wasm_exec.js")); err != nil {
		return nil, fmt.Errorf("this Go toolchain lacks the loader of WebAssembly: %w", err)
	}
	files["app.wasm"], err = compile(ctx, root)
	return files, err
}

// compile builds the app.
func compile(ctx context.Context, root string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "espalier-page-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	app := filepath.Join(dir, "app.wasm")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", app, "./frontend")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS=")
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile frontend: %w\n%s", err, said)
	}
	return os.ReadFile(app)
}

// asset is how index.html names another file of the page.
var asset = regexp.MustCompile(`asset:([A-Za-z0-9_.-]+)`)

// name puts the files' hashed names into index.html.
func name(files map[string][]byte) error {
	var unknown error
	files[index] = asset.ReplaceAllFunc(files[index], func(match []byte) []byte {
		file := string(match[len("asset:"):])
		content, ok := files[file]
		if !ok {
			unknown = errors.Join(unknown, fmt.Errorf("%s names %s, which does not exist", index, file))
		}
		return []byte("assets/" + page.URLName(file, content))
	})
	return unknown
}

// write brings the folder up to date.
func write(dir string, files map[string][]byte, out io.Writer) error {
	wanted := map[string]bool{}
	names := make([]string, 0, len(files))
	for file := range files {
		names = append(names, file)
	}
	sort.Strings(names)
	total := 0
	for _, file := range names {
		stored := page.FileName(file, files[file])
		wanted[stored] = true
		size, err := store(filepath.Join(dir, stored), files[file], file == index)
		if err != nil {
			return err
		}
		total += size
	}
	fmt.Fprintf(out, "the page: %d files, %.2f MB to download\n", len(files), float64(total)/1e6)
	return prune(dir, wanted)
}

// store writes a compressed file, unless one of the same contents is there
// already, and returns its size.
func store(path string, content []byte, always bool) (int, error) {
	if info, err := os.Stat(path); err == nil && !always {
		return int(info.Size()), nil
	}
	compressed, err := page.Compress(content)
	if err != nil {
		return 0, err
	}
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, compressed) {
		return len(compressed), nil
	}
	part := path + ".part"
	if err := os.WriteFile(part, compressed, 0o644); err != nil {
		return 0, err
	}
	return len(compressed), os.Rename(part, path)
}

// prune removes what an earlier build has left.
func prune(dir string, wanted map[string]bool) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".br") && !wanted[e.Name()] || strings.HasSuffix(e.Name(), ".part") {
			err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return err
}
