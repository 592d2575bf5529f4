package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/host/supply"
	"github.com/espalier-nas/espalier/wasm/sandbox"
)

func (a *app) lockFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&a.lockFile, "lock", "", "lock file that pins plugins (default "+supply.LockFile+", if there is one)")
}

// readLock reads the lock file: the one that --lock names, or that of the
// current folder. Without one it returns an empty lock.
func (a *app) readLock() (*supply.Lock, error) {
	lock, err := supply.ReadLock(cmp.Or(a.lockFile, supply.LockFile))
	if err == nil || a.lockFile == "" && supply.IsMissing(err) {
		return lock, nil
	}
	if supply.IsMissing(err) {
		return nil, &exitError{code: exitUsage, err: fmt.Errorf("--lock: %w", err), next: "espalier plugin lock --lock " + shellQuote(a.lockFile) + " PLUGIN makes one"}
	}
	return nil, &exitError{code: exitPlugin, err: err}
}

// lockError explains a plugin that is not the one that is pinned.
func lockError(err error) error {
	var e *supply.PinError
	if !errors.As(err, &e) {
		return err
	}
	return changedError(fmt.Sprintf("%v", e), "pinned", changed{
		was: e.Pin.SHA256, is: e.Hash, changes: e.Changes,
		fix: fmt.Sprintf("restore the file, or use what is pinned by its hash, %s%.12s, or pin this one: espalier plugin lock %s",
			supply.HashPrefix, e.Pin.SHA256, shellQuote(e.Plugin)),
	})
}

// changed is a plugin that is not the one that it should be.
type changed struct {
	was, is string // hashes
	changes []string
	fix     string
}

// changedError is the refusal of such a plugin.
func changedError(title, code string, c changed) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  kind    %v (%s)\n  was     %s%s\n  is      %s%s", title, sandbox.ErrRefused, code, supply.HashPrefix, c.was, supply.HashPrefix, c.is)
	for i, change := range c.changes {
		name := ""
		if i == 0 {
			name = "changed"
		}
		fmt.Fprintf(&b, "\n  %-7s %s", name, change)
	}
	fmt.Fprintf(&b, "\n  fix     %s", c.fix)
	return &exitError{code: exitPlugin, err: errors.New(b.String())}
}

// findPlugins finds the plugins that a study began with: where they lay, or, if
// other files lie there now, by their hashes. It refuses others before anything
// runs. Limit is that of a plugin's file in bytes.
func (a *app) findPlugins(kept journal.Study, files pluginFiles, dir string, limit int) (pluginFiles, error) {
	var err error
	if files.space, err = a.findPlugin("space", kept.Space, files.space, dir, kept.Program, limit); err != nil {
		return files, err
	}
	files.shaper, err = a.findPlugin("shaper", kept.Shaper, files.shaper, dir, kept.Program, limit)
	return files, err
}

// findPlugin returns the address of a plugin that a study began with; given is
// where a flag says that it lies.
func (a *app) findPlugin(flag string, was event.Source, given, dir, program string, limit int) (string, error) {
	address := cmp.Or(given, was.Plugin)
	p, err := openPlugin(address, limit)
	if was.Hash == "" || err == nil && p.Hash == was.Hash {
		return address, err
	}
	by := supply.HashPrefix + was.Hash
	_, notKept := openPlugin(by, limit)
	switch {
	case given == "" && notKept == nil:
		fmt.Fprintf(a.info(), "note: %s is not the plugin that the study began with, or is gone; it goes on with that one, %.19s, which was kept\n", address, by)
		return by, nil
	case err != nil:
		return address, err
	}
	fix := fmt.Sprintf("go on with the program that began it, espalier %s, which holds it", program)
	if supply.IsFile(address) || given != "" {
		fix = fmt.Sprintf("give the file that it began with: --%s FILE", flag)
	}
	fix += fmt.Sprintf("; or begin a study anew: espalier search --config %s --name NAME", shellQuote(dir+"/study.json"))
	if notKept == nil {
		fix = "leave --" + flag + " out: the plugin that it began with was kept"
	}
	return address, changedError(fmt.Sprintf("plugin %s is not the one that the study in %s began with; nothing was run, and the study is as it was", address, dir), "changed",
		changed{was: was.Hash, is: p.Hash, changes: was.Changes(supply.Describe(p)), fix: fix})
}

// keepPlugins puts the plugins of the study in dir into the store, so that it can
// go on after their files were built anew; with all, those that are built into
// the program, too, so that it can go on after that was replaced.
func (a *app) keepPlugins(s *study, dir string, all bool) {
	store, err := userStore()
	kept := false
	for _, p := range s.plugins {
		bundled := !supply.IsFile(p.Address) && !supply.IsHash(p.Address)
		if kept = kept || all || !bundled; err == nil && (all || supply.IsFile(p.Address)) {
			_, err = store.Put(p.Wasm)
		}
	}
	if err == nil && kept {
		err = store.Note(dir)
	}
	if err != nil {
		fmt.Fprintf(a.info(), "note: the study's plugins are not kept, so it can go on only while their files stay as they are: %v\n", err)
	}
}

// pinText is a pin in a line.
func pinText(p supply.Pin) string {
	return fmt.Sprintf("%s: %s %s, %s bytes, %s%.12s", p.Source, p.Name, p.Version, report.Grouped(int64(p.Bytes)), supply.HashPrefix, p.SHA256)
}
