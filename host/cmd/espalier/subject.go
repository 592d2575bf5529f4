package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/host/child/cell"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// subject is a network that is to be trained anew, and where it came from.
type subject struct {
	name    string // such as "trial 3" or "lstm"
	source  string // a run directory, or a file
	trial   int    // of the run; 0: none
	network *spec.Network
	// study is the configuration of the run; nil if the network is from a file.
	study map[string]any
	// epochSeconds is how long an epoch took in the run, on data; 0 if nobody
	// knows.
	epochSeconds float64
	data         event.Data
}

// findSubject reads RUN, RUN:TRIAL or a network's file, or builds a network of a
// named cell.
func findSubject(runs, arg string) (*subject, error) {
	if info, err := os.Stat(arg); err == nil && info.Mode().IsRegular() {
		return readSubject(arg)
	}
	if named, err := cell.Named(arg); err == nil && !exists(arg) && !exists(filepath.Join(runs, arg)) {
		return &subject{name: arg, source: arg, network: languageModelOf(named)}, nil
	}
	run, trial := arg, 0
	if i := strings.LastIndexByte(arg, ':'); i >= 0 {
		n, err := strconv.Atoi(arg[i+1:])
		if err != nil || n < 1 {
			return nil, usagef("--net %q: want RUN, RUN:TRIAL, the JSON file of a network or a named cell; %q is not the number of a trial", arg, arg[i+1:])
		}
		run, trial = arg[:i], n
	}
	if strings.HasSuffix(run, ".json") {
		_, err := os.Stat(run)
		return nil, &exitError{code: exitUsage, err: fmt.Errorf("--net: %w", err)}
	}
	dir, err := findRun(runs, run)
	if err != nil {
		return nil, notNamed(err)
	}
	return runSubject(dir, trial)
}

// notNamed says of a run that was not found that it is no named cell either.
func notNamed(err error) error {
	var e *exitError
	if errors.As(err, &e) && e.next == "espalier ls" {
		e.err = fmt.Errorf("%w; nor is it a named cell: %s", e.err, strings.Join(cell.Names(), ", "))
	}
	return err
}

// runSubject is a trial of a run; the best if its number is 0.
func runSubject(dir string, trial int) (*subject, error) {
	state, err := journal.ReadState(dir)
	if err != nil {
		return nil, storageError(err)
	}
	if trial == 0 {
		if trial = state.BestID; trial == 0 {
			return nil, usagef("no trial of %s has succeeded, so there is no best network; name a trial as %s:TRIAL", dir, filepath.Base(dir))
		}
	}
	if _, _, _, err := trialEvents(dir, trial); err != nil {
		return nil, err
	}
	network, err := networkOf(dir, state, trial)
	if err != nil {
		return nil, err
	}
	t := state.Trial(trial)
	if network == nil {
		return nil, usagef("trial %d of %s has no network: %s", trial, dir, t.Reason)
	}
	s := &subject{name: fmt.Sprintf("trial %d", trial), source: dir, trial: trial, network: network, data: state.Started.Data}
	if err := json.Unmarshal(state.Started.Config, &s.study); err != nil {
		return nil, &exitError{code: exitData, err: fmt.Errorf("%s: its configuration: %w", dir, err)}
	}
	if n := len(t.Metrics.Epochs); n > 0 && t.Status == event.OK && t.DuplicateOf == 0 {
		s.epochSeconds = t.Seconds / float64(n)
	}
	return s, nil
}

// largestNetwork bounds the size of a network's file in bytes.
const largestNetwork = 16 << 20

func readSubject(name string) (*subject, error) {
	refuse := func(err error) error {
		return &exitError{code: exitUsage, err: fmt.Errorf("--net %s: %w", name, err)}
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, refuse(err)
	}
	if info.Size() > largestNetwork {
		return nil, refuse(fmt.Errorf("it has %d bytes, more than any network", info.Size()))
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, refuse(err)
	}
	network := new(spec.Network)
	if err := json.Unmarshal(text, network); err != nil {
		return nil, refuse(fmt.Errorf("it is not a network: %w", err))
	}
	if err := network.Validate(); err != nil {
		return nil, refuse(err)
	}
	base := filepath.Base(name)
	return &subject{name: strings.TrimSuffix(base, filepath.Ext(base)), source: name, network: network}, nil
}
