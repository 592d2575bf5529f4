package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/supply"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func (a *app) pluginLockCommand() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "lock PLUGIN...",
		Short: "Pin plugins by their hashes in a lock file",
		Long: `Pin plugins by their hashes in a lock file, espalier.lock in the current folder,
and keep a copy of each in the store. Wherever that file is found, or named with
--lock, a plugin that differs from what is pinned for it is refused before any
of it runs, and the refusal says what changed.

A plugin that is pinned already is pinned anew. With --check, nothing is written:
the command fails if any plugin that is pinned has changed or is missing.`,
		Example: `  espalier plugin lock ./mine.wasm cnn
  espalier plugin lock --check`,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case check && len(args) > 0:
				return usagef("%s --check takes no plugin: it checks all that are pinned", cmd.CommandPath())
			case check:
				return a.checkLock()
			case len(args) == 0:
				return usagef("%s takes the plugins that are to be pinned, .wasm files or bundled names; see %s --help", cmd.CommandPath(), cmd.CommandPath())
			}
			return unlessStopped(cmd.Context(), a.pinPlugins(cmd.Context(), args))
		},
	}
	a.lockFlag(cmd)
	limitsFlag(cmd)
	cmd.Flags().BoolVar(&check, "check", false, "write nothing: say whether what is pinned is unchanged")
	return cmd
}

// pinning is what `espalier plugin lock --json` prints.
type pinning struct {
	Schema  string       `json:"schema"` // "espalier.pinned/1"
	Lock    string       `json:"lock"`
	Plugins []supply.Pin `json:"plugins"` // all that are pinned
}

func (a *app) pinPlugins(ctx context.Context, addresses []string) error {
	lock, err := supply.ReadLock(cmp.Or(a.lockFile, supply.LockFile))
	if err != nil && !supply.IsMissing(err) {
		return &exitError{code: exitPlugin, err: err}
	}
	store, err := userStore()
	if err != nil {
		return err
	}
	var said strings.Builder
	for _, address := range addresses {
		p, err := openPlugin(address, a.limits.FileBytes)
		if err != nil {
			return err
		}
		manifest, err := a.manifestOf(ctx, p)
		if err != nil {
			return err
		}
		before, err := lock.Pin(p, manifest)
		if err != nil {
			return &exitError{code: exitUsage, err: err}
		}
		if _, err := store.Put(p.Wasm); err != nil {
			return err
		}
		now := lock.Find(p, manifest)
		switch {
		case before == nil:
			fmt.Fprintf(&said, "pinned %s\n", pinText(*now))
		case before.SHA256 == now.SHA256:
			fmt.Fprintf(&said, "unchanged %s\n", pinText(*now))
		default:
			fmt.Fprintf(&said, "pinned anew %s\n", pinText(*now))
			for _, change := range before.Changes(p) {
				fmt.Fprintf(&said, "  %s\n", change)
			}
		}
	}
	if err := lock.Write(); err != nil {
		return err
	}
	if err := store.Note(lock.Path()); err != nil {
		return err
	}
	fmt.Fprint(a.info(), said.String())
	if a.json {
		return a.printJSON(pinning{"espalier.pinned/1", lock.Path(), lock.Plugins})
	}
	return nil
}

// manifestOf is a plugin's manifest: its section, or, where it has none, what it
// says of itself in the sandbox. A plugin that would not load is refused.
func (a *app) manifestOf(ctx context.Context, p supply.Plugin) (*spec.Manifest, error) {
	x := sandbox.Inspect(p.Address, p.Wasm, a.limits)
	if len(x.Problems) > 0 {
		return nil, pluginError(x.Problems[0])
	}
	if x.Manifest != nil {
		return x.Manifest, nil
	}
	g, err := startPlugin(ctx, p, sandboxOptions(a.limits))
	if err != nil {
		return nil, err
	}
	defer g.close(ctx)
	manifest := g.module.Manifest()
	return &manifest, nil
}

// checkLock compares what is pinned with what lies there.
func (a *app) checkLock() error {
	lock, err := a.readLock()
	if err != nil {
		return err
	}
	if len(lock.Plugins) == 0 {
		return usagef("plugin lock --check: %s pins nothing", lock.Path())
	}
	store, err := userStore()
	if err != nil {
		return err
	}
	var problems []error
	for _, pin := range lock.Plugins {
		standing := lock.Standing(store, pin, a.limits.FileBytes)
		fmt.Fprintf(a.term.Out, "%-8s %s\n", standing, pinText(pin))
		if standing == supply.Same {
			continue
		}
		p, err := openPlugin(lock.Address(pin), a.limits.FileBytes)
		if err == nil {
			err = lockError(lock.Check(p))
		}
		problems = append(problems, err)
	}
	if problems != nil {
		return &exitError{code: exitPlugin, err: errors.Join(problems...)}
	}
	return nil
}
