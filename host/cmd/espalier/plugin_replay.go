package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"

	"github.com/espalier-nas/espalier/host/supply"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// readTrace reads a recording.
func readTrace(path string) (head traceHead, calls []tracedCall, err error) {
	bad := func(line int, err error) error {
		return &exitError{code: exitData, err: fmt.Errorf("%s, line %d: it is not a recording of espalier plugin trace: %w", path, line, err)}
	}
	f, err := os.Open(path)
	if err != nil {
		return head, nil, &exitError{code: exitUsage, err: fmt.Errorf("--replay: %w", err)}
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 3*wire.MaxBytes)
	n := 0
	for ; lines.Scan(); n++ {
		var c tracedCall
		if n == 0 {
			err = json.Unmarshal(lines.Bytes(), &head)
			if err == nil && head.Schema != traceSchema {
				err = fmt.Errorf("its schema is %q, not %s", head.Schema, traceSchema)
			}
		} else if err = json.Unmarshal(lines.Bytes(), &c); err == nil {
			calls = append(calls, c)
		}
		if err != nil {
			return head, nil, bad(n+1, err)
		}
	}
	if err := lines.Err(); err != nil {
		return head, nil, bad(n+1, err)
	}
	if len(calls) == 0 {
		return head, nil, bad(n+1, io.ErrUnexpectedEOF)
	}
	return head, calls, nil
}

// traceReplay is what `espalier plugin trace --replay --json` prints.
type traceReplay struct {
	Schema    string       `json:"schema"` // "espalier.trace.replay/1"
	Trace     string       `json:"trace"`
	Plugin    string       `json:"plugin"`
	SHA256    string       `json:"sha256"`
	Same      bool         `json:"same_file"` // the plugin is the file that was recorded
	Calls     int          `json:"calls"`
	Differ    []replayDiff `json:"differ"`
	OtherFuel int          `json:"other_fuel"` // calls that are answered as before, but spent more or less fuel
}

// replayDiff is a call that was answered differently.
type replayDiff struct {
	Call        int      `json:"call"`
	Op          string   `json:"op"`
	Request     message  `json:"request"`
	Differences []string `json:"differences"`
}

// replayTrace makes the calls of a recording again.
func (a *app) replayTrace(ctx context.Context, path, address string) error {
	head, calls, err := readTrace(path)
	if err != nil {
		return err
	}
	if address == "" {
		address = head.Plugin
	}
	g, err := a.runPlugin(ctx, address)
	if err != nil {
		return err
	}
	defer g.close(ctx)
	r := traceReplay{Schema: "espalier.trace.replay/1", Trace: path, Plugin: address, SHA256: g.plugin.Hash, Same: g.plugin.Hash == head.SHA256, Differ: []replayDiff{}}
	for _, was := range calls {
		is, err := makeCall(ctx, g.module, was.Call, was.Code, was.Request)
		if is.Answer == nil && is.Error == nil {
			return walkError(err, fmt.Sprintf("call %d", was.Call))
		}
		r.Calls++
		if d := differences(was, is); d != nil {
			r.Differ = append(r.Differ, replayDiff{was.Call, was.Op, was.Request, d})
		} else if was.Fuel != is.Fuel {
			r.OtherFuel++
		}
	}
	if a.json {
		err = a.printJSON(r)
	} else {
		a.printReplay(r, head)
	}
	if len(r.Differ) == 0 {
		return err
	}
	failed := &exitError{code: exitFailed, err: fmt.Errorf("%d of %s are answered differently than in %s", len(r.Differ), plural(r.Calls, "call"), path)}
	if r.Same {
		failed.code, failed.next = exitPlugin, "espalier plugin check "+shellQuote(address)
	}
	return errors.Join(err, failed)
}

