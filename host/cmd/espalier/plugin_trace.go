package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/supply"
	"github.com/espalier-nas/espalier/wasm/sandbox"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// traceFlags say what is recorded.
type traceFlags struct {
	params string
	seed   uint64
	prefix string
	replay string
}

func (a *app) pluginTraceCommand() *cobra.Command {
	var f traceFlags
	cmd := &cobra.Command{
		Use:   "trace PLUGIN:NAME",
		Short: "Record the calls of an episode, or make recorded ones again",
		Long: `Record what a plugin is asked and what it answers, a line of JSON for each call,
on standard output: of a search space an episode, random or along given answers,
and its network; of a reward shaper the rewards of some trials.

With --replay, make the calls of a recording again, by the plugin that it names
or by another one, and say where answers differ.`,
		Example: `  espalier plugin trace cnn:v1 --seed 7 > t.jsonl
  espalier plugin trace ./mine.wasm:mine --prefix '1,2,[0],3' > t.jsonl
  espalier plugin trace --replay t.jsonl ./mine.wasm`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.replay != "" {
				if len(args) > 1 || len(args) == 1 && args[0] == "" {
					return usagef("%s --replay takes at most one plugin; see %s --help", cmd.CommandPath(), cmd.CommandPath())
				}
				return unlessStopped(cmd.Context(), a.replayTrace(cmd.Context(), f.replay, strings.Join(args, "")))
			}
			if err := oneOffer(cmd, args); err != nil {
				return err
			}
			return unlessStopped(cmd.Context(), inDocument(args[0], a.recordTrace(cmd.Context(), args[0], f)))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.params, "params", "", "parameters of the search space or shaper, a JSON object")
	flags.Uint64Var(&f.seed, "seed", 1, "key of the random answers")
	flags.StringVar(&f.prefix, "prefix", "", "answers to follow in place of random ones, such as 1,2,[0,1],3")
	flags.StringVar(&f.replay, "replay", "", "file of a recording whose calls are made again")
	a.lockFlag(cmd)
	limitsFlag(cmd)
	return cmd
}

const traceSchema = "espalier.trace/1"

// traceHead is the first line of a recording.
type traceHead struct {
	Schema  string `json:"schema"` // "espalier.trace/1"
	Plugin  string `json:"plugin"` // address
	SHA256  string `json:"sha256"`
	Name    string `json:"name"` // of the manifest, and its version
	Version string `json:"version"`
	Program string `json:"program"` // that recorded it
}

// tracedCall is another line: one call.
type tracedCall struct {
	Call    int     `json:"call"` // from 1
	Op      string  `json:"op"`
	Code    int     `json:"code"` // number of the operation
	Request message `json:"request"`
	// Answer is absent if there was none; then Error says why.
	Answer      *message    `json:"answer,omitempty"`
	Error       *tracedFail `json:"error,omitempty"`
	Fuel        int64       `json:"fuel"`
	Seconds     float64     `json:"seconds"`
	MemoryBytes int64       `json:"memory_bytes"`
	Output      []string    `json:"output,omitempty"` // lines that the guest printed or logged
}

// tracedFail is why a call has no answer.
type tracedFail struct {
	Kind string `json:"kind"`
	Code string `json:"code"`
	Msg  string `json:"msg"`
}

