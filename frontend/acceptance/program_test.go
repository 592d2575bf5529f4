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
	args    []string
	cmd     *exec.Cmd
	ended   chan struct{}
	address string // where it serves the page; "" if it does not

	mu   sync.Mutex
	said bytes.Buffer
}

// launch starts the program in a folder, and waits until it names the address of
// the page.
func launch(dir string, args ...string) (*program, error) {
	p := &program{args: args, cmd: exec.Command(espalier, args...), ended: make(chan struct{})}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), "NO_COLOR=1")
	read, write := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = write, write
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go p.listen(read)
	go func() {
		_ = p.cmd.Wait() // how it ended, it says
		write.Close()
		close(p.ended)
	}()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		for word := range strings.FieldsSeq(p.output()) {
			if u, err := url.Parse(word); err == nil && u.Scheme == "http" && u.Host != "" {
				p.address = word
				return p, nil
			}
		}
	}
	p.end()
	return nil, fmt.Errorf("espalier %s names no address:\n%s", strings.Join(args, " "), p.output())
}

// end kills the program, if it still runs.
func (p *program) end() {
	_ = p.cmd.Process.Kill() // it may have ended long ago
	<-p.ended
}

// start launches the program for one test.
func start(t testing.TB, dir string, args ...string) *program {
	t.Helper()
	need(t)
	p, err := launch(dir, args...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.end()
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

// search runs a search to its end, in a folder.
func search(dir, name string, args ...string) error {
	cmd := exec.Command(espalier, append([]string{"search", "--quiet", "--name", name}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("search %v: %w\n%s", args, err, out)
	}
	return nil
}

// at is the address of a view.
func at(address, format string, args ...any) string {
	return strings.TrimSuffix(address, "/") + "/#" + fmt.Sprintf(format, args...)
}
