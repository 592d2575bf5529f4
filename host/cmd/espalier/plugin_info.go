package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/binary"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

func (a *app) pluginInfoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "info PLUGIN",
		Short: "Say what a plugin is, without running it",
		Long: `Say what a plugin is, without compiling or running any of it: what its manifest
offers, what it imports and exports, how large its parts are, which toolchain
made it, what it may use, and whether this program would load it. Of a module
that it would not, it names what is at fault.`,
		Args: onePlugin,
		RunE: func(_ *cobra.Command, args []string) error { return a.pluginInfo(args[0]) },
	}
	limitsFlag(cmd)
	return cmd
}

func (a *app) pluginInfo(name string) error {
	p, err := openPlugin(name, a.limits.FileBytes)
	if err != nil {
		return err
	}
	x := sandbox.Inspect(name, p.Wasm, a.limits)
	if a.json {
		err = a.printJSON(viewInspection(x, a.limits))
	} else {
		a.printInspection(a.term.Out, x)
	}
	var problems []error
	for _, p := range x.Problems {
		problems = append(problems, errors.New(p.Report()))
	}
	if problems != nil {
		return errors.Join(err, &exitError{code: exitPlugin, err: errors.Join(problems...)})
	}
	return err
}

// inspectionView is what `espalier plugin info --json` prints.
type inspectionView struct {
	Schema      string          `json:"schema"` // "espalier.plugin/1"
	Plugin      string          `json:"plugin"`
	SHA256      string          `json:"sha256"`
	Bytes       int             `json:"bytes"`
	Loads       bool            `json:"loads"` // nothing that can be seen without running it speaks against it
	Problems    []problemView   `json:"problems"`
	Engine      string          `json:"engine"`
	Restorable  bool            `json:"restorable"` // a call starts from a copy of a state, not from a new instance
	MemoryBytes int64           `json:"memory_bytes"`
	MemoryMost  int64           `json:"memory_most_bytes,omitempty"` // 0: it names no bound
	Manifest    json.RawMessage `json:"manifest"`                    // null: there is none
	Imports     []string        `json:"imports"`
	Exports     []string        `json:"exports"`
	Sections    []sectionView   `json:"sections"`
	Producers   []producerView  `json:"producers"`
	// Limits are what it may use, as --plugin-limits reads them.
	Limits map[string]string `json:"limits"`
}

type problemView struct {
	Code string `json:"code"`
	Msg  string `json:"msg"`
	Fix  string `json:"fix"`
}

type sectionView struct {
	Name  string `json:"name"`
	Bytes int    `json:"bytes"`
}

