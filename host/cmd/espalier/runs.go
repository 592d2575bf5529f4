package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// defaultRuns is the folder that holds the run directories.
const defaultRuns = "runs"

// controlDir is the run directory of a study's random control, inside its own.
const controlDir = "control"

// latest stands for the study that was created last.
const latest = "latest"

func runsFlag(cmd *cobra.Command, runs *string) {
	cmd.Flags().StringVar(runs, "runs", defaultRuns, "folder that holds the run directories")
}

// findRun turns an argument into a run directory: a path, a name inside the
// runs folder, or "latest".
func findRun(runs, arg string) (string, error) {
	if arg == latest {
		return latestRun(runs)
	}
	var tried []string
	for _, dir := range []string{arg, filepath.Join(runs, arg)} {
		_, err := journal.ReadStudy(dir)
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, journal.ErrNoStudy) {
			return "", storageError(err)
		}
		tried = append(tried, dir)
	}
	names, _ := runNames(runs)
	return "", &exitError{
		code: exitData,
		err:  fmt.Errorf("no study at %s or %s%s", tried[0], tried[1], spec.Suggest(arg, names)),
		next: "espalier ls",
	}
}

func latestRun(runs string) (string, error) {
	entries, err := listRuns(runs)
	if err != nil {
		return "", err
	}
	for i := len(entries) - 1; i >= 0; i-- {
		if entries[i].Err == nil {
			return entries[i].Dir, nil
		}
	}
	return "", &exitError{code: exitData, err: fmt.Errorf("there is no study in %s", runs), next: "espalier search"}
}

// listRuns reads the studies in the runs folder, the oldest first. A missing
// folder holds none.
func listRuns(runs string) ([]journal.Entry, error) {
	entries, err := journal.List(runs)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, storageError(err)
	}
	sort.SliceStable(entries, func(i, j int) bool {
		return entries[i].Study.Created.Before(entries[j].Study.Created)
	})
	return entries, nil
}

func runNames(runs string) ([]string, error) {
	entries, err := listRuns(runs)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = filepath.Base(e.Dir)
	}
	return names, err
}

// freeDir is the first of name, name-2, name-3 … that does not exist in runs.
func freeDir(runs, name string) (string, error) {
	dir := filepath.Join(runs, name)
	for n := 2; ; n++ {
		_, err := os.Lstat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return dir, nil
		}
		if err != nil {
			return "", usagef("no run directory can be made in %s: %v; choose another folder with --runs", runs, err)
		}
		dir = filepath.Join(runs, fmt.Sprintf("%s-%d", name, n))
	}
}

// longestName bounds a study's name in bytes, so that the name of its directory
// fits every file system, a number included.
const longestName = 100

// checkName refuses what cannot be the name of a directory inside the runs
// folder, or would be taken for something else.
func checkName(name string) error {
	legal := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._+ -", r)
	}
	switch {
	case name == "":
		return nil
	case len(name) > longestName:
		return usagef("the name of a study has at most %d bytes, this one has %d", longestName, len(name))
	case name == latest:
		return usagef("%q stands for the newest study and cannot be the name of one", latest)
	case strings.ContainsFunc(name, func(r rune) bool { return !legal(r) }), strings.ContainsAny(name[:1], ".+ -"), name[len(name)-1] == ' ':
		return usagef("the name %q cannot be that of a run directory: use letters, digits and . _ + - or inner spaces, beginning with a letter, a digit or _", name)
	}
	return nil
}

// storageError gives the errors of a run directory their exit codes and the
// next thing to do.
func storageError(err error) error {
	var damage *journal.DamageError
	var storage *journal.StorageError
	var locked *journal.LockedError
	switch {
	case errors.As(err, &locked) && locked.PID != 0:
		next := "stop"
		if s, err := journal.ReadStudy(locked.Dir); err == nil && s.State == event.StudyPaused {
			next = "continue"
		}
		return &exitError{code: exitFailed, err: err, next: "espalier control " + shellQuote(locked.Dir) + " " + next}
	case errors.As(err, &storage) && storage.New:
		return &exitError{code: exitUsage, err: err, next: "choose another folder with --runs"}
	case errors.As(err, &damage):
		return &exitError{code: exitData, err: err, next: "espalier ls"}
	case errors.Is(err, journal.ErrNoStudy), errors.Is(err, fs.ErrNotExist):
		return &exitError{code: exitData, err: err, next: "espalier ls"}
	}
	return err
}

// oneRun takes exactly one argument, the run, as the words of this program.
func oneRun(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usagef("%s takes one run (a directory, a name in --runs, or %q), but was given %d arguments", cmd.CommandPath(), latest, len(args))
	}
	return nil
}
