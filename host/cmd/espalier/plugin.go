package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/supply"
	"github.com/espalier-nas/espalier/plugins/bundled"
)

func (a *app) pluginCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plugin",
		Short: "Write, build and look at plugins",
		Long: `Write, build and look at plugins: WebAssembly modules that offer search spaces and reward shapers.

A plugin is named by its .wasm file, by the name of a bundled one, or by the hash
of its file: sha256:4e3add7e, at least 8 digits.`,
	}
	cmd.AddCommand(
		a.pluginNewCommand(), a.pluginBuildCommand(), a.pluginABICommand(),
		a.pluginLsCommand(), a.pluginInfoCommand(), a.pluginLockCommand(), a.pluginPruneCommand(),
		a.pluginCheckCommand(), a.pluginSampleCommand(), a.pluginTraceCommand(), a.pluginBenchCommand(),
	)
	requireKnownSubcommand(cmd)
	return cmd
}

// onePlugin takes the name of one plugin.
func onePlugin(cmd *cobra.Command, args []string) error {
	if len(args) == 1 && args[0] != "" {
		return nil
	}
	return usagef("%s takes one plugin, a .wasm file, a bundled name or sha256:HASH, but was given %q; see %s --help", cmd.CommandPath(), strings.Join(args, " "), cmd.CommandPath())
}

// userStore is where plugins are found.
func userStore() (supply.Store, error) {
	return supply.UserStore(supply.Shelf{Names: bundled.Names, Open: bundled.Open})
}

// openPlugin reads the plugin at an address: a file, a bundled name or a hash.
func openPlugin(address string, limit int) (supply.Plugin, error) {
	if isDocument(address) {
		return supply.Plugin{}, &exitError{code: exitUsage, next: "espalier plugin info " + declared,
			err: fmt.Errorf("plugin %s: it is the document of a space, which the bundled plugin %s interprets", address, declared)}
	}
	store, err := userStore()
	if err != nil && supply.IsHash(address) {
		return supply.Plugin{}, &exitError{code: exitPlugin, err: err}
	}
	p, err := store.Open(address, limit)
	if err != nil {
		next := "espalier plugin ls"
		if errors.Is(err, bundled.ErrNone) {
			next = "make build"
		}
		return p, &exitError{code: exitPlugin, err: fmt.Errorf("plugin %s: %w", address, err), next: next}
	}
	return p, nil
}

// unlessStopped is the error of a command that has nothing to save, or that it
// was interrupted.
func unlessStopped(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return interruption(context.Cause(ctx), "")
	}
	return err
}
