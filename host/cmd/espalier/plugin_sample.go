package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/host/supply"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// sampleFlags say what is drawn.
type sampleFlags struct {
	count   int
	params  string
	seed    uint64
	input   []int
	classes int
	svg     string
}

func (a *app) pluginSampleCommand() *cobra.Command {
	var f sampleFlags
	cmd := &cobra.Command{
		Use:   "sample PLUGIN[:SPACE]",
		Short: "Draw networks of a search space",
		Long: `Draw networks of a search space, by walks that pick each answer at random, with
their decisions, parameters and multiply-accumulates. The same seed draws the
same networks. With --svg, each is written as a picture, too.`,
		Example: `  espalier plugin sample cnn:v1 -n 2 --params '{"layers": 6}'
  espalier plugin sample ./mine.wasm --svg pictures
  espalier plugin sample ./my-space.json`,
		Args: oneOffer,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.count < 1 || f.count > 10_000 {
				return usagef("-n %d: want 1 to 10,000", f.count)
			}
			return unlessStopped(cmd.Context(), inDocument(args[0], a.pluginSample(cmd.Context(), args[0], f)))
		},
	}
	flags := cmd.Flags()
	flags.IntVarP(&f.count, "count", "n", 5, "how many networks")
	flags.StringVar(&f.params, "params", "", "parameters of the search space, a JSON object")
	flags.Uint64Var(&f.seed, "seed", 1, "key of the random answers")
	flags.IntSliceVar(&f.input, "input", nil, "shape of one example: height,width,channels of an image (default 32,32,3), or the steps of a text (default 35)")
	flags.IntVar(&f.classes, "classes", 0, "classes that images are told apart into (default 10), or the size of a text's vocabulary (default 10,000)")
	flags.StringVar(&f.svg, "svg", "", "folder to write each network to as an SVG picture")
	a.lockFlag(cmd)
	limitsFlag(cmd)
	return cmd
}

// oneOffer takes PLUGIN:SPACE.
func oneOffer(cmd *cobra.Command, args []string) error {
	if len(args) == 1 && args[0] != "" {
		return nil
	}
	return usagef("%s takes PLUGIN:SPACE, e.g. cnn:v1 or ./mine.wasm:mine, but was given %q; see %s --help", cmd.CommandPath(), strings.Join(args, " "), cmd.CommandPath())
}

// exampleTask is the task that a space builds for where no data set is named:
// that of CIFAR-10, or of the Penn Treebank.
func exampleTask(t spec.TaskType, input []int, classes int) (spec.Task, error) {
	task := spec.Task{Type: t, Input: []int{32, 32, 3}, Classes: 10}
	if t == spec.TaskText {
		task.Input, task.Classes = []int{35}, 10_000
	}
	if input != nil {
		if len(input) != len(task.Input) {
			return task, usagef("--input %s: the space is for %s, so want %d numbers", strings.Trim(strings.ReplaceAll(fmt.Sprint(input), " ", ","), "[]"), t, len(task.Input))
		}
		task.Input = input
	}
	if classes != 0 {
		task.Classes = classes
	}
	if err := task.Validate(); err != nil {
		return task, usagef("--input, --classes: %v", err)
	}
	return task, nil
}

// samples is what `espalier plugin sample --json` prints.
type samples struct {
	Schema   string       `json:"schema"` // "espalier.sample/1"
	Plugin   string       `json:"plugin"`
	SHA256   string       `json:"sha256"`
	Space    string       `json:"space"`
	Params   spec.Raw     `json:"params"` // as the plugin understood them
	Seed     uint64       `json:"seed"`
	Task     spec.Task    `json:"task"`
	Networks []sampleView `json:"networks"`
}

// sampleView is one network that was drawn.
type sampleView struct {
	Number    int             `json:"number"`
	Decisions []spec.Decision `json:"decisions"`
	Answers   spec.Answers    `json:"answers"`
	NetworkID string          `json:"network_id"`
	Params    int64           `json:"params"`
	MACs      int64           `json:"macs"`
	Network   *spec.Network   `json:"network"`
	File      string          `json:"file,omitempty"` // of the picture
}

