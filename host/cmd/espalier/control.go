package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// answerIn is how long espalier control waits for an answer: the study may be
// just learning, or read its journal.
const answerIn = 30 * time.Second

func (a *app) controlCommand() *cobra.Command {
	var runs, by string
	cmd := &cobra.Command{
		Use:   "control RUN pause|continue|stop|extend N|cancel TRIAL",
		Short: "Pause, stop or extend a study that runs, or cancel one of its trials",
		Long: `Ask the process that runs a study for something:

  pause         begin no child until the study continues; those that are being
                trained go on to their end
  continue      go on after a pause
  stop          end in good order, as after Ctrl-C; espalier resume goes on
  extend N      give the study N more trials
  cancel TRIAL  let a trial fail that has been sampled and has not ended

The study journals what it was asked for before it does so. A pause, a stop and
a larger budget change no result: in deterministic mode the trials are those of
the study that nobody touched, or that had the larger budget from the beginning.
A study that has ended is extended by espalier resume RUN --add N.

RUN is a run directory, a name inside --runs, or "latest".`,
		Example: `  espalier control latest pause
  espalier control runs/cifar extend 100
  espalier control latest cancel 17`,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := parseControl(cmd.CommandPath(), args)
			if err != nil {
				return err
			}
			c.By = by
			if err := c.Validate(); err != nil {
				return usagef("%s", strings.TrimPrefix(err.Error(), "control: "))
			}
			dir, err := findRun(runs, args[0])
			if err != nil {
				return err
			}
			return a.control(cmd.Context(), dir, c)
		},
	}
	runsFlag(cmd, &runs)
	cmd.Flags().StringVar(&by, "by", "espalier control", "who asks, as the journal and a cancelled trial will say")
	return cmd
}

// parseControl reads the words after "espalier control".
func parseControl(command string, args []string) (event.Controlled, error) {
	var c event.Controlled
	actions := make([]string, len(event.Actions))
	for i, action := range event.Actions {
		actions[i] = string(action)
	}
	if len(args) < 2 {
		return c, usagef("%s takes a run and one of %s", command, strings.Join(actions, ", "))
	}
	c.Action = event.Action(args[1])
	var number *int
	switch c.Action {
	case event.Pause, event.Continue, event.Stop:
	case event.Extend:
		number = &c.Trials
	case event.Cancel:
		number = &c.Trial
	default:
		help := spec.Suggest(args[1], actions)
		if help == "" {
			help = "; known are " + strings.Join(actions, ", ")
		}
		return c, usagef("unknown action %q%s", args[1], help)
	}
	what := "the number of trials to add"
	if c.Action == event.Cancel {
		what = "the number of a trial"
	}
	switch {
	case number == nil && len(args) > 2:
		return c, usagef("%s takes nothing more, but was given %q", c.Action, args[2])
	case number != nil && len(args) != 3:
		return c, usagef("%s takes %s, such as %s %s 10", c.Action, what, command+" "+args[0], c.Action)
	case number != nil:
		n, err := strconv.Atoi(args[2])
		if err != nil {
			return c, usagef("%s %q: want %s", c.Action, args[2], what)
		}
		*number = n
	}
	return c, nil
}

// control asks the process that runs the study in dir and prints what happens.
func (a *app) control(ctx context.Context, dir string, c event.Controlled) error {
	name := "the study in " + dir
	if control := filepath.Join(dir, controlDir); c.Action != event.Cancel && c.Action != event.Extend && ended(dir) && exists(control) && !ended(control) {
		dir, name = control, "the random control in "+control // only it can be meant
	}
	waited, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	if err := journal.Ask(waited, dir, c); err != nil {
		if ctx.Err() != nil {
			return interruption(context.Cause(ctx), "")
		}
		return controlError(err, dir, c)
	}
	if a.json {
		return a.printJSON(controlView{"espalier.control/1", dir, c})
	}
	fmt.Fprintln(a.term.Out, controlText(name, c))
	if next := map[event.Action]string{event.Pause: "espalier control " + shellQuote(dir) + " continue", event.Stop: "espalier resume " + shellQuote(dir)}[c.Action]; next != "" {
		fmt.Fprintf(a.info(), "next: %s\n", a.called(next))
	}
	return nil
}

// controlView is what `espalier control --json` prints.
type controlView struct {
	Schema string `json:"schema"` // "espalier.control/1"
	Dir    string `json:"dir"`
	event.Controlled
}

// controlText tells what a request that was granted does.
func controlText(name string, c event.Controlled) string {
	switch c.Action {
	case event.Pause:
		return name + " is paused: children that are being trained go on to their end, no other begins"
	case event.Continue:
		return name + " goes on"
	case event.Stop:
		return name + " stops"
	case event.Extend:
		return fmt.Sprintf("%s has %s more", name, plural(c.Trials, "trial"))
	}
	return fmt.Sprintf("trial %d of %s is cancelled; it fails when its turn comes", c.Trial, name)
}

// controlError says what to do where nothing can be asked of a study.
func controlError(err error, dir string, c event.Controlled) error {
	resume := "espalier resume " + shellQuote(dir)
	var not *journal.NotRunningError
	switch {
	case errors.Is(err, journal.ErrRefused):
		return &exitError{code: exitUsage, err: err, next: "espalier show " + shellQuote(dir)}
	case !errors.As(err, &not):
		return storageError(err)
	case c.Action == event.Extend:
		return &exitError{code: exitUsage, err: err, next: fmt.Sprintf("%s --add %d", resume, c.Trials)}
	case not.State == event.StudyDone:
		return &exitError{code: exitUsage, err: err, next: "espalier show " + shellQuote(dir)}
	}
	return &exitError{code: exitUsage, err: err, next: resume}
}

// controlLine is what the progress of a study says of a control; empty: nothing.
func controlLine(c *event.Controlled, budget int) string {
	switch c.Action {
	case event.Pause:
		return fmt.Sprintf("paused by %s: no child begins until the study continues", c.By)
	case event.Continue:
		return "continued by " + c.By
	case event.Stop:
		return "" // the program says so when it ends
	case event.Extend:
		return fmt.Sprintf("%s more by %s, %s altogether", plural(c.Trials, "trial"), c.By, report.Grouped(int64(budget)))
	case event.Cancel:
		return fmt.Sprintf("trial %d %s", c.Trial, c.Reason())
	}
	return fmt.Sprintf("%s by %s", c.Action, c.By)
}