// writeLine writes one line of a recording.
func writeLine(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// recorder makes calls and writes them down.
type recorder struct {
	module *sandbox.Module
	out    io.Writer
	calls  int
}

// makeCall makes one call, of which n is the number.
func makeCall(ctx context.Context, m *sandbox.Module, n, op int, request []byte) (tracedCall, error) {
	c := tracedCall{Call: n, Op: opName(op), Code: op, Request: request}
	answer, u, err := m.Call(ctx, op, request)
	c.Fuel, c.Seconds, c.MemoryBytes = u.Fuel, u.Time.Seconds(), u.MemoryBytes
	if text := strings.TrimSuffix(u.Output, "\n"); text != "" {
		c.Output = strings.Split(text, "\n")
	}
	var e *sandbox.Error
	switch {
	case err == nil:
		c.Answer = (*message)(&answer)
	case errors.As(err, &e):
		c.Error = &tracedFail{e.Kind.Error(), e.Code, e.Msg}
	}
	return c, err
}

// ask makes a call and writes it down. It returns the answer's ok.
func (r *recorder) ask(ctx context.Context, op int, request any) (json.RawMessage, error) {
	r.calls++
	c, err := makeCall(ctx, r.module, r.calls, op, payload(request))
	if c.Answer != nil || c.Error != nil {
		if err := writeLine(r.out, c); err != nil {
			return nil, err
		}
	}
	if err != nil {
		return nil, walkError(err, fmt.Sprintf("call %d", r.calls))
	}
	var envelope struct {
		OK  json.RawMessage `json:"ok"`
		Err *spec.Fault     `json:"err"`
	}
	if err := json.Unmarshal(*c.Answer, &envelope); err != nil {
		return nil, walkError(err, fmt.Sprintf("call %d: the answer", r.calls))
	}
	if envelope.Err != nil {
		return nil, walkError(envelope.Err, fmt.Sprintf("call %d: the plugin answered", r.calls))
	}
	return envelope.OK, nil
}

func opName(op int) string {
	names := []string{spec.OpCodeDescribe: "describe", spec.OpCodeNext: "next", spec.OpCodeBuild: "build", spec.OpCodeReward: "reward"}
	if op > 0 && op < len(names) {
		return names[op]
	}
	return fmt.Sprintf("op %d", op)
}

func (a *app) recordTrace(ctx context.Context, address string, f traceFlags) error {
	address, text, err := documentAddress(address, f.params)
	if err != nil {
		return err
	}
	plugin, name := supply.Split(address)
	f.params = text
	prefix, err := parseAnswers(f.prefix)
	if err != nil {
		return err
	}
	params := json.RawMessage("{}")
	if f.params != "" {
		if params = json.RawMessage(f.params); !json.Valid(params) {
			return usagef("--params %q: it is not a JSON object", f.params)
		}
	}
	g, err := a.runPlugin(ctx, plugin)
	if err != nil {
		return err
	}
	defer g.close(ctx)
	manifest := g.module.Manifest()
	head := traceHead{traceSchema, plugin, g.plugin.Hash, manifest.Name, manifest.Version, version}
	r := &recorder{module: g.module, out: a.term.Out}
	record := func() error { return r.episode(ctx, name, params, f, prefix) }
	if slices.ContainsFunc(manifest.Shapers, func(o spec.Offer) bool { return o.Name == name }) {
		if f.prefix != "" {
			return usagef("--prefix: %s is a reward shaper, which is asked for no decisions", address)
		}
		record = func() error { return r.rewards(ctx, name, params) }
	} else {
		space, err := g.space(ctx, name, params)
		if err != nil {
			return err
		}
		name = space.Info().Name
	}
	if err := writeLine(a.term.Out, head); err != nil {
		return err
	}
	err = record()
	fmt.Fprintf(a.info(), "recorded %s of %s:%s\n", plural(r.calls, "call"), plugin, name)
	return a.repeatable(err)
}

// parseAnswers reads answers as they are written in a JSON array.
func parseAnswers(text string) (spec.Answers, error) {
	if text == "" {
		return nil, nil
	}
	var answers spec.Answers
	if err := json.Unmarshal([]byte("["+strings.ReplaceAll(text, " ", ",")+"]"), &answers); err != nil {
		return nil, usagef("--prefix %q: want answers such as 1,2,[0,1],3: %v", text, err)
	}
	return answers, nil
}

// offerPayload is a request for a description.
type offerPayload struct {
	Space  string          `json:"space,omitempty"`
	Shaper string          `json:"shaper,omitempty"`
	Params json.RawMessage `json:"params"`
}

// episode records the calls of one episode: along a prefix if there is one, else
// at random to its end.
func (r *recorder) episode(ctx context.Context, space string, params json.RawMessage, f traceFlags, prefix spec.Answers) error {
	if _, err := r.ask(ctx, spec.OpCodeDescribe, struct{}{}); err != nil {
		return err
	}
	described, err := r.ask(ctx, spec.OpCodeDescribe, offerPayload{Space: space, Params: params})
	if err != nil {
		return err
	}
	var info spec.SpaceInfo
	if err := json.Unmarshal(described, &info); err != nil {
		return walkError(err, "the description")
	}
	kinds, rng := kindsByID(info.Kinds), rand.New(rand.NewPCG(f.seed, 0))
	var answers spec.Answers
	anchors := 0
	for {
		text, err := r.ask(ctx, spec.OpCodeNext, walkPayload{space, params, answers, nil})
		if err != nil {
			return err
		}
		var step spec.Step
		if err := json.Unmarshal(text, &step); err != nil {
			return walkError(err, "a step")
		}
		switch {
		case len(answers) < len(prefix):
			answers = append(answers, prefix[len(answers)]) // even past the end: what it says to that is worth a line
			continue
		case step.Done:
			task, err := exampleTask(info.Task, nil, 0)
			if err == nil {
				_, err = r.ask(ctx, spec.OpCodeBuild, walkPayload{space, params, answers, &task})
			}
			return err
		case prefix != nil:
			return nil
		case len(answers) == info.MaxSteps:
			return walkError(fmt.Errorf("it asks for decision %d, but max_steps is %d", len(answers)+1, info.MaxSteps), "the walk")
		}
		if err := info.Check(step, anchors); err != nil {
			return walkError(err, fmt.Sprintf("call %d: the step", r.calls))
		}
		if step.Decision.Anchor {
			anchors++
		}
		answers = append(answers, randomAnswer(kinds[step.Decision.Kind], step.Decision, rng))
	}
}

// rewards records the calls for some rewards.
func (r *recorder) rewards(ctx context.Context, shaper string, params json.RawMessage) error {
	if _, err := r.ask(ctx, spec.OpCodeDescribe, struct{}{}); err != nil {
		return err
	}
	if _, err := r.ask(ctx, spec.OpCodeDescribe, offerPayload{Shaper: shaper, Params: params}); err != nil {
		return err
	}
	for _, metrics := range exampleMetrics(5) {
		if _, err := r.ask(ctx, spec.OpCodeReward, rewardPayload{shaper, params, metrics}); err != nil {
			return err
		}
	}
	return nil
}
