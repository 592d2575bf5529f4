package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/wasm/sandbox"
)

// limitsFlagName names the flag, and limitsMember the member of a study's
// configuration, that hold what plugins may use.
const (
	limitsFlagName = "plugin-limits"
	limitsMember   = "plugin_limits"
)

// limitsHelp describes the flag.
const limitsHelp = "what plugins may use, e.g. fuel.next=2G,memory=128MiB; espalier plugin info PLUGIN lists all limits"

// limitsFlag adds --plugin-limits to a command that reads or runs plugins, but
// no study; prepare reads it into app.limits.
func limitsFlag(cmd *cobra.Command) { cmd.Flags().String(limitsFlagName, "", limitsHelp) }

// readLimits reads --plugin-limits, of a study's command, too.
func (a *app) readLimits(cmd *cobra.Command) error {
	text := ""
	if f := cmd.Flags().Lookup(limitsFlagName); f != nil {
		text = f.Value.String()
	}
	var err error
	if a.limits, err = sandbox.ParseLimits(text); err != nil {
		return usagef("--%s: %w", limitsFlagName, err)
	}
	return nil
}

// limitsTable lists all limits.
func limitsTable(limits sandbox.Limits) report.Table {
	table := report.Table{Columns: []report.Column{{Title: "limit"}, {Title: "value", Right: true}, {Title: "of what (--" + limitsFlagName + " NAME=VALUE,... sets them)", Wrap: true}}}
	for _, l := range limits.List() {
		meaning := l.Meaning
		if !l.Usual {
			meaning += " (set)"
		}
		table.Rows = append(table.Rows, []string{l.Name, l.Value, meaning})
	}
	return table
}

// sandboxOptions are the usual ones with given limits.
func sandboxOptions(l sandbox.Limits) sandbox.Options {
	o := sandbox.Default()
	o.Limits = l
	return o
}

// studyLimits are those of a study's configuration.
func studyLimits(c search.Config) (sandbox.Limits, error) {
	l, err := sandbox.ParseLimits(c.PluginLimits)
	if err != nil {
		return l, usagef("study: %s: %w", limitsMember, err)
	}
	return l, nil
}

// underLimits is the configuration of a study that was begun, with the limits of
// c; nil: those are what it has.
func underLimits(kept json.RawMessage, c search.Config) (json.RawMessage, error) {
	was, err := search.Decode(kept)
	if err != nil || was.PluginLimits == c.PluginLimits {
		return nil, err
	}
	was.PluginLimits = c.PluginLimits
	b, err := json.Marshal(was)
	if err != nil {
		return nil, fmt.Errorf("study: encode: %w", err)
	}
	return b, nil
}
