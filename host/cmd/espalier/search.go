package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/host/supply"
)

// runFlags say where and how a study runs; they are not part of what it is.
type runFlags struct {
	runs    string
	effort  effort
	control bool
	print   bool
	serving serving
}

func (r *runFlags) add(cmd *cobra.Command) {
	runsFlag(cmd, &r.runs)
	r.effort.add(cmd)
	cmd.Flags().BoolVar(&r.print, "print-config", false, "print the whole configuration and run nothing")
	r.serving.addBeside(cmd)
}

func (a *app) searchCommand() *cobra.Command {
	var run runFlags
	cmd := &cobra.Command{
		Use:   "search",
		Short: "Run a search",
		Long: `Run a search. Without flags: a small convolutional space on embedded images, in
about a minute on two cores, with nothing to download. On a text: recurrent
cells, measured by perplexity, or by bits per character.

Flags are stronger than ESPALIER_* variables, which are stronger than --config,
which is stronger than the defaults; --print-config shows what comes out.`,
		Example: `  espalier search --control
  espalier search --data mnist --data-dir data --trials 20
  espalier search --data cifar10 --data-dir data --space cnn:v1 --layers 6
  espalier search --data grammar --control
  espalier search --data ptb --data-dir data --limit 100000 --epochs 4
  espalier search --space ./my-plugin.wasm:my-space --params '{"depth": 3}'
  espalier search --space ./my-space.json`,
		Args: noArgs,
	}
	study := addStudyFlags(cmd)
	run.add(cmd)
	a.lockFlag(cmd)
	cmd.Flags().BoolVar(&run.control, "control", false, "run random search at the same budget beside it, and compare")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		d, err := study.document(a)
		if err != nil {
			return err
		}
		return inDocument(study.space, a.search(cmd.Context(), d, run))
	}
	return cmd
}

func (a *app) randomCommand() *cobra.Command {
	var run runFlags
	cmd := &cobra.Command{
		Use:   "random",
		Short: "Run random search: the control of every search",
		Long:  "Run random search, the control of every search, with the flags of espalier search.",
		Args:  noArgs,
	}
	study := addStudyFlags(cmd)
	run.add(cmd)
	a.lockFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		d, err := study.document(a)
		if err != nil {
			return err
		}
		return inDocument(study.space, a.search(cmd.Context(), asRandom(d), run))
	}
	return cmd
}

// asRandom makes a study its own random control.
func asRandom(d document) document {
	d["strategy"] = map[string]any{"name": "random"}
	return d
}

// search begins a study, and its control if one is asked for.
func (a *app) search(ctx context.Context, d document, run runFlags) error {
	c, err := d.decode()
	if err != nil {
		return err
	}
	if run.control && c.Strategy.Name == "random" {
		return usagef("--control: the study is a random search itself")
	}
	if err := errors.Join(checkName(c.Name), run.effort.check()); err != nil {
		return err
	}
	if run.print {
		return a.printJSON(c)
	}
	s, err := a.open(ctx, c, pluginFiles{})
	if err != nil {
		return err
	}
	defer s.close(ctx)
	dir, err := freeDir(run.runs, runName(c))
	if err != nil {
		return err
	}
	a.keepPlugins(s, dir, false)
	e := run.effort.onThisMachine(c.Trials)
	fmt.Fprintf(a.info(), "search: %s on %s by %s, %s, %s, in %s\n", offer(c.Space), c.Data.Name, c.Strategy.Name, plural(c.Trials, "trial"), e.text(a.term.Unicode), dir)
	return a.beside(ctx, run.serving, run.runs, func() error {
		if run.control {
			// Its journal is begun before the search, so that resume knows that a
			// control was asked for.
			if err := s.asControl().begin(filepath.Join(dir, controlDir)); err != nil {
				return err
			}
		}
		return a.finish(ctx, s, dir, e, extension{})
	})
}

// finish runs a study to its end, then its control if there is one, with as many
// trials, and prints the result.
func (a *app) finish(ctx context.Context, s *study, dir string, e effort, more extension) error {
	state, err := a.runStudy(ctx, s, dir, "search", e, more)
	if errors.Is(err, search.ErrAllFailed) {
		return errors.Join(err, a.showStudy(dir)) // why they failed is the result
	}
	if err != nil {
		a.keepPlugins(s, dir, true)
		return err
	}
	control := filepath.Join(dir, controlDir)
	if exists(control) {
		more := extension{to: state.Budget, by: "espalier, for equal budgets"}
		if _, err := a.runStudy(ctx, s.asControl(), control, "random control", e, more); err != nil {
			a.keepPlugins(s, dir, true)
			return resumable(err, dir)
		}
	}
	if err := a.showStudy(dir); err != nil {
		return err
	}
	next := "espalier show " + shellQuote(dir) + " TRIAL"
	if _, err := os.Stat(control); err != nil {
		next += "\n      " + repetition(dir) + " --control   # this study has no random control"
	}
	fmt.Fprintf(a.info(), "\nthe study is in %s\nnext: %s\n", dir, a.called(next))
	return nil
}

// resumable makes an error of the control name the study as what is to be
// resumed.
func resumable(err error, dir string) error {
	var e *exitError
	if errors.As(err, &e) {
		const resume = "espalier resume "
		e.next = strings.Replace(e.next, resume+shellQuote(filepath.Join(dir, controlDir)), resume+shellQuote(dir), 1)
	}
	return err
}

// asControl is the same study with random proposals.
func (s *study) asControl() *study {
	control := *s
	control.config.Strategy = search.StrategyConfig{Name: "random"}
	return &control
}

// begin makes the run directory of a study that will run later.
func (s *study) begin(dir string) error {
	log, err := s.journal(dir, journal.Default())
	if err != nil {
		return storageError(err)
	}
	return errors.Join(log.SetState(event.StudyPaused, ""), log.Close())
}

// runName is the default name of a run directory.
func runName(c search.Config) string {
	if c.Name != "" {
		return c.Name
	}
	plugin := filepath.Base(c.Space.Plugin)
	if supply.IsHash(plugin) {
		plugin = fmt.Sprintf("sha256-%.8s", plugin[len(supply.HashPrefix):])
	}
	return fmt.Sprintf("%s-%s-%s-s%d", c.Data.Name, plugin, spaceLabel(c.Space), c.Seed)
}

func offer(p search.Plugin) string { return p.Plugin + ":" + p.Name }
