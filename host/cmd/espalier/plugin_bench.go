package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/host/supply"
	"github.com/espalier-nas/espalier/plugins/bundled"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func (a *app) pluginBenchCommand() *cobra.Command {
	var params string
	cmd := &cobra.Command{
		Use:   "bench [PLUGIN[:NAME]]...",
		Short: "Measure how fast plugins load and answer",
		Long: `Measure how fast plugins load and answer, by default the bundled ones: loading
with and without compiled code on disk, a new instance, single calls with the
fuel that they spend, and a walk of 40 decisions whose transitions are known. The
last column is the time of metered calls over that of the same calls without
metering. NAME is that of a space or of a shaper; without it, a plugin's first
space and first shaper are measured.`,
		Example: `  espalier plugin bench
  espalier plugin bench ./mine.wasm:mine --params '{"depth": 3}'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return unlessStopped(cmd.Context(), a.pluginBench(cmd.Context(), args, json.RawMessage(params)))
		},
	}
	cmd.Flags().StringVar(&params, "params", "", "parameters of the space, or of the shaper that is named, a JSON object")
	a.lockFlag(cmd)
	limitsFlag(cmd)
	return cmd
}

// pluginBenches is what `espalier plugin bench --json` prints.
type pluginBenches struct {
	Schema  string        `json:"schema"` // "espalier.bench.plugin/1"
	CPU     string        `json:"cpu"`
	Engine  string        `json:"engine"`
	Plugins []pluginBench `json:"plugins"`
}

// pluginBench is what was measured of one plugin. Times are in seconds.
type pluginBench struct {
	Plugin          string  `json:"plugin"`
	SHA256          string  `json:"sha256"`
	Space           string  `json:"space,omitempty"`
	Shaper          string  `json:"shaper,omitempty"`
	Bytes           int     `json:"bytes"`
	ColdSeconds     float64 `json:"cold_seconds"`     // loading, the first time: compiling
	WarmSeconds     float64 `json:"warm_seconds"`     // loading with compiled code on disk, the least of several
	InstanceSeconds float64 `json:"instance_seconds"` // a new instance from its start to a first describe, likewise
	MemoryBytes     int64   `json:"memory_bytes"`     // largest linear memory after a call

	Calls []callBench `json:"calls"`
	Walk  *walkBench  `json:"walk,omitempty"` // of a space
}

// callBench is one operation.
type callBench struct {
	Op         string  `json:"op"`
	Calls      int     `json:"calls"`
	P50Seconds float64 `json:"p50_seconds"`
	P99Seconds float64 `json:"p99_seconds"`
	Fuel       int64   `json:"fuel"`      // median
	FuelMost   int64   `json:"fuel_most"` // largest
	Metering   float64 `json:"metering"`  // time over that without metering
}

// walkBench is what walks cost once the transitions of a space are known.
type walkBench struct {
	Decisions  int     `json:"decisions"` // of a walk; walks stop at 40
	P50Seconds float64 `json:"p50_seconds"`
	P99Seconds float64 `json:"p99_seconds"`
	Cacheable  float64 `json:"cacheable"` // share of the steps that have a state
}

func (a *app) pluginBench(ctx context.Context, addresses []string, params json.RawMessage) error {
	if len(addresses) == 0 {
		if addresses = bundled.Names(); len(addresses) == 0 {
			return usagef("plugin bench: there are no bundled plugins; name a .wasm file")
		}
	}
	all := pluginBenches{Schema: "espalier.bench.plugin/1", CPU: processorName(), Engine: sandbox.Engine()}
	for _, address := range addresses {
		b, err := a.benchPlugin(ctx, address, params)
		if err != nil {
			return inDocument(address, err)
		}
		if all.Plugins = append(all.Plugins, b); a.json {
			continue
		}
		if len(all.Plugins) == 1 {
			fmt.Fprintf(a.term.Out, "%s, %s\n", all.CPU, all.Engine)
		}
		a.printPluginBench(b)
	}
	if a.json {
		return a.printJSON(all)
	}
	return nil
}

// loads is how often loading and instantiating are repeated.
const loads = 5

func (a *app) benchPlugin(ctx context.Context, address string, params json.RawMessage) (b pluginBench, err error) {
	address, text, err := documentAddress(address, string(params))
	if err != nil {
		return b, err
	}
	plugin, offer := supply.Split(address)
	params = json.RawMessage(text)
	cache, err := os.MkdirTemp("", "espalier-bench-")
	if err != nil {
		return b, err
	}
	defer os.RemoveAll(cache)
	options := sandboxOptions(a.limits)
	options.CacheDir = cache
	p, err := a.pinnedPlugin(plugin)
	if err != nil {
		return b, err
	}
	b = pluginBench{Plugin: plugin, SHA256: p.Hash, Bytes: len(p.Wasm)}
	metered, err := b.load(ctx, p, options, offer, params)
	if err != nil {
		return b, err
	}
	defer metered.close(ctx)
	options.Unmetered = true
	unmetered, err := startPlugin(ctx, p, options)
	if err != nil {
		return b, err
	}
	defer unmetered.close(ctx)
	requests, err := b.requests(ctx, metered, params)
	if err != nil {
		return b, err
	}
	for _, r := range requests {
		call, memory, err := benchCalls(ctx, metered.module, unmetered.module, r)
		if err != nil {
			return b, err
		}
		b.Calls, b.MemoryBytes = append(b.Calls, call), max(b.MemoryBytes, memory)
	}
	return b, nil
}

// load measures loading and instantiating, and leaves the plugin loaded.
func (b *pluginBench) load(ctx context.Context, p supply.Plugin, options sandbox.Options, offer string, params json.RawMessage) (*guest, error) {
	for i := 0; ; i++ {
		start := time.Now()
		g, err := startPlugin(ctx, p, options)
		if err != nil {
			return nil, err
		}
		switch took := time.Since(start).Seconds(); i {
		case 0:
			b.ColdSeconds = took
			err = b.choose(ctx, g, offer, params)
		case 1:
			b.WarmSeconds = took
		default:
			b.WarmSeconds = min(b.WarmSeconds, took)
		}
		if err == nil && i == loads {
			err = b.instantiate(ctx, g)
			if err == nil {
				return g, nil
			}
		}
		g.close(ctx)
		if err != nil {
			return nil, err
		}
	}
}

// instantiate measures new instances.
func (b *pluginBench) instantiate(ctx context.Context, g *guest) error {
	for i := range loads {
		start := time.Now()
		session, err := g.module.Session(ctx)
		if err != nil {
			return pluginError(err)
		}
		took := time.Since(start).Seconds()
		session.Close()
		if i == 0 || took < b.InstanceSeconds {
			b.InstanceSeconds = took
		}
	}
	return nil
}

// calls are requests of one operation.
type calls struct {
	op       int
	name     string
	payloads [][]byte
}

// choose picks what is measured: the space or shaper of that name, or the first
// space and the first shaper.
func (b *pluginBench) choose(ctx context.Context, g *guest, offer string, params json.RawMessage) error {
	manifest := g.module.Manifest()
	if slices.ContainsFunc(manifest.Shapers, func(o spec.Offer) bool { return o.Name == offer }) {
		b.Shaper = offer
		return nil
	}
	b.Space = offer
	if offer == "" && len(manifest.Spaces) > 0 {
		b.Space = manifest.Spaces[0].Name
	}
	if offer == "" && len(manifest.Shapers) > 0 {
		b.Shaper = manifest.Shapers[0].Name
	}
	if b.Space == "" && b.Shaper == "" {
		return usagef("plugin bench: %s offers nothing to measure", b.Plugin)
	}
	if b.Space == "" {
		return nil
	}
	_, err := g.space(ctx, b.Space, params)
	return err
}

// requests are those of walks through the space, and of the shaper; on the way
// it measures walks.
func (b *pluginBench) requests(ctx context.Context, g *guest, params json.RawMessage) ([]calls, error) {
	var list []calls
	if b.Space != "" {
		space, err := g.space(ctx, b.Space, params)
		if err != nil {
			return nil, err
		}
		if b.Walk, err = benchWalks(ctx, space); err != nil {
			return nil, walkError(err, "a walk")
		}
		if list, b.Walk.Cacheable, err = walkRequests(ctx, space, params); err != nil {
			return nil, walkError(err, "a walk")
		}
	}
	if b.Shaper != "" {
		if b.Space != "" {
			params = nil // they are the space's
		}
		list = append(list, rewardRequests(b.Shaper, params))
	}
	return list, nil
}

// printPluginBench prints what was measured of a plugin.
func (a *app) printPluginBench(b pluginBench) {
	w := a.term.Out
	name := b.Plugin
	for _, offer := range []string{b.Space, b.Shaper} {
		if offer != "" {
			name += ":" + offer
		}
	}
	fmt.Fprintf(w, "\n%s, %s, %s%.12s\n", name, report.Bytes(int64(b.Bytes)), supply.HashPrefix, b.SHA256)
	fmt.Fprintf(w, "loads in %s, compiled before in %s; a new instance takes %s; memory %s\n",
		span(b.ColdSeconds), span(b.WarmSeconds), span(b.InstanceSeconds), report.Bytes(b.MemoryBytes))
	if b.Walk != nil {
		fmt.Fprintf(w, "a walk of %s takes %s (99 %% of walks: at most %s) when its transitions are known; %s of steps have a state\n",
			plural(b.Walk.Decisions, "decision"), span(b.Walk.P50Seconds), span(b.Walk.P99Seconds), report.Percent(b.Walk.Cacheable))
	}
	table := report.Table{Columns: []report.Column{{Title: "call"}, {Title: "calls", Right: true}, {Title: "p50", Right: true}, {Title: "p99", Right: true},
		{Title: "fuel", Right: true}, {Title: "most", Right: true, Drop: 1}, {Title: "metered/unmetered", Right: true}}}
	for _, c := range b.Calls {
		table.Rows = append(table.Rows, []string{c.Op, fmt.Sprint(c.Calls), span(c.P50Seconds), span(c.P99Seconds),
			report.Count(c.Fuel), report.Count(c.FuelMost), report.Number(c.Metering)})
	}
	fmt.Fprint(w, table.Render(a.screen()))
}

// span writes a time as short as it is.
func span(seconds float64) string {
	switch {
	case seconds < 1e-3:
		return report.Number(seconds*1e6) + " µs"
	case seconds < 1:
		return report.Number(seconds*1e3) + " ms"
	}
	return report.Number(seconds) + " s"
}

// quantile is the value below which the given share of sorted values lies.
func quantile[T cmp.Ordered](sorted []T, share float64) T {
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}
