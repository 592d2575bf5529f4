package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/plugins/bundled"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// build is what `espalier version --json` prints.
type build struct {
	Schema  string   `json:"schema"` // "espalier.version/1"
	Version string   `json:"version"`
	Go      string   `json:"go"`
	OS      string   `json:"os"`
	Arch    string   `json:"arch"`
	Kernels string   `json:"kernels"`
	ABI     string   `json:"abi"`
	Plugins []string `json:"plugins"`
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version and what this binary holds",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			b := build{
				Schema:  "espalier.version/1",
				Version: version,
				Go:      runtime.Version(),
				OS:      runtime.GOOS,
				Arch:    runtime.GOARCH,
				Kernels: string(kernels.Active()),
				ABI:     fmt.Sprintf("%d.%d", spec.ABIMajor, spec.ABIMinor),
				Plugins: bundled.Names(),
			}
			if a.json {
				return a.printJSON(b)
			}
			plugins := strings.Join(b.Plugins, ", ")
			if plugins == "" {
				plugins = "none (make build bundles them)"
			}
			fmt.Fprintf(a.term.Out, "espalier %s\n%s %s/%s, kernels %s, plugin ABI %s\nbundled plugins: %s\n",
				b.Version, b.Go, b.OS, b.Arch, b.Kernels, b.ABI, plugins)
			return nil
		},
	}
}

// printJSON writes one document to standard output.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.term.Out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// noArgs refuses arguments in the words of this program.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no argument, but was given %q; see %s --help", cmd.CommandPath(), args[0], cmd.CommandPath())
	}
	return nil
}
