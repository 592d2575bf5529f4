package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/plugins/bundled"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"espalier": main})
}

// TestScripts runs the program as a person would: see testdata/script.
func TestScripts(t *testing.T) {
	if len(bundled.Names()) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("the test binary holds no bundled plugins: run the tests with make test")
		}
		t.Skip("SKIPPED: the test binary holds no bundled plugins; make test builds them first")
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CACHE_HOME", cache) // compiled plugins are shared
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("COLUMNS", "100")
			env.Setenv("REAL_DATA", os.Getenv("ESPALIER_DATA"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code":       wantCode,
			"timeless":   wantSameStudy,
			"bytes":      writeBytes,
			"lines":      writeLines,
			"flip":       flipBit,
			"interrupt":  interruptAt,
			"unheard":    runUnheard,
			"controlled": controlled,
			"sametrials": wantSameTrials,
			"guest":      writeGuest,
			"dashboard":  askDashboard,
		},
		Condition: func(cond string) (bool, error) {
			if cond == "data" {
				return realData(t), nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
	})
}

// realData reports whether ESPALIER_DATA names the folder of real data sets.
func realData(t *testing.T) bool {
	if os.Getenv("ESPALIER_DATA") != "" {
		return true
	}
	if os.Getenv("CI") == "true" {
		t.Error("ESPALIER_DATA is not set, and CI skips nothing")
	}
	t.Log("SKIPPED: ESPALIER_DATA is not set, so nothing was run on real data")
	return false
}

// wantCode runs a command and checks its exit code: code 2 espalier search --x
func wantCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code CODE COMMAND [ARG ...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// wantSameStudy compares the events of two run directories, times aside.
func wantSameStudy(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: timeless RUN RUN")
	}
	a, b := timeless(ts, args[0]), timeless(ts, args[1])
	if bytes.Equal(a, b) == neg {
		ts.Fatalf("the events of %s and %s are equal: %v", args[0], args[1], !neg)
	}
}

// timeless are the events of a run directory without what may differ between
// two runs of one study: times, and where the data lies.
func timeless(ts *testscript.TestScript, dir string) []byte {
	r, err := journal.OpenReader(ts.MkAbs(dir))
	ts.Check(err)
	defer r.Close()
	var all []byte
	for {
		e, err := r.Next()
		if err != nil {
			return all
		}
		e = event.Timeless(e)
		if e.Started != nil {
			started := *e.Started
			started.Name, started.Config = "", nil
			e.Started = &started
		}
		line, err := json.Marshal(e)
		ts.Check(err)
		all = append(append(all, line...), '\n')
	}
}

// writeBytes writes a file of n bytes: bytes FILE N VALUE
func writeBytes(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: bytes FILE COUNT VALUE")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	value, err := strconv.Atoi(args[2])
	ts.Check(err)
	name := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(name), 0o777))
	ts.Check(os.WriteFile(name, bytes.Repeat([]byte{byte(value)}, n), 0o666))
}

// writeLines writes a file of n lines of five words, the first of which is the
// line's own: lines FILE N
func writeLines(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: lines FILE COUNT")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	var text []byte
	for i := range n {
		text = fmt.Appendf(text, "line%d is one of many\n", i)
	}
	name := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(name), 0o777))
	ts.Check(os.WriteFile(name, text, 0o666))
}

// flipBit flips a bit in the middle of a file.
func flipBit(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[0])
	b, err := os.ReadFile(name)
	ts.Check(err)
	b[len(b)/2] ^= 1
	ts.Check(os.WriteFile(name, b, 0o666))
}

