//go:build !js

package acceptance

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// program is a running espalier.
type program struct {
	testing.TB
	cmd   *exec.Cmd
	dir   string
	ended chan error

	mu   sync.Mutex
	said bytes.Buffer
}

// start starts the program in a folder. It is ended with the test.
func start(t testing.TB, dir string, args ...string) *program {
	t.Helper()
	need(t)
	p := &program{TB: t, cmd: exec.Command(espalier, args...), dir: dir, ended: make(chan error, 1)}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), "NO_COLOR=1")
	read, write := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = write, write
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go p.listen(read)
	go func() {
		err := p.cmd.Wait()
		write.Close()
		p.ended <- err
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended long ago
		if t.Failed() {
			t.Logf("espalier %s said:\n%s", strings.Join(args, " "), p.output())
		}
	})
	return p
}

func (p *program) listen(r io.Reader) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		p.mu.Lock()
		p.said.WriteString(lines.Text() + "\n")
		p.mu.Unlock()
	}
}

func (p *program) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// address is where the program serves the page.
func (p *program) address() string {
	p.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		for word := range strings.FieldsSeq(p.output()) {
			if u, err := url.Parse(word); err == nil && u.Scheme == "http" && u.Host != "" {
				return word
			}
		}
	}
	p.Fatalf("the program names no address:\n%s", p.output())
	return ""
}

// search runs a search to its end and returns the folder that it lies in.
func search(t testing.TB, name string, args ...string) (dir string) {
	t.Helper()
	need(t)
	dir = t.TempDir()
	cmd := exec.Command(espalier, append([]string{"search", "--quiet", "--name", name}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("search %v: %v\n%s", args, err, out)
	}
	return dir
}

// serve serves the studies in a folder, and returns the page's address.
func serve(t testing.TB, dir string) string {
	t.Helper()
	return start(t, dir, "serve", "--addr", "127.0.0.1:0").address()
}

// at is the address of a view.
func at(address, format string, args ...any) string {
	return strings.TrimSuffix(address, "/") + "/#" + fmt.Sprintf(format, args...)
}
