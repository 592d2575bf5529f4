package main

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/espalier-nas/espalier/host/child"
)

//go:embed torch_child.py
var script []byte

// The memory layouts in which PyTorch trains.
const (
	nchw         = "nchw"
	channelsLast = "channels_last"
)

var layouts = []string{nchw, channelsLast}

// peer is PyTorch in a process of its own, which waits for one command at a
// time.
type peer struct {
	facts   facts
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	errors  *tail
	dir     string // for files of tensors
}

// facts are what the peer says of itself.
type facts struct {
	Torch       string            `json:"torch"`
	Python      string            `json:"python"`
	Config      string            `json:"config"`   // of its build
	Parallel    string            `json:"parallel"` // of its threads
	Environment map[string]string `json:"environment"`
}

// startTorch writes the script into dir and starts it with so many threads.
func startTorch(ctx context.Context, python, dir string, env []string, threads int) (*peer, error) {
	path := filepath.Join(dir, "torch_child.py")
	if err := os.WriteFile(path, script, 0o666); err != nil {
		return nil, err
	}
	return startPeer(ctx, []string{python, "-B", path}, dir, env, threads)
}

func startPeer(ctx context.Context, command []string, dir string, env []string, threads int) (*peer, error) {
	p := &peer{command: exec.CommandContext(ctx, command[0], command[1:]...), errors: &tail{}, dir: dir}
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
	if err := p.ask(map[string]any{"do": "describe", "threads": threads}, &p.facts); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// ask sends a command and reads the answer, whose member "error" becomes an
// error.
func (p *peer) ask(command map[string]any, answer any) error {
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
func (p *peer) died(command map[string]any, err error) error {
	p.in.Close()
	if ended := p.command.Wait(); ended != nil {
		err = ended
	}
	return fmt.Errorf("pytorch: %v: the process ended (%w); its last words:\n%s", command["do"], err, p.errors)
}

// close ends the process, which ends when its input does.
func (p *peer) close() error {
	p.in.Close()
	if p.command.ProcessState != nil {
		return nil // already waited for
	}
	return p.command.Wait()
}

func (p *peer) pid() int { return p.command.Process.Pid }

// load builds e from the stored weights and batch.
func (p *peer) load(e *entry, tensors string) error {
	return p.ask(map[string]any{
		"do": "load", "network": e.Network, "tensors": tensors,
		"norm": map[string]float64{"epsilon": recipe.BatchNorm.Epsilon, "momentum": recipe.BatchNorm.Momentum},
		"optimizer": map[string]float64{
			"lr": learningRate, "momentum": recipe.Optimizer.Momentum, "weight_decay": recipe.Optimizer.WeightDecay,
		},
	}, nil)
}

// check is one forward and backward pass with n images of the batch from the
// initial weights, every beta raised by rise, without an update, and the
// seconds it took.
func (p *peer) check(layout string, from, n int, rise float32) (results, float64, error) {
	path := filepath.Join(p.dir, layout+".safetensors")
	defer os.Remove(path)
	var answer struct{ Loss, Seconds float64 }
	command := map[string]any{"do": "check", "layout": layout, "images": []int{from, from + n}, "raise": rise, "tensors": path}
	if err := p.ask(command, &answer); err != nil {
		return results{}, 0, err
	}
	f, err := os.Open(path)
	if err != nil {
		return results{}, 0, err
	}
	defer f.Close()
	w, err := child.ReadWeights(f)
	if err != nil {
		return results{}, 0, fmt.Errorf("pytorch: check: %w", err)
	}
	return results{answer.Loss, w.Tensors}, answer.Seconds, nil
}

// train takes so many steps: the seconds and the loss of each.
func (p *peer) train(layout string, steps int) (seconds, losses []float64, err error) {
	var answer struct{ Seconds, Losses []float64 }
	if err := p.ask(map[string]any{"do": "train", "layout": layout, "steps": steps}, &answer); err != nil {
		return nil, nil, err
	}
	if len(answer.Seconds) != steps || len(answer.Losses) != steps {
		return nil, nil, fmt.Errorf("pytorch: train: %d times and %d losses of %d steps", len(answer.Seconds), len(answer.Losses), steps)
	}
	return answer.Seconds, answer.Losses, nil
}

// free lets the peer give back the memory of the network.
func (p *peer) free() error { return p.ask(map[string]any{"do": "free"}, nil) }

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
