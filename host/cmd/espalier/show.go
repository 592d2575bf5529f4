package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

func (a *app) showCommand() *cobra.Command {
	var runs string
	var reproduce bool
	cmd := &cobra.Command{
		Use:   "show RUN [TRIAL]",
		Short: "Show a study, or one of its trials",
		Long: `Show a study: its best network drawn, its best trials, what failed, and how it
compares with its random control. With a trial's number, show that trial: its
network, what the controller decided and how sure it was, and its curve.

RUN is a run directory, a name inside --runs, or "latest"; or the directory of
a training without a study.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usagef("%s takes a run and perhaps a trial, but was given %d arguments", cmd.CommandPath(), len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			dir, err := findRun(runs, args[0])
			if err != nil {
				if trainings := findTrainings(runs, args[0]); trainings != "" && len(args) == 1 && !reproduce {
					return a.showTrainings(trainings)
				}
				return err
			}
			switch {
			case reproduce:
				return a.reproduce(dir)
			case len(args) == 2:
				id, err := strconv.Atoi(args[1])
				if err != nil {
					return usagef("trial %q is not a number", args[1])
				}
				return a.showTrial(dir, id)
			}
			return a.showStudy(dir)
		},
	}
	runsFlag(cmd, &runs)
	cmd.Flags().BoolVar(&reproduce, "reproduce", false, "print the command that repeats the study")
	return cmd
}

// studyView is what `espalier show --json` prints.
type studyView struct {
	Schema  string         `json:"schema"` // "espalier.study/1"
	Dir     string         `json:"dir"`
	Study   *journal.Study `json:"study"`
	State   string         `json:"state"`
	Counts  event.Counts   `json:"counts"`
	Best    *bestView      `json:"best,omitempty"`
	Network *spec.Network  `json:"network,omitempty"`
	// Comparison sets the study beside its random control.
	Comparison *report.Comparison `json:"comparison,omitempty"`
	Trend      report.Trend       `json:"trend"`
	// Trained are the networks that espalier train has trained anew.
	Trained []groupView `json:"trained,omitempty"`
}

// bestView is the best trial of a study.
type bestView struct {
	Trial     int     `json:"trial"`
	Reward    float64 `json:"reward"`
	score             // the best of its curve
	Params    int64   `json:"params"`
	MACs      int64   `json:"macs"`
	NetworkID string  `json:"network_id"`
	Answers   string  `json:"answers"`
}

func viewBest(s *event.State) *bestView {
	t := s.Best()
	if t == nil {
		return nil
	}
	metric := report.StudyMetric(s)
	return &bestView{t.ID, t.Reward.Reward, scoreOf(metric, metric.Best(t.Metrics.Epochs)), t.Params, t.MACs, t.NetworkID, t.Answers}
}

// opened is a run directory as `show` reads it.
type opened struct {
	dir     string
	study   journal.Study
	state   *event.State
	control *event.State // nil: none
	network *spec.Network
	trained []journal.Training
}

func openRun(dir string) (*opened, error) {
	study, err := journal.ReadStudy(dir)
	if err != nil {
		return nil, storageError(err)
	}
	state, err := journal.ReadState(dir)
	if err != nil {
		return nil, storageError(err)
	}
	if state.Started == nil {
		return nil, &exitError{code: exitData, err: fmt.Errorf("%s: the study has no event yet", dir), next: "espalier resume " + dir}
	}
	o := &opened{dir: dir, study: study, state: state}
	o.control, err = controlOf(dir)
	if err != nil {
		return nil, err
	}
	if o.trained, err = journal.ReadTrainings(dir); err != nil {
		return nil, storageError(err)
	}
	if state.BestID != 0 {
		o.network, err = networkOf(dir, state, state.BestID)
	}
	return o, err
}

// controlOf reads the random control of a study; nil if it has none.
func controlOf(dir string) (*event.State, error) {
	state, err := journal.ReadState(filepath.Join(dir, controlDir))
	if errors.Is(err, journal.ErrNoStudy) || errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, storageError(err)
	}
	if state.Started == nil || state.Counts.Ended() == 0 {
		return nil, nil
	}
	return state, nil
}

func (a *app) showStudy(dir string) error {
	o, err := openRun(dir)
	if err != nil {
		return err
	}
	trend := report.MeasureTrend([]report.Run{report.RunOf(o.state)}, 0.95)
	if a.json {
		view := studyView{
			Schema: "espalier.study/1", Dir: dir, Study: &o.study, State: stateOf(&o.study),
			Counts: o.state.Counts, Best: viewBest(o.state), Network: o.network, Trend: trend,
		}
		for _, g := range groups(o.trained) {
			view.Trained = append(view.Trained, viewTrained(g))
		}
		if o.control != nil {
			c := report.Compare([]report.Run{report.DistinctRun(o.state)}, []report.Run{report.DistinctRun(o.control)}, report.CompareOptionsOf(o.state))
			view.Comparison = &c
		}
		return a.printJSON(view)
	}
	a.printStudy(a.term.Out, o, trend)
	return nil
}

func (a *app) printStudy(w io.Writer, o *opened, trend report.Trend) {
	s := o.state
	fmt.Fprintf(w, "study %s (%s): %s on %s by %s, seed %d\n", filepath.Base(o.dir), stateOf(&o.study),
		spaceName(&o.study), o.study.Data.Name, o.study.Strategy, o.study.Seed)
	fmt.Fprintln(w, report.Paragraph(fmt.Sprintf("%d of %s ended, %d failed, %d repeated an earlier network, %s of the policy",
		s.Counts.Ended(), plural(o.study.Trials, "trial"), s.Counts.Failed, s.Counts.Duplicates, plural(s.Counts.Updates, "update")), a.screen()))
	a.printBest(w, s, o.network)
	if s.Counts.OK > 1 {
		fmt.Fprintln(w, "\nthe best networks")
		a.printTop(w, s, 5)
	}
	if s.Counts.Failed > 0 {
		fmt.Fprintln(w)
		printFailures(w, s)
	}
	if s.Counts.OK > 1 {
		fmt.Fprintf(w, "\n%s\n", report.Paragraph(trend.Sentence, a.screen()))
		a.printComparison(w, s, o.control)
	}
	a.printTrained(w, o.trained)
}

// reproduction is what `espalier show RUN --reproduce --json` prints.
type reproduction struct {
	Schema  string `json:"schema"` // "espalier.reproduce/1"
	Command string `json:"command"`
	Program string `json:"program"` // version that ran the study
	Kernels string `json:"kernels"` // level within which bits repeat
}

// repetition is the command that repeats a study without its control.
func repetition(dir string) string {
	command := "espalier search --config " + shellQuote(filepath.Join(dir, "study.json"))
	study, err := journal.ReadStudy(dir)
	if err != nil {
		return command
	}
	var begun struct{ Trials int }
	if err := json.Unmarshal(study.Config, &begun); err == nil && begun.Trials != study.Trials {
		command += fmt.Sprintf(" --trials %d", study.Trials) // it was extended
	}
	return command
}

// cancelled counts the trials that somebody cancelled.
func cancelled(s *event.State) int {
	n := 0
	for _, c := range s.Controls {
		if c.Action == event.Cancel {
			n++
		}
	}
	return n
}

// repetitionWhole is the command that repeats a study, with its control if it
// has one.
func repetitionWhole(dir string) string {
	if exists(filepath.Join(dir, controlDir)) {
		return repetition(dir) + " --control"
	}
	return repetition(dir)
}

// reproduce prints the command that repeats a study.
func (a *app) reproduce(dir string) error {
	study, err := journal.ReadStudy(dir)
	if err != nil {
		return storageError(err)
	}
	command := repetitionWhole(dir)
	if a.json {
		if err := a.printJSON(reproduction{"espalier.reproduce/1", command, study.Program, study.Kernels}); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(a.term.Out, command)
	}
	if study.Program != version {
		fmt.Fprintf(a.info(), "note: the study was run by espalier %s, this is %s\n", study.Program, version)
	}
	state, err := journal.ReadState(dir)
	if err != nil {
		return storageError(err)
	}
	if n := cancelled(state); n > 0 {
		fmt.Fprintf(a.info(), "note: %s %s cancelled by hand, which the command does not repeat\n", plural(n, "trial"), whether(n == 1, "was", "were"))
	}
	fmt.Fprintf(a.info(), "note: bits repeat at the kernel level %s only; ESPALIER_KERNELS=%s forces it\n", study.Kernels, study.Kernels)
	return nil
}
