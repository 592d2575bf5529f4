package compiler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Command is a compiler with its arguments.
type Command struct {
	Dir  string   // where it runs
	Env  []string // what is added to the environment, as NAME=value
	Tool string   // as one would type it: a name that the PATH finds, or a path
	Args []string
}

// Run runs the command; what it prints goes to out.
func (c Command) Run(ctx context.Context, out io.Writer) error {
	cmd := exec.CommandContext(ctx, c.Tool, c.Args...)
	cmd.Dir = c.Dir
	cmd.Env = append(os.Environ(), c.Env...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.WaitDelay = time.Second // for what the tool itself started
	err := cmd.Run()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.Tool, err)
	}
	return nil
}

// Missing says that a tool is not on this machine.
type Missing struct {
	Tool    string
	Install string // what to install, and how
}

func (e *Missing) Error() string {
	return e.Tool + " is missing: it takes " + e.Install
}

// find returns a tool that the PATH has.
func find(name, install string) (string, error) {
	return findWhere(name, install, func(string) bool { return true })
}

// findWhere returns the first tool of that name that is fit for the purpose, of
// all in the PATH: its name if it is the first of all, else its path.
func findWhere(name, install string, fit func(path string) bool) (string, error) {
	first := true
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path, err := exec.LookPath(filepath.Join(dir, name))
		if err != nil || dir == "" {
			continue
		}
		if fit(path) {
			if first {
				return name, nil
			}
			return path, nil
		}
		first = false
	}
	return name, &Missing{name, install}
}

// output is what a tool prints in a line.
func output(tool string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	b, err := exec.CommandContext(ctx, tool, args...).Output()
	line := strings.TrimSpace(string(b))
	if err == nil && line == "" {
		err = errors.New("it prints nothing")
	}
	return line, err
}