func (a *app) pluginSample(ctx context.Context, address string, f sampleFlags) error {
	address, params, err := documentAddress(address, f.params)
	if err != nil {
		return err
	}
	plugin, name := supply.Split(address)
	g, err := a.runPlugin(ctx, plugin)
	if err != nil {
		return err
	}
	defer g.close(ctx)
	space, err := g.space(ctx, name, json.RawMessage(params))
	if err != nil {
		return err
	}
	info := space.Info()
	task, err := exampleTask(info.Task, f.input, f.classes)
	if err != nil {
		return err
	}
	walker, err := strategy.New("random", nil, info.Kinds, f.seed)
	if err != nil {
		return err
	}
	if f.svg != "" {
		if err := os.MkdirAll(f.svg, 0o777); err != nil {
			return fmt.Errorf("plugin sample: --svg: %w", err)
		}
	}
	all := samples{Schema: "espalier.sample/1", Plugin: plugin, SHA256: g.plugin.Hash, Space: info.Name, Params: info.Params, Seed: f.seed, Task: task}
	for n := 1; n <= f.count; n++ {
		s, err := sample(ctx, space, walker, task, n)
		if err != nil {
			return a.repeatable(walkError(err, fmt.Sprintf("network %d of seed %d", n, f.seed)))
		}
		if f.svg != "" {
			s.File = filepath.Join(f.svg, fmt.Sprintf("%s-s%d-%d.svg", info.Name, f.seed, n))
			if err := os.WriteFile(s.File, []byte(report.SVG(s.Network)), 0o666); err != nil {
				return fmt.Errorf("plugin sample: --svg: %w", err)
			}
		}
		if all.Networks = append(all.Networks, s); !a.json {
			a.printSample(a.term.Out, info, s, f)
		}
	}
	if a.json {
		return a.printJSON(all)
	}
	return nil
}

// sample walks to one network.
func sample(ctx context.Context, space *sandbox.Space, walker strategy.Strategy, task spec.Task, n int) (sampleView, error) {
	s := sampleView{Number: n}
	e, err := walker.Propose(ctx, space, n)
	if err != nil {
		return s, err
	}
	s.Answers = e.Answers
	for _, step := range e.Steps {
		s.Decisions = append(s.Decisions, *step.Decision)
	}
	if s.Network, err = space.Build(ctx, e.Answers, task); err != nil {
		return s, err
	}
	plan, err := s.Network.Infer()
	if err != nil {
		return s, err
	}
	s.NetworkID, s.Params, s.MACs = s.Network.ID(), plan.Params, plan.MACs
	return s, nil
}

// walkError says during which walk a plugin failed.
func walkError(err error, where string) error {
	var e *sandbox.Error
	if errors.As(err, &e) {
		return &exitError{code: exitPlugin, err: fmt.Errorf("%s: %s", where, e.Report())}
	}
	return &exitError{code: exitPlugin, err: fmt.Errorf("%s: %w", where, err)}
}

// repeatable adds to a failure the command that shows it again, which is the one
// that was given: all that is random follows from its seed.
func (a *app) repeatable(err error) error {
	var e *exitError
	if errors.As(err, &e) {
		e.next = a.again()
	}
	return err
}

func (a *app) printSample(w io.Writer, info spec.SpaceInfo, s sampleView, f sampleFlags) {
	if s.Number > 1 {
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "network %d of seed %d: %s, id %.12s\n", s.Number, f.seed, plural(len(s.Answers), "decision"), s.NetworkID)
	labels := map[string][]string{}
	for _, k := range info.Kinds {
		labels[k.ID] = k.Options
	}
	words := make([]string, len(s.Answers))
	for i, d := range s.Decisions {
		words[i] = d.Name + " " + answerText(labels[d.Kind], s.Answers[i])
	}
	fmt.Fprint(w, report.Paragraph(strings.Join(words, ", "), a.screen()))
	fmt.Fprintf(w, "\n%s", report.Draw(s.Network, report.DrawOptions{Screen: a.screen()}))
	if s.File != "" {
		fmt.Fprintf(a.info(), "wrote %s\n", s.File)
	}
}

// answerText is an answer as a person says it: a choice by its label.
func answerText(labels []string, answer spec.Answer) string {
	if !answer.Set && answer.Index < len(labels) {
		return labels[answer.Index]
	}
	return event.CompactAnswers(spec.Answers{answer})
}
