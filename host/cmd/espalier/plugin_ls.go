package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/host/supply"
	"github.com/espalier-nas/espalier/plugins/bundled"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func (a *app) pluginLsCommand() *cobra.Command {
	var runs string
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "List the bundled plugins, those that studies kept, and what is pinned",
		Args:  noArgs,
		RunE:  func(*cobra.Command, []string) error { return a.pluginLs(runs) },
	}
	runsFlag(cmd, &runs)
	a.lockFlag(cmd)
	limitsFlag(cmd)
	return cmd
}

// pluginList is what `espalier plugin ls --json` prints.
type pluginList struct {
	Schema  string       `json:"schema"` // "espalier.plugins/1"
	Bundled []pluginView `json:"bundled"`
	Store   string       `json:"store"` // folder
	Stored  []pluginView `json:"stored"`
	Lock    string       `json:"lock"` // path; empty: there is none
	Pinned  []pinView    `json:"pinned"`
	unsure  bool         // something that may need stored ones cannot be read
}

// pluginView is one plugin in a list.
type pluginView struct {
	Address  string         `json:"address"`
	SHA256   string         `json:"sha256"`
	Bytes    int            `json:"bytes"`
	Manifest *spec.Manifest `json:"manifest"`          // null: it has none that can be read
	Problem  string         `json:"problem,omitempty"` // why it cannot be read
	// NeededBy, of one in the store, are the run directories and lock files that
	// name it.
	NeededBy []string `json:"needed_by,omitempty"`
}

// hash is that of a plugin in the store, which may be damaged.
func (v pluginView) hash() string { return strings.TrimPrefix(v.Address, supply.HashPrefix) }

// pinView is one entry of the lock file, held against what lies there now.
type pinView struct {
	supply.Pin
	Standing string `json:"standing"` // "same", "changed" or "missing"
}

func (a *app) pluginLs(runs string) error {
	l := pluginList{Schema: "espalier.plugins/1", Bundled: []pluginView{}, Stored: []pluginView{}, Pinned: []pinView{}}
	for _, name := range bundled.Names() {
		l.Bundled = append(l.Bundled, a.viewPlugin(name))
	}
	lock, err := a.readLock()
	if err != nil {
		return err
	}
	store, err := userStore()
	if err != nil {
		fmt.Fprintln(a.info(), "note:", err)
	} else {
		l.Store = store.Dir
		needs, err := findNeeds(store, runs, lock)
		if err != nil {
			fmt.Fprintln(a.info(), "note:", err)
			l.unsure = true
		}
		if l.Stored, err = a.viewStored(store, needs); err != nil {
			fmt.Fprintln(a.info(), "note:", err)
		}
	}
	if len(lock.Plugins) > 0 {
		l.Lock = lock.Path()
	}
	for _, pin := range lock.Plugins {
		l.Pinned = append(l.Pinned, pinView{pin, lock.Standing(store, pin, a.limits.FileBytes)})
	}
	if a.json {
		return a.printJSON(l)
	}
	a.printPlugins(a.term.Out, l)
	return nil
}

// viewStored are the plugins of the store, and what they are needed for.
func (a *app) viewStored(store supply.Store, n needs) ([]pluginView, error) {
	hashes, err := store.List()
	views := []pluginView{}
	for _, hash := range hashes {
		v := a.viewPlugin(supply.HashPrefix + hash)
		v.NeededBy = n.by[hash]
		views = append(views, v)
	}
	return views, err
}

func (a *app) viewPlugin(address string) pluginView {
	p, err := openPlugin(address, a.limits.FileBytes)
	v := pluginView{Address: address, SHA256: p.Hash, Bytes: len(p.Wasm), Manifest: supply.Describe(p).Manifest}
	if err != nil {
		v.SHA256, v.Problem = "", err.Error()
	}
	return v
}

func (a *app) printPlugins(w io.Writer, l pluginList) {
	if len(l.Bundled) == 0 {
		fmt.Fprintln(w, "no bundled plugins: this program was built without them (make build bundles them)")
	}
	table := report.Table{Columns: []report.Column{{Title: "bundled"}, {Title: "version", Drop: 1}, {Title: "for"}, {Title: "size", Right: true, Drop: 2}, {Title: "what it is", Wrap: true}}}
	for _, p := range l.Bundled {
		if p.Manifest == nil {
			table.Rows = append(table.Rows, []string{p.Address, "", "", "", titleOf(p)})
			continue
		}
		size := report.Bytes(int64(p.Bytes)) // once for a plugin
		offer := func(o spec.Offer, use string) {
			table.Rows = append(table.Rows, []string{p.Address + ":" + o.Name, p.Manifest.Version, use, size, o.Summary})
			size = ""
		}
		for _, o := range p.Manifest.Spaces {
			offer(o, string(o.Task))
		}
		for _, o := range p.Manifest.Shapers {
			offer(o, "reward")
		}
	}
	if len(table.Rows) > 0 {
		fmt.Fprint(w, table.Render(a.screen()))
	}
	a.printStored(w, l)
	if len(l.Pinned) > 0 {
		fmt.Fprintf(w, "\npinned by %s\n", l.Lock)
		for _, p := range l.Pinned {
			fmt.Fprintf(w, "  %-8s %s\n", p.Standing, pinText(p.Pin))
		}
	}
}

// printStored lists the plugins of the store.
func (a *app) printStored(w io.Writer, l pluginList) {
	if len(l.Stored) == 0 {
		return
	}
	table := report.Table{Columns: []report.Column{{Title: "kept"}, {Title: "size", Right: true}, {Title: "needed by", Drop: 1}, {Title: "what it is", Wrap: true}}}
	idle, size := 0, 0
	for _, p := range l.Stored {
		by := whether(l.unsure, "unknown", "nothing")
		switch n := len(p.NeededBy); {
		case n == 0:
			idle, size = idle+1, size+p.Bytes
		case n == 1:
			by = filepath.Base(p.NeededBy[0])
		default:
			by = fmt.Sprintf("%s and %d more", filepath.Base(p.NeededBy[0]), n-1)
		}
		table.Rows = append(table.Rows, []string{fmt.Sprintf("%.19s", p.Address), report.Bytes(int64(p.Bytes)), by, titleOf(p)})
	}
	fmt.Fprintf(w, "\n%sthey lie in %s\n", table.Render(a.screen()), l.Store)
	if idle > 0 && !l.unsure {
		fmt.Fprintf(a.info(), "next: %s   # removes %s, %s, that nothing needs\n", a.called("espalier plugin prune"), plural(idle, "plugin"), report.Bytes(int64(size)))
	}
}

// titleOf says in a line what a plugin is.
func titleOf(p pluginView) string {
	switch m := p.Manifest; {
	case p.Problem != "":
		return "cannot be read: " + p.Problem
	case m == nil:
		return p.Address + ": it has no manifest"
	default:
		return m.Name + " " + m.Version + ": " + m.Summary
	}
}