// interruptAt starts a search, or a training, in the background, sends it SIGINT
// once N trials, or trainings, have ended, and checks that it exits with 130:
// interrupt RUN N ARG ...
func interruptAt(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	cmd := program(ts, args[2:])
	next := "resume "
	if args[2] == "train" {
		next = "train "
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	ts.Check(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for sent := false; ; {
		select {
		case err := <-ended:
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
				ts.Fatalf("the interrupted search ended with %v, want exit code %d\n%s", err, exitInterrupted, stderr.Bytes())
			}
			if !bytes.Contains(stderr.Bytes(), []byte("espalier "+next)) {
				ts.Fatalf("the interrupted command does not say how to go on:\n%s", stderr.Bytes())
			}
			return
		case <-time.After(10 * time.Millisecond): // how often to look, not how long to wait
			if !sent && endedIn(ts.MkAbs(args[0]), args[2]) >= n {
				sent = true
				ts.Check(cmd.Process.Signal(os.Interrupt))
			}
		}
	}
}

// runUnheard runs espalier while nobody reads what it prints, as after an
// interruption that ended the tee behind it: unheard search --name a
func runUnheard(ts *testscript.TestScript, _ bool, args []string) {
	r, w, err := os.Pipe()
	ts.Check(err)
	ts.Check(r.Close())
	defer w.Close()
	cmd := program(ts, args)
	cmd.Stdout, cmd.Stderr = w, w
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != exitFailed {
		ts.Fatalf("the command ended with %v, want exit code %d, since its results were lost", err, exitFailed)
	}
}

// program is espalier, to be run as a script would.
func program(ts *testscript.TestScript, args []string) *exec.Cmd {
	exe, err := exec.LookPath("espalier")
	if err != nil {
		exe = filepath.Join(filepath.SplitList(ts.Getenv("PATH"))[0], "espalier")
	}
	cmd := exec.Command(exe, args...)
	cmd.Dir = ts.MkAbs(".")
	for _, name := range []string{"PATH", "HOME", "XDG_CACHE_HOME", "COLUMNS"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	return cmd
}

// controlled runs a search and, once one of its trials has ended, some commands
// one after the other, separated by commas, each of which has to succeed, or to
// fail if "!" comes first; then it waits for the search: controlled CODE RUN SEARCH [ARG ...] , CONTROL ...
func controlled(ts *testscript.TestScript, _ bool, args []string) {
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	var commands [][]string
	for rest := args[2:]; ; {
		at := slices.Index(rest, ",")
		if at < 0 {
			commands = append(commands, rest)
			break
		}
		commands, rest = append(commands, rest[:at]), rest[at+1:]
	}
	search := program(ts, commands[0])
	var stderr bytes.Buffer
	search.Stderr = &stderr
	ts.Check(search.Start())
	ended := make(chan error, 1)
	go func() { ended <- search.Wait() }()
	for endedIn(ts.MkAbs(args[1]), "search") < 1 {
		select {
		case err := <-ended:
			ts.Fatalf("the search ended with %v\n%s", err, stderr.Bytes())
		case <-time.After(10 * time.Millisecond): // how often to look, not how long to wait
		}
	}
	for _, args := range commands[1:] {
		fails := args[0] == "!"
		if fails {
			args = args[1:]
		}
		if out, err := program(ts, args).CombinedOutput(); (err != nil) != fails {
			_ = search.Process.Kill()
			ts.Fatalf("espalier %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	var exit *exec.ExitError
	if err := <-ended; err != nil && !errors.As(err, &exit) || search.ProcessState.ExitCode() != code {
		ts.Fatalf("the search ended with %v, want exit code %d\n%s", err, code, stderr.Bytes())
	}
	ts.Check(os.WriteFile(ts.MkAbs("progress"), stderr.Bytes(), 0o666))
}

// wantSameTrials compares what two studies did, whenever they did it: their
// trials, updates and results, times aside.
func wantSameTrials(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: sametrials RUN RUN")
	}
	var told [2][]string
	for i, dir := range args {
		for line := range bytes.Lines(timeless(ts, dir)) {
			var e event.Event
			ts.Check(json.Unmarshal(line, &e))
			if e.Seq = 0; e.Sampled != nil || e.Done != nil || e.Updated != nil {
				line, err := json.Marshal(e)
				ts.Check(err)
				told[i] = append(told[i], string(line))
			}
		}
		slices.Sort(told[i])
	}
	if slices.Equal(told[0], told[1]) == neg {
		ts.Fatalf("the trials of %s and %s are equal: %v", args[0], args[1], !neg)
	}
}

// endedIn is the number of trials, or of trainings, that have ended in a run
// directory.
func endedIn(dir, command string) int {
	if command == "train" {
		rows, err := journal.ReadTrainings(dir)
		if err != nil {
			return 0
		}
		return len(rows)
	}
	state, err := journal.ReadState(dir)
	if err != nil {
		return 0
	}
	return state.Counts.Ended()
}
