package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/report"
)

// listing is what `espalier ls --json` prints.
type listing struct {
	Schema  string       `json:"schema"` // "espalier.ls/1"
	Studies []runSummary `json:"studies"`
	// Trainings are directories of networks that belong to no study.
	Trainings []trainingsSummary `json:"trainings"`
}

// trainingsSummary is a directory of trainings in a list.
type trainingsSummary struct {
	Dir   string `json:"dir"`
	Count int    `json:"trainings"`
}

// runSummary is one study in a list.
type runSummary struct {
	Dir      string   `json:"dir"`
	Name     string   `json:"name"`
	State    string   `json:"state"` // running, paused, done, failed or killed
	Strategy string   `json:"strategy"`
	Space    string   `json:"space"`
	Data     string   `json:"data"`
	Seed     uint64   `json:"seed"`
	Ended    int      `json:"ended"` // trials
	Trials   int      `json:"trials"`
	Failed   int      `json:"failed"`
	Best     *float64 `json:"best_reward"`
	Accuracy *float64 `json:"best_accuracy"`
	// Perplexity or Bits stand in the place of Accuracy for texts.
	Perplexity *float64  `json:"best_perplexity,omitempty"`
	Bits       *float64  `json:"best_bits_per_character,omitempty"`
	Control    bool      `json:"control"` // a random control lies beside it
	Created    time.Time `json:"created"`
	Problem    string    `json:"problem,omitempty"` // why its events cannot be read
}

func (a *app) lsCommand() *cobra.Command {
	var runs string
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "List the studies, and what was trained without one",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.ls(runs)
		},
	}
	runsFlag(cmd, &runs)
	return cmd
}

func (a *app) ls(runs string) error {
	entries, err := listRuns(runs)
	if err != nil {
		return err
	}
	list := listing{Schema: "espalier.ls/1", Studies: []runSummary{}, Trainings: trainingsIn(runs)}
	for _, e := range entries {
		list.Studies = append(list.Studies, summarize(e))
	}
	if a.json {
		return a.printJSON(list)
	}
	if len(list.Studies) == 0 {
		fmt.Fprintf(a.info(), "there is no study in %s yet\nnext: %s\n", runs, a.called("espalier search"))
	} else {
		a.listStudies(list.Studies)
	}
	for _, t := range list.Trainings {
		fmt.Fprintf(a.term.Out, "%s: %s without a study\n", filepath.Base(t.Dir), plural(t.Count, "training"))
	}
	return nil
}

// trainingsIn lists the directories in the runs folder that hold trainings and
// no study. What cannot be read is left for show to complain of.
func trainingsIn(runs string) []trainingsSummary {
	list := []trainingsSummary{}
	entries, _ := os.ReadDir(runs)
	for _, e := range entries {
		dir := filepath.Join(runs, e.Name())
		if _, err := journal.ReadStudy(dir); !errors.Is(err, journal.ErrNoStudy) {
			continue
		}
		if rows, err := journal.ReadTrainings(dir); err == nil && len(rows) > 0 {
			list = append(list, trainingsSummary{dir, len(rows)})
		}
	}
	return list
}

// listStudies prints a table of studies, which are one at least.
func (a *app) listStudies(studies []runSummary) {
	table := report.Table{Columns: []report.Column{
		{Title: "run"}, {Title: "state"}, {Title: "trials", Right: true},
		{Title: "best", Right: true}, {Title: "validation", Right: true, Drop: 1},
		{Title: "strategy", Drop: 2}, {Title: "created", Drop: 3},
	}}
	for _, s := range studies {
		table.Rows = append(table.Rows, []string{
			filepath.Base(s.Dir), s.State, fmt.Sprintf("%d/%d", s.Ended, s.Trials),
			orUnknown(s.Best, report.Number), s.measured(),
			s.Strategy, created(s.Created),
		})
	}
	fmt.Fprint(a.term.Out, table.Render(a.screen()))
	for _, s := range studies {
		if s.Problem != "" {
			fmt.Fprintf(a.info(), "warning: %s: %s\n", s.Dir, s.Problem)
		}
	}
}

// measured is the metric of the best trial with what it is.
func (s runSummary) measured() string {
	switch {
	case s.Perplexity != nil:
		return "perplexity " + report.Perplexity.Text(*s.Perplexity)
	case s.Bits != nil:
		return report.Bits.Text(*s.Bits) + " bits/char."
	}
	return orUnknown(s.Accuracy, report.Percent)
}

func summarize(e journal.Entry) runSummary {
	if e.Err != nil {
		return runSummary{Dir: e.Dir, State: "damaged", Problem: e.Err.Error()}
	}
	s := runSummary{
		Dir: e.Dir, Name: e.Study.Name, State: stateOf(&e.Study), Strategy: e.Study.Strategy,
		Space: spaceName(&e.Study), Data: e.Study.Data.Name, Seed: e.Study.Seed,
		Trials: e.Study.Trials, Created: e.Study.Created,
	}
	_, err := journal.ReadStudy(filepath.Join(e.Dir, controlDir))
	s.Control = err == nil
	state, err := journal.ReadState(e.Dir)
	if err != nil {
		s.Problem = err.Error()
		return s
	}
	s.Ended, s.Failed = state.Counts.Ended(), state.Counts.Failed
	if best := state.Best(); best != nil {
		s.Best = &best.Reward.Reward
		metric := report.StudyMetric(state)
		v := scoreOf(metric, metric.Best(best.Metrics.Epochs))
		s.Accuracy, s.Perplexity, s.Bits = v.Accuracy, v.Perplexity, v.Bits
	}
	return s
}

// stateOf is the state of a study as a person sees it: one that is marked
// running while no process runs it was killed.
func stateOf(s *journal.Study) string {
	if s.State == event.StudyRunning && !s.Alive() {
		return "killed"
	}
	return string(s.State)
}

func created(t time.Time) string {
	if t.IsZero() {
		return report.Unknown
	}
	return t.Local().Format("2006-01-02 15:04")
}

func spaceName(s *journal.Study) string { return s.Space.Plugin + ":" + s.Space.Name }

func orUnknown(v *float64, format func(float64) string) string {
	if v == nil {
		return report.Unknown
	}
	return format(*v)
}