func (a *app) printReplay(r traceReplay, head traceHead) {
	w := a.term.Out
	if !r.Same {
		fmt.Fprintf(w, "recorded from %s (%s%.12s), made again by %s (%s%.12s)\n", head.Plugin, supply.HashPrefix, head.SHA256, r.Plugin, supply.HashPrefix, r.SHA256)
	}
	for _, d := range r.Differ {
		fmt.Fprintf(w, "call %d, %s: %.300s\n", d.Call, d.Op, d.Request)
		for _, line := range d.Differences {
			fmt.Fprintf(w, "  %s\n", line)
		}
	}
	same := r.Calls - len(r.Differ)
	fmt.Fprintf(w, "%d of %s are answered as before", same, plural(r.Calls, "call"))
	if r.OtherFuel > 0 {
		fmt.Fprintf(w, ", %d of them with more or less fuel", r.OtherFuel)
	}
	fmt.Fprintln(w)
}

// differences says in what two answers to a request differ; nil: in nothing.
func differences(was, is tracedCall) []string {
	failed := func(c tracedCall) string { return fmt.Sprintf("%s (%s): %s", c.Error.Kind, c.Error.Code, c.Error.Msg) }
	switch {
	case was.Error != nil && is.Error != nil:
		if *was.Error != *is.Error {
			return []string{"it failed with: " + failed(was), "now: " + failed(is)}
		}
		return nil
	case was.Error != nil:
		return []string{"it failed with: " + failed(was), fmt.Sprintf("now it answers %.300s", *is.Answer)}
	case is.Error != nil:
		return []string{fmt.Sprintf("it answered %.300s", *was.Answer), "now it fails with: " + failed(is)}
	case was.Answer == nil:
		return []string{"the recording has no answer"}
	case bytes.Equal(*was.Answer, *is.Answer):
		return nil
	}
	var a, b any
	if json.Unmarshal(*was.Answer, &a) != nil || json.Unmarshal(*is.Answer, &b) != nil {
		return []string{fmt.Sprintf("it answered %.300s", *was.Answer), fmt.Sprintf("now %.300s", *is.Answer)}
	}
	if d := compareJSON("", a, b); d != nil {
		if more := len(d) - shownDifferences; more > 0 {
			d = append(d[:shownDifferences], fmt.Sprintf("and %d more", more))
		}
		return d
	}
	return []string{"the answers mean the same, but are written differently (order of members, white space or form of numbers)"}
}

// shownDifferences is how many differences of one answer are shown.
const shownDifferences = 10

// compareJSON lists the values that differ, by their paths.
func compareJSON(path string, was, is any) []string {
	switch a := was.(type) {
	case map[string]any:
		b, ok := is.(map[string]any)
		if !ok {
			break
		}
		var all []string
		for _, name := range memberNames(a, b) {
			all = append(all, compareMember(path+"."+name, a[name], b[name], has(a, name), has(b, name))...)
		}
		return all
	case []any:
		b, ok := is.([]any)
		if !ok {
			break
		}
		var all []string
		for i := range max(len(a), len(b)) {
			var x, y any
			if i < len(a) {
				x = a[i]
			}
			if i < len(b) {
				y = b[i]
			}
			all = append(all, compareMember(fmt.Sprintf("%s[%d]", path, i), x, y, i < len(a), i < len(b))...)
		}
		return all
	}
	if reflect.DeepEqual(was, is) {
		return nil
	}
	return []string{fmt.Sprintf("%s was %s, now it is %s", path, shortJSON(was), shortJSON(is))}
}

// compareMember compares what may be on one side only.
func compareMember(path string, was, is any, before, now bool) []string {
	switch {
	case !before:
		return []string{fmt.Sprintf("%s is new: %s", path, shortJSON(is))}
	case !now:
		return []string{fmt.Sprintf("%s is gone; it was %s", path, shortJSON(was))}
	}
	return compareJSON(path, was, is)
}

func has(object map[string]any, name string) bool {
	_, ok := object[name]
	return ok
}

// memberNames are the names of both objects' members, sorted.
func memberNames(a, b map[string]any) []string {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if !has(a, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func shortJSON(v any) string { return fmt.Sprintf("%.200s", payload(v)) }
