package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) pluginCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plugin",
		Short: "Look at plugins",
		Long: `Look at plugins: WebAssembly modules that offer search spaces and reward shapers.

A plugin is named by its .wasm file or by the name of a bundled one.`,
	}
	cmd.AddCommand(a.pluginNewCommand(), a.pluginBuildCommand(), a.pluginInfoCommand())
	requireKnownSubcommand(cmd)
	return cmd
}

// onePlugin takes the name of one plugin.
func onePlugin(cmd *cobra.Command, args []string) error {
	if len(args) == 1 && args[0] != "" {
		return nil
	}
	return usagef("%s takes one plugin, a .wasm file or a bundled name, but was given %q; see %s --help", cmd.CommandPath(), strings.Join(args, " "), cmd.CommandPath())
}

// pluginFile reads a plugin and gives a failure its exit code.
func pluginFile(name string, limit int) ([]byte, error) {
	wasm, err := pluginBytes(name, limit)
	if err != nil {
		return nil, &exitError{code: exitPlugin, err: fmt.Errorf("plugin %s: %w", name, err)}
	}
	return wasm, nil
}
