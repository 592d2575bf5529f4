package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/wasm/sandbox"
)

func (a *app) resumeCommand() *cobra.Command {
	var runs string
	var r resumption
	cmd := &cobra.Command{
		Use:   "resume RUN",
		Short: "Go on with a study that was stopped or killed",
		Long: `Go on with a study that was stopped or killed, and with its random control if it
has one. In deterministic mode the result is the one that the uninterrupted
study would have had. A study that stopped since its plugin spent too much goes
on with higher --plugin-limits, and keeps them.

With --add or --trials the study gets more trials, also after its end. In
deterministic mode they are the trials that it would have had with the larger
budget from the beginning. Its random control gets as many.

RUN is a run directory, a name inside --runs, or "latest".`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := findRun(runs, args[0])
			if err != nil {
				return err
			}
			if err := r.effort.check(); err != nil {
				return err
			}
			if r.more, err = extended(cmd, dir, r.add, r.trials); err != nil {
				return err
			}
			if cmd.Flags().Changed(limitsFlagName) {
				r.limits = &a.limits
			}
			return a.resume(cmd.Context(), dir, r)
		},
	}
	runsFlag(cmd, &runs)
	dataDirFlag(cmd, &r.dataDir)
	r.effort.add(cmd)
	r.serving.addBeside(cmd)
	a.lockFlag(cmd)
	limitsFlag(cmd)
	cmd.Flags().IntVar(&r.add, "add", 0, "give the study so many more trials")
	cmd.Flags().IntVar(&r.trials, "trials", 0, "give the study more trials, to so many altogether")
	for _, name := range []string{"add", "trials"} {
		_ = cmd.Flags().SetAnnotation(name, typedOnly, nil)
	}
	cmd.Flags().StringVar(&r.files.space, "space", "", "where the search space's .wasm file lies now, if it was moved, or sha256:HASH")
	cmd.Flags().StringVar(&r.files.shaper, "shaper", "", "where the reward shaper's .wasm file lies now, if it was moved, or sha256:HASH")
	return cmd
}

// resumption is what may be otherwise than when the study began.
type resumption struct {
	dataDir string
	files   pluginFiles
	limits  *sandbox.Limits // nil: those of the study
	effort  effort
	serving serving

	add, trials int // as given
	more        extension
}

// extended is by how much --add or --trials extends the study in dir.
func extended(cmd *cobra.Command, dir string, add, trials int) (extension, error) {
	adds, sets := cmd.Flags().Changed("add"), cmd.Flags().Changed("trials")
	x := extension{by: "espalier resume"}
	kept, err := journal.ReadStudy(dir)
	switch {
	case err != nil:
		return x, storageError(err)
	case adds && sets:
		return x, usagef("--add and --trials say the same in two ways; give one of them")
	case adds && add < 1:
		return x, usagef("--add %d: want 1 trial or more", add)
	case sets && trials < kept.Trials:
		return x, usagef("--trials %d: the study has a budget of %s, which can only grow; to end it earlier, espalier control RUN stop", trials, plural(kept.Trials, "trial"))
	}
	if x.trials = add; sets {
		x.to = trials
	}
	return x, nil
}

func (a *app) resume(ctx context.Context, dir string, r resumption) error {
	kept, err := journal.ReadStudy(dir)
	if err != nil {
		return storageError(err)
	}
	more := r.more.of(kept.Trials)
	if more == 0 && complete(dir) {
		fmt.Fprintf(a.info(), "the study in %s has ended; nothing to resume\n", dir)
		return a.showStudy(dir)
	}
	c, err := search.Decode(kept.Config)
	if err != nil {
		return &exitError{code: exitData, err: fmt.Errorf("%s: %w", dir, err)}
	}
	if r.dataDir == "" && c.Data.Name != "text" {
		r.dataDir = a.dataDir("") // where a text lies is not where data sets do
	}
	if r.dataDir != "" {
		c.Data.Dir = r.dataDir
	}
	if r.limits != nil {
		c.PluginLimits = r.limits.String()
	}
	limits, err := studyLimits(c)
	if err != nil {
		return err
	}
	files, err := a.findPlugins(kept, r.files, dir, limits.FileBytes)
	if err != nil {
		return err
	}
	s, err := a.open(ctx, c, files)
	if err != nil {
		return err
	}
	defer s.close(ctx)
	a.keepPlugins(s, dir, false)
	e := r.effort.onThisMachine(kept.Trials + more)
	fmt.Fprintf(a.info(), "resume: %s on %s by %s, %s, in %s\n", offer(c.Space), c.Data.Name, c.Strategy.Name, e.text(a.term.Unicode), dir)
	if more > 0 && c.Mode == search.Async {
		fmt.Fprintln(a.info(), "note: in asynchronous mode the newest policy samples the further trials; with the larger budget from the beginning, some would be of earlier ones")
	}
	return a.beside(ctx, r.serving, filepath.Dir(dir), func() error { return a.finish(ctx, s, dir, e, r.more) })
}

// complete reports whether a study has ended, and its control if it has one, with
// as many trials.
func complete(dir string) bool {
	control := filepath.Join(dir, controlDir)
	if !ended(dir) || !exists(control) {
		return ended(dir)
	}
	a, err := journal.ReadStudy(dir)
	b, other := journal.ReadStudy(control)
	return errors.Join(err, other) == nil && ended(control) && b.Trials >= a.Trials
}

// ended reports whether a study has had its last trial.
func ended(dir string) bool {
	s, err := journal.ReadStudy(dir)
	return err == nil && s.State == event.StudyDone
}

func exists(dir string) bool {
	_, err := journal.ReadStudy(dir)
	return err == nil
}
