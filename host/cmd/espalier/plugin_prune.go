package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/host/supply"
)

func (a *app) pluginPruneCommand() *cobra.Command {
	var runs string
	var dry bool
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove kept plugins that no study and no lock file names",
		Long: `Remove from the store the plugins that no study and no lock file names: copies
that were kept for studies which have been deleted since, or for lock files that
pin other plugins by now. Studies are looked for wherever one was begun, and in
--runs; lock files wherever one was written, and in the current folder. A study
needs its plugins as long as its run directory exists, ended or not, so that it
can be repeated; one on a disk that is not mounted counts as deleted. The bundled plugins are part of the program, and stay.`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return a.pluginPrune(runs, dry) },
	}
	runsFlag(cmd, &runs)
	a.lockFlag(cmd)
	cmd.Flags().BoolVarP(&dry, "dry-run", "n", false, "remove nothing: say what would be removed")
	return cmd
}

// pruning is what `espalier plugin prune --json` prints.
type pruning struct {
	Schema  string       `json:"schema"` // "espalier.pruned/1"
	Store   string       `json:"store"`  // folder
	DryRun  bool         `json:"dry_run"`
	Removed []pluginView `json:"removed"` // or that would be
	Bytes   int          `json:"bytes"`   // of those
	Kept    []pluginView `json:"kept"`
}

func (a *app) pluginPrune(runs string, dry bool) error {
	store, err := userStore()
	if err != nil {
		return err
	}
	lock, err := a.readLock()
	if err != nil {
		return err
	}
	n, err := findNeeds(store, runs, lock)
	if err != nil {
		return &exitError{code: exitData, err: fmt.Errorf("plugin prune: %w; which plugins are needed is not known, so nothing was removed; mend or delete that", err)}
	}
	stored, err := a.viewStored(store, n)
	if err != nil {
		return err
	}
	p := pruning{Schema: "espalier.pruned/1", Store: store.Dir, DryRun: dry, Removed: []pluginView{}, Kept: []pluginView{}}
	for _, v := range stored {
		if len(v.NeededBy) > 0 {
			p.Kept = append(p.Kept, v)
			continue
		}
		if !dry {
			if err := store.Remove(v.hash()); err != nil {
				return err
			}
		}
		p.Removed, p.Bytes = append(p.Removed, v), p.Bytes+v.Bytes
	}
	if !dry {
		if err := store.Forget(n.gone); err != nil {
			return err
		}
	}
	if a.json {
		return a.printJSON(p)
	}
	a.printPruning(p)
	return nil
}

func (a *app) printPruning(p pruning) {
	w := a.term.Out
	verb := "removed"
	if p.DryRun {
		verb = "would remove"
	}
	for _, v := range p.Removed {
		fmt.Fprintf(w, "%s %.19s  %8s  %s\n", verb, v.Address, report.Bytes(int64(v.Bytes)), titleOf(v))
	}
	if n := len(p.Removed); n > 0 {
		fmt.Fprintf(w, "%s %s, %s\n", verb, plural(n, "plugin"), report.Bytes(int64(p.Bytes)))
	} else {
		fmt.Fprintln(w, "no plugin is to be removed")
	}
	n := len(p.Kept)
	fmt.Fprintf(w, "%s that studies or lock files name %s in %s\n", plural(n, "plugin"), whether(n == 1, "stays", "stay"), p.Store)
}

// needs says what the plugins in the store are needed for.
type needs struct {
	by   map[string][]string // run directories and lock files, by the hash of a plugin
	gone []string            // those that were noted and do not exist any more
}

// findNeeds asks all studies and lock files that are known: those that were
// noted in the store, the studies in the folder runs, and the given lock file.
// The error names one that exists and cannot be read.
func findNeeds(store supply.Store, runs string, lock *supply.Lock) (needs, error) {
	n := needs{by: map[string][]string{}}
	noted, err := store.Users()
	if err != nil {
		return n, err
	}
	for _, path := range noted {
		exists, err := n.ask(path)
		if err != nil {
			return n, err
		}
		if !exists {
			n.gone = append(n.gone, path)
		}
	}
	here := []string{lock.Path()}
	entries, err := os.ReadDir(runs)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return n, err
	}
	for _, e := range entries {
		here = append(here, filepath.Join(runs, e.Name()))
	}
	for _, path := range here {
		full, err := filepath.Abs(path)
		if err == nil && !slices.Contains(noted, full) {
			_, err = n.ask(full)
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// ask notes which plugins a run directory or a lock file names, and reports
// whether it is one, and exists.
func (n *needs) ask(path string) (exists bool, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var hashes []string
	if info.IsDir() {
		study, err := journal.ReadStudy(path)
		if errors.Is(err, journal.ErrNoStudy) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		hashes = []string{study.Space.Hash, study.Shaper.Hash}
	} else if filepath.Ext(path) == filepath.Ext(supply.LockFile) {
		lock, err := supply.ReadLock(path)
		if err != nil {
			return false, err
		}
		for _, pin := range lock.Plugins {
			hashes = append(hashes, pin.SHA256)
		}
	}
	for _, hash := range hashes {
		n.by[hash] = append(n.by[hash], path)
	}
	return true, nil
}
