package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/conformance"
	"github.com/espalier-nas/espalier/host/supply"
	"github.com/espalier-nas/espalier/host/terminal"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// checkFlags are the flags of `espalier plugin check`.
type checkFlags struct {
	space, shaper, params string
	walks                 int
	seed                  uint64
	rules, only           []string
	strict, list          bool
}

func (a *app) pluginCheckCommand() *cobra.Command {
	var f checkFlags
	cmd := &cobra.Command{
		Use:   "check PLUGIN",
		Short: "Hold a plugin against every rule of its interface",
		Long: `Hold a plugin against every rule of its interface: how it loads, what its spaces
ask and build, what its shapers make of any metrics, how it takes garbage, and
that it answers the same whatever was asked before. Each space is played with
its default params and with each param at each extreme, over random episodes and
over those that always take the first option, the last, and so on.

A broken rule is shown with what was sent and what came back, how to mend it,
and a command that shows it again. --list explains the rules.`,
		Example: `  espalier plugin check cnn
  espalier plugin check ./mine.wasm --space cells --params '{"blocks": 3}'
  espalier plugin check ./my-space.json
  espalier plugin check ./mine.wasm --rule S12 --space cells --walk 3,512`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.list {
				return a.listRules(args)
			}
			if err := onePlugin(cmd, args); err != nil {
				return err
			}
			return a.pluginCheck(cmd.Context(), args[0], f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.space, "space", "", "check this space only")
	flags.StringVar(&f.shaper, "shaper", "", "check this reward shaper only")
	flags.StringVar(&f.params, "params", "", "params as a JSON object, in place of the defaults and the extremes")
	flags.IntVar(&f.walks, "walks", conformance.DefaultWalks, "random episodes a space, and random metrics a shaper; a fiftieth of it with other params than the defaults")
	flags.Uint64Var(&f.seed, "seed", conformance.DefaultSeed, "seed of all that is random, at least 1")
	flags.StringSliceVar(&f.rules, "rule", nil, "check these rules only, such as S06 or S04,S09")
	flags.StringSliceVar(&f.only, "walk", nil, "make the episodes, or use the metrics, of these numbers only")
	flags.BoolVar(&f.strict, "strict", false, "warnings fail the check, too")
	flags.BoolVar(&f.list, "list", false, "list the rules and explain them")
	a.lockFlag(cmd)
	limitsFlag(cmd)
	return cmd
}

// options reads the flags.
func (f *checkFlags) options(limits sandbox.Limits) (conformance.Options, error) {
	o := conformance.Options{
		Rules: f.rules, Space: f.space, Shaper: f.shaper, Walks: f.walks, Seed: f.seed, Sandbox: sandboxOptions(limits),
	}
	for i := range o.Rules {
		o.Rules[i] = strings.ToUpper(strings.TrimSpace(o.Rules[i]))
		if _, ok := conformance.Find(o.Rules[i]); !ok {
			return o, &exitError{code: exitUsage, err: fmt.Errorf("--rule %q: there is no such rule", f.rules[i]), next: "espalier plugin check --list"}
		}
	}
	if f.walks < 1 {
		return o, usagef("--walks %d: at least one", f.walks)
	}
	if f.seed < 1 {
		return o, usagef("--seed 0: at least 1")
	}
	if f.space != "" && f.shaper != "" {
		return o, usagef("--space and --shaper exclude each other")
	}
	for _, text := range f.only {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 0 {
			return o, usagef("--walk %q: not the number of a walk, from 0", text)
		}
		o.Only = append(o.Only, n)
	}
	if f.params != "" {
		var members map[string]json.RawMessage
		if err := json.Unmarshal([]byte(f.params), &members); err != nil || members == nil {
			return o, usagef("--params %s: not a JSON object", f.params)
		}
		if f.space+f.shaper == "" {
			return o, usagef("--params needs --space or --shaper, whose params they are")
		}
		o.Params = spec.Raw(f.params)
	}
	return o, nil
}

// checkView is what `espalier plugin check --json` prints.
type checkView struct {
	Schema string `json:"schema"` // "espalier.plugin-check/1"
	OK     bool   `json:"ok"`     // no rule is broken; with --strict no warning is given
	*conformance.Verdict
}

func (a *app) pluginCheck(ctx context.Context, name string, f checkFlags) error {
	document := ""
	if isDocument(name) {
		document = name
		address, params, err := documentAddress(name, f.params)
		if err != nil {
			return err
		}
		f.params = params
		name, f.space = supply.Split(address)
	}
	o, err := f.options(a.limits)
	if err != nil {
		return err
	}
	p, err := a.pinnedPlugin(name)
	if err != nil {
		return err
	}
	start := time.Now()
	var progress *terminal.Progress
	o.Progress = func(done, total int, what string) {
		if progress == nil {
			progress = a.term.NewProgress(a.progressMode(), "check "+name, total, 0, time.Now)
		}
		progress.Update(done, what)
	}
	o.Report = func(f conformance.Finding) {
		if progress != nil {
			progress.Line(f.String())
		}
	}
	verdict, err := conformance.Check(ctx, name, p.Wasm, o)
	if progress != nil {
		progress.Close()
	}
	switch {
	case ctx.Err() != nil:
		return interruption(context.Cause(ctx), "")
	case document != "" && errors.Is(err, conformance.ErrParams):
		_, what, _ := strings.Cut(err.Error(), conformance.ErrParams.Error()+": ")
		return wrongDocument(document, what)
	case err != nil:
		return &exitError{code: exitUsage, err: fmt.Errorf("plugin check %s: %w", name, err)}
	}
	broken, warned := verdict.Broken(), verdict.Warned()
	ok := len(broken) == 0 && (!f.strict || len(warned) == 0)
	if a.json {
		if err := a.printJSON(checkView{"espalier.plugin-check/1", ok, verdict}); err != nil {
			return err
		}
	} else {
		a.printVerdict(verdict, time.Since(start))
	}
	switch {
	case len(broken) > 0:
		return &exitError{code: exitPlugin, err: fmt.Errorf("plugin %s breaks %s: %s", name, plural(len(broken), "rule"), strings.Join(broken, ", "))}
	case !ok:
		return &exitError{code: exitPlugin, err: fmt.Errorf("plugin %s is warned of %s: %s", name, plural(len(warned), "rule"), strings.Join(warned, ", "))}
	}
	return nil
}

// rulesView is what `espalier plugin check --list --json` prints.
type rulesView struct {
	Schema string             `json:"schema"` // "espalier.plugin-rules/1"
	Rules  []conformance.Rule `json:"rules"`
}

func (a *app) listRules(args []string) error {
	if len(args) > 0 {
		return usagef("--list explains the rules and takes no plugin, but was given %q", args)
	}
	rules := conformance.Rules()
	if a.json {
		return a.printJSON(rulesView{"espalier.plugin-rules/1", rules})
	}
	var problems error
	for _, r := range rules {
		kind := ""
		if r.Advice {
			kind = " (a warning)"
		}
		_, err := fmt.Fprintf(a.term.Out, "%s  %s%s\n     because %s\n     fix: %s\n", r.Code, r.Text, kind, r.Why, r.Fix)
		problems = errors.Join(problems, err)
	}
	return problems
}