type producerView struct {
	Field   string `json:"field"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

func viewInspection(x *sandbox.Inspection, limits sandbox.Limits) inspectionView {
	v := inspectionView{
		Schema: "espalier.plugin/1", Plugin: x.Name, SHA256: x.Hash, Bytes: x.Bytes, Loads: len(x.Problems) == 0,
		Engine: sandbox.Engine(), Restorable: x.Restorable, MemoryBytes: x.MemoryBytes, MemoryMost: x.MemoryMost,
		Problems: []problemView{}, Imports: append([]string{}, x.Imports...), Exports: append([]string{}, x.Exports...),
		Sections: []sectionView{}, Producers: []producerView{}, Manifest: json.RawMessage("null"), Limits: map[string]string{},
	}
	for _, l := range limits.List() {
		v.Limits[l.Name] = l.Value
	}
	for _, p := range x.Problems {
		v.Problems = append(v.Problems, problemView{p.Code, p.Msg, p.Hint})
	}
	for _, s := range x.Sections {
		v.Sections = append(v.Sections, sectionView(s))
	}
	for _, p := range x.Producers {
		v.Producers = append(v.Producers, producerView(p))
	}
	if x.Manifest != nil {
		var e wire.Encoder
		x.Manifest.Encode(&e)
		v.Manifest = e.Bytes()
	}
	return v
}

// printInspection prints an inspection for a person.
func (a *app) printInspection(w io.Writer, x *sandbox.Inspection) {
	title := x.Name
	if m := x.Manifest; m != nil {
		title = strings.TrimSpace(m.Name + " " + m.Version)
		if m.Summary != "" {
			title += ": " + m.Summary
		}
	}
	fmt.Fprintln(w, title)
	fact := func(name, format string, args ...any) {
		if text := fmt.Sprintf(format, args...); text != "" {
			fmt.Fprintf(w, "  %-10s %s\n", name, text)
		}
	}
	fact("file", "%s, %s bytes", x.Name, report.Grouped(int64(x.Bytes)))
	fact("sha256", "%s", x.Hash)
	if x.Sections == nil {
		return // it is no module: the error says what is at fault
	}
	fact("abi", "%s", abiVerdict(x))
	fact("made by", "%s", toolchain(x.Producers))
	fact("run by", "%s; %s", sandbox.Engine(), startOfCalls(x))
	fact("memory", "%s", memoryText(x, a.limits))
	if x.Manifest != nil {
		a.printOffers(w, "space", x.Manifest.Spaces)
		a.printOffers(w, "shaper", x.Manifest.Shapers)
	} else {
		fmt.Fprintf(w, "\nit has no manifest section (%s), so what it offers is not known without running it\n", spec.ManifestSection)
	}
	list := func(title string, entries []string) {
		fmt.Fprintf(w, "\n%s\n", title)
		for _, entry := range entries {
			fmt.Fprintf(w, "  %s\n", entry)
		}
		if len(entries) == 0 {
			fmt.Fprintln(w, "  none")
		}
	}
	list("imports", x.Imports)
	list("exports", x.Exports)
	table := report.Table{Columns: []report.Column{{Title: "section"}, {Title: "bytes", Right: true}}}
	for _, s := range x.Sections {
		table.Rows = append(table.Rows, []string{s.Name, report.Grouped(int64(s.Bytes))})
	}
	fmt.Fprintf(w, "\n%s\n%s", table.Render(a.screen()), limitsTable(a.limits).Render(a.screen()))
}

func abiVerdict(x *sandbox.Inspection) string {
	for _, p := range x.Problems {
		if p.Code == "abi" || p.Code == "exports" {
			return "refused: " + p.Msg
		}
	}
	if x.Manifest == nil {
		return "its exports are those of " + spec.ABI + "; without a manifest only running it tells its version"
	}
	return fmt.Sprintf("%s, this host speaks %s", x.Manifest.ABI, spec.ABI)
}

func toolchain(producers []binary.Producer) string {
	names := make([]string, len(producers))
	for i, p := range producers {
		names[i] = strings.TrimSpace(p.Name + " " + p.Version)
	}
	return cmp.Or(strings.Join(names, ", "), "it does not say (no producers section)")
}

func startOfCalls(x *sandbox.Inspection) string {
	if x.Restorable {
		return "each call starts from a copy of the state after initialisation"
	}
	return "each call takes a new instance, since its tables, segments or globals hold state that cannot be copied"
}

func memoryText(x *sandbox.Inspection, limits sandbox.Limits) string {
	most := "names no bound"
	if x.MemoryMost > 0 {
		most = "grows to " + report.Bytes(x.MemoryMost) + " at most"
	}
	return fmt.Sprintf("%s at first, %s; this host allows %s", report.Bytes(x.MemoryBytes), most, report.Bytes(limits.MemoryBytes))
}

// printOffers prints the spaces or shapers of a manifest with their params.
func (a *app) printOffers(w io.Writer, what string, offers []spec.Offer) {
	for _, o := range offers {
		task := ""
		if o.Task != "" {
			task = " (" + string(o.Task) + ")"
		}
		fmt.Fprintf(w, "\n%s %s%s: %s\n", what, o.Name, task, cmp.Or(o.Summary, "no summary"))
		if len(o.Params) == 0 {
			continue
		}
		table := report.Table{Columns: []report.Column{{Title: "  param"}, {Title: "type"}, {Title: "default", Wrap: true}, {Title: "meaning", Wrap: true}}}
		for _, p := range o.Params {
			table.Rows = append(table.Rows, []string{"  " + p.Name, string(p.Type), spaced(p.Default), p.Summary + rangeText(p)})
		}
		fmt.Fprint(w, table.Render(a.screen()))
	}
}

// spaced writes a list with a space after each comma, so that it wraps between
// its items; other values it leaves alone.
func spaced(value spec.Raw) string {
	var items []json.RawMessage
	if json.Unmarshal(value, &items) != nil {
		return string(value)
	}
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = string(item)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// rangeText says what values a param takes.
func rangeText(p spec.Param) string {
	switch {
	case len(p.Options) > 0:
		return " (one of " + strings.Join(p.Options, ", ") + ")"
	case p.Min != nil && p.Max != nil:
		return fmt.Sprintf(" (%s to %s)", boundText(*p.Min), boundText(*p.Max))
	case p.Min != nil:
		return fmt.Sprintf(" (at least %s)", boundText(*p.Min))
	case p.Max != nil:
		return fmt.Sprintf(" (at most %s)", boundText(*p.Max))
	}
	return ""
}

// boundText writes whole numbers in full as far as float64 holds them.
func boundText(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
		return report.Grouped(int64(v))
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
