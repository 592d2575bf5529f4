package main

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// trialView is what `espalier show RUN TRIAL --json` prints.
type trialView struct {
	Schema  string         `json:"schema"` // "espalier.trial/1"
	Sampled *event.Sampled `json:"sampled"`
	Done    *event.Done    `json:"done,omitempty"`
	Network *spec.Network  `json:"network,omitempty"`
	// TrainingBytes is the memory that training holds at once; 0 if it is not
	// known.
	TrainingBytes int64 `json:"training_bytes,omitempty"`
}

// trialEvents reads how a trial was sampled and, if it has, how it ended.
func trialEvents(dir string, id int) (*event.State, *event.Sampled, *event.Done, error) {
	r, err := journal.OpenReader(dir)
	if err != nil {
		return nil, nil, nil, storageError(err)
	}
	defer r.Close()
	var state event.State
	var sampled *event.Sampled
	var done *event.Done
	for {
		e, err := r.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = state.Apply(e)
		}
		if err != nil {
			return nil, nil, nil, storageError(err)
		}
		if e.Sampled != nil && e.Sampled.Trial == id {
			sampled = e.Sampled
		}
		if e.Done != nil && e.Done.Trial == id {
			done = e.Done
		}
	}
	if sampled == nil {
		return nil, nil, nil, usagef("%s has no trial %d; it has %s", dir, id, plural(len(state.Trials), "trial"))
	}
	return &state, sampled, done, nil
}

// networkOf returns the network of a trial; a duplicate's is written with the
// trial that it repeats. It is nil where the answers decode to none.
func networkOf(dir string, state *event.State, id int) (*spec.Network, error) {
	t := state.Trial(id)
	for t.DuplicateOf != 0 {
		t = state.Trial(t.DuplicateOf)
	}
	_, sampled, _, err := trialEvents(dir, t.ID)
	if err != nil {
		return nil, err
	}
	return sampled.Network, nil
}

// outputOf is the end of what the plugin that made a trial fail had printed.
func outputOf(sampled *event.Sampled, done *event.Done) string {
	if done != nil {
		return done.Output
	}
	return sampled.Output
}

func (a *app) showTrial(dir string, id int) error {
	state, sampled, done, err := trialEvents(dir, id)
	if err != nil {
		return err
	}
	network := sampled.Network
	if network == nil {
		if network, err = networkOf(dir, state, id); err != nil {
			return err
		}
	}
	bytes := trainingBytes(state.Started, network)
	if a.json {
		return a.printJSON(trialView{Schema: "espalier.trial/1", Sampled: sampled, Done: done, Network: network, TrainingBytes: bytes})
	}
	w := a.term.Out
	t := state.Trial(id)
	fmt.Fprintf(w, "trial %d: %s, sampled by policy version %d\n", id, t.Status, t.Version)
	if t.Reason != "" {
		fmt.Fprintf(w, "reason: %s\n", t.Reason)
	}
	if output := strings.TrimRight(outputOf(sampled, done), "\n"); output != "" {
		fmt.Fprintf(w, "the plugin had printed:\n  %s\n", strings.ReplaceAll(output, "\n", "\n  "))
	}
	if t.DuplicateOf != 0 {
		fmt.Fprintf(w, "it repeats the network of trial %d\n", t.DuplicateOf)
	}
	if t.Status == event.OK {
		fmt.Fprintf(w, "reward %s%s\n", report.Number(t.Reward.Reward), partsText(t.Reward.Parts))
	}
	if bytes > 0 {
		fmt.Fprintf(w, "training holds %s\n", report.Bytes(bytes))
	}
	if network != nil {
		fmt.Fprintf(w, "\n%s", report.Draw(network, report.DrawOptions{Screen: a.screen()}))
	}
	if len(t.Metrics.Epochs) > 0 {
		fmt.Fprintf(w, "\n%s", epochTable(report.StudyMetric(state), t.Metrics.Epochs).Render(a.screen()))
	}
	fmt.Fprintf(w, "\n%s", decisionTable(state.Started.Kinds, sampled).Render(a.screen()))
	return nil
}

// trainingBytes is the memory that training a network of the study holds, by
// this program's plan; 0 if it cannot be trained.
func trainingBytes(s *event.Started, network *spec.Network) int64 {
	c, err := search.Decode(s.Config)
	if err != nil || network == nil {
		return 0
	}
	bytes, err := c.Recipe.TrainingBytes(network, s.Data.Train, s.Data.Valid)
	if err != nil {
		return 0
	}
	return bytes
}

func partsText(parts []spec.Part) string {
	if len(parts) == 0 {
		return ""
	}
	words := make([]string, len(parts))
	for i, p := range parts {
		words[i] = fmt.Sprintf("%s %s", strings.ReplaceAll(p.Name, "_", " "), report.Number(p.Value))
	}
	return " (" + strings.Join(words, ", ") + ")"
}

// epochTable is a curve: losses in nats, and the metric on both parts.
func epochTable(metric report.Metric, epochs []spec.Epoch) report.Table {
	short := "acc."
	if metric.Lower() {
		short = metric.Title()
	}
	table := report.Table{Columns: []report.Column{
		{Title: "epoch", Right: true}, {Title: "train loss", Right: true, Drop: 2}, {Title: "train " + short, Right: true},
		{Title: "valid loss", Right: true, Drop: 2}, {Title: "valid " + short, Right: true}, {Title: "seconds", Right: true, Drop: 3},
	}}
	for _, e := range epochs {
		train := e.TrainAccuracy
		if metric.Lower() {
			train = metric.OfLoss(e.TrainLoss)
		}
		table.Rows = append(table.Rows, []string{
			fmt.Sprint(e.Epoch), report.Number(e.TrainLoss), metric.Text(train),
			report.Number(e.ValidLoss), metric.Text(metric.Of(e)), report.Number(e.Seconds),
		})
	}
	return table
}

// decisionTable lists what was decided, with the probability that the
// controller gave to it at that time.
func decisionTable(kinds []spec.Kind, s *event.Sampled) report.Table {
	options := map[string][]string{}
	for _, k := range kinds {
		options[k.ID] = k.Options
	}
	table := report.Table{Columns: []report.Column{
		{Title: "decision"}, {Title: "answer"}, {Title: "probability", Right: true}, {Title: "entropy", Right: true, Drop: 1},
	}}
	for i, d := range s.Decisions {
		answer := event.CompactAnswers(s.Answers[i : i+1])
		if labels := options[d.Kind]; !s.Answers[i].Set && s.Answers[i].Index < len(labels) {
			answer = labels[s.Answers[i].Index]
		}
		row := []string{d.Name, answer, report.Unknown, report.Unknown}
		if i < len(s.StepLogProbs) {
			row[2] = report.Percent(math.Exp(s.StepLogProbs[i]))
		}
		if i < len(s.StepEntropies) {
			row[3] = report.Number(s.StepEntropies[i]) + " nats"
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

// shellQuote quotes s for a POSIX shell where it needs it.
func shellQuote(s string) string {
	plain := s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,", r)
	}) < 0
	if plain {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
