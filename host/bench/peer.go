package bench

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/espalier-nas/espalier/kernels"
)

//go:embed torch_peer.py
var module []byte

// Script is a Python program that serves commands with torch_peer.py.
type Script struct {
	Name    string // of its file
	Text    []byte
	Modules map[string][]byte // files that it imports, beside torch_peer.py
	// Wide asks for the tuning of that name, for programs of many elementwise
	// operations.
	Wide bool
	// Shares asks for a second peer where there are several threads, tuned by
	// sharing.
	Shares bool
}

// Peer is PyTorch in a process of its own, which waits for one command at a
// time.
type Peer struct {
	Facts   Facts
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	errors  *tail
	dir     string // for files of tensors
}

// Facts are what the peer says of itself.
type Facts struct {
	Torch       string            `json:"torch"`
	Python      string            `json:"python"`
	Config      string            `json:"config"`   // of its build
	Parallel    string            `json:"parallel"` // of its threads
	Environment map[string]string `json:"environment"`
}

// startTorch starts the script as b's peer, with so many threads and PyTorch at
// its best, and if it is to share products, as another one.
func (b *Bench) startTorch(ctx context.Context, s Script, threads int) error {
	files := map[string][]byte{s.Name: s.Text, "torch_peer.py": module}
	maps.Copy(files, s.Modules)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(b.Dir, name), text, 0o666); err != nil {
			return err
		}
	}
	env := tuning(os.Environ(), kernels.Levels(), kernels.Active(), threads)
	if s.Wide {
		env = wide(env, kernels.Active())
	}
	envs := [][]string{env}
	if s.Shares && threads > 1 {
		envs = append(envs, sharing(env, threads))
	}
	for _, env := range envs {
		p, err := StartPeer(ctx, []string{b.Config.Python, "-B", filepath.Join(b.Dir, s.Name)}, b.Dir, env, threads)
		if err != nil {
			return errors.Join(err, b.closePeers())
		}
		b.Peers = append(b.Peers, p)
	}
	return nil
}

func (b *Bench) closePeers() error {
	var wrong []error
	for _, p := range b.Peers {
		wrong = append(wrong, p.Close())
	}
	b.Peers = nil
	return errors.Join(wrong...)
}

// WithTorch does what needs the peers of a script, with so many threads.
func (b *Bench) WithTorch(ctx context.Context, s Script, threads int, do func() error) error {
	if err := b.startTorch(ctx, s, threads); err != nil {
		return err
	}
	return errors.Join(do(), b.closePeers())
}

// StartPeer starts a command that serves as torch_peer.py does, with so many
// threads. Files of tensors are put into dir.
func StartPeer(ctx context.Context, command []string, dir string, env []string, threads int) (*Peer, error) {
	p := &Peer{command: exec.CommandContext(ctx, command[0], command[1:]...), errors: &tail{}, dir: dir}
	p.command.Env = env
	p.command.Stderr = p.errors
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.in, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", command[0], err)
	}
	p.out = bufio.NewReader(out)
	if err := p.Ask(map[string]any{"do": "describe", "threads": threads}, &p.Facts); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Ask sends a command and reads the answer, whose member "error" becomes an
// error.
func (p *Peer) Ask(command map[string]any, answer any) error {
	line, err := json.Marshal(command)
	if err != nil {
		return err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return p.died(command, err)
	}
	reply, err := p.out.ReadBytes('\n')
	if err != nil {
		return p.died(command, err)
	}
	var failure struct {
		Error string `json:"error"`
	}
	if err := json.Unmarshal(reply, &failure); err != nil {
		return fmt.Errorf("pytorch: %v: the answer is not JSON: %.200q", command["do"], reply)
	}
	if failure.Error != "" {
		return fmt.Errorf("pytorch: %v: %s", command["do"], failure.Error)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(reply, answer); err != nil {
		return fmt.Errorf("pytorch: %v: %w", command["do"], err)
	}
	return nil
}

// died explains the end of a peer that was asked something.
func (p *Peer) died(command map[string]any, err error) error {
	p.in.Close()
	if ended := p.command.Wait(); ended != nil {
		err = ended
	}
	return fmt.Errorf("pytorch: %v: the process ended (%w); its last words:\n%s", command["do"], err, p.errors)
}

// Close ends the process, which ends when its input does.
func (p *Peer) Close() error {
	p.in.Close()
	if p.command.ProcessState != nil {
		return nil // already waited for
	}
	return p.command.Wait()
}

// PID is the number of its process.
func (p *Peer) PID() int { return p.command.Process.Pid }

// Check sends a command whose answer is a loss, the seconds it took to compute,
// and a file of tensors, to whose path the member "tensors" is set.
func (p *Peer) Check(command map[string]any) (Results, float64, error) {
	path := filepath.Join(p.dir, "answer.safetensors")
	defer os.Remove(path)
	command["tensors"] = path
	var answer struct{ Loss, Seconds float64 }
	if err := p.Ask(command, &answer); err != nil {
		return Results{}, 0, err
	}
	tensors, err := Restore(path)
	if err != nil {
		return Results{}, 0, fmt.Errorf("pytorch: %v: %w", command["do"], err)
	}
	return Results{answer.Loss, tensors}, answer.Seconds, nil
}

// Train sends a command that takes so many steps, to which the member "steps" is
// set: the seconds and the loss of each.
func (p *Peer) Train(command map[string]any, steps int) (seconds, losses []float64, err error) {
	command["steps"] = steps
	var answer struct{ Seconds, Losses []float64 }
	if err := p.Ask(command, &answer); err != nil {
		return nil, nil, err
	}
	if len(answer.Seconds) != steps || len(answer.Losses) != steps {
		return nil, nil, fmt.Errorf("pytorch: train: %d times and %d losses of %d steps", len(answer.Seconds), len(answer.Losses), steps)
	}
	return answer.Seconds, answer.Losses, nil
}

// Free lets the peer give back the memory of a network.
func (p *Peer) Free() error { return p.Ask(map[string]any{"do": "free"}, nil) }

// brief is what matters most of a long description.
func (f *Facts) brief() []string {
	var list []string
	for _, text := range []string{f.Config, f.Parallel} {
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "- "))
			for _, start := range []string{"CPU capability", "Intel(R) MKL", "ATen parallel backend"} {
				if strings.HasPrefix(line, start) && !slices.Contains(list, line) {
					list = append(list, line)
				}
			}
		}
	}
	return list
}

func (f *Facts) environment() []string {
	var list []string
	for name, value := range f.Environment {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	last []byte
}

func (t *tail) Write(b []byte) (int, error) {
	const most = 4096
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = append(t.last, b...)
	if more := len(t.last) - most; more > 0 {
		t.last = append(t.last[:0], t.last[more:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(bytes.ToValidUTF8(t.last, nil)))
}
