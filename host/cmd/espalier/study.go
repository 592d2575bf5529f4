package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"

	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/host/strategy"
	"github.com/espalier-nas/espalier/host/supply"
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/sandbox"
)

// study is a configuration with everything that it needs to run: its plugins
// loaded, its data read and split.
type study struct {
	config search.Config
	files  pluginFiles
	box    *sandbox.Sandbox
	space  *sandbox.Module
	shaper *sandbox.Module
	judge  *sandbox.Shaper
	data   *dataset

	lock    *supply.Lock
	plugins []supply.Plugin // that were loaded
}

// pluginFiles say where plugins lie now, if not where the configuration says.
// That they are the same is seen by their hashes.
type pluginFiles struct{ space, shaper string }

// open loads what a configuration names. The caller closes it.
func (a *app) open(ctx context.Context, c search.Config, files pluginFiles) (*study, error) {
	goOnUnheard()
	limits, err := studyLimits(c)
	if err != nil {
		return nil, err
	}
	lock, err := a.readLock()
	if err != nil {
		return nil, err
	}
	box, err := sandbox.New(ctx, sandboxOptions(limits))
	if err != nil {
		return nil, pluginError(err)
	}
	s := &study{config: c, files: files, box: box, lock: lock}
	if err := s.load(ctx); err != nil {
		s.close(ctx)
		return nil, err
	}
	for _, note := range append(s.box.Notes(), s.data.notes...) {
		fmt.Fprintln(a.info(), "note:", note)
	}
	return s, nil
}

func (s *study) close(ctx context.Context) { _ = s.box.Close(ctx) }

func (s *study) load(ctx context.Context) error {
	c := s.config
	err := c.Data.Options.Validate()
	if err != nil {
		return dataError(err)
	}
	if s.space, err = s.module(ctx, cmp.Or(s.files.space, c.Space.Plugin)); err != nil {
		return err
	}
	if err := s.checkSpace(ctx); err != nil {
		return err
	}
	if s.data, err = openData(c); err != nil {
		return err
	}
	if err := s.data.suits(c.Recipe); err != nil {
		return usagef("%v", err)
	}
	if s.shaper, err = s.module(ctx, cmp.Or(s.files.shaper, c.Shaper.Plugin)); err != nil {
		return err
	}
	if s.judge, err = s.shaper.Shaper(ctx, c.Shaper.Name, c.Shaper.Params); err != nil {
		return pluginError(err)
	}
	return nil
}

// checkSpace lets the space refuse its parameters, those of the first trial and
// of the deepest, and the strategy its own, before data is read and anything is
// written.
func (s *study) checkSpace(ctx context.Context) error {
	set, _ := data.Find(s.config.Data.Name)
	for _, trial := range []int{1, s.config.Trials} {
		params, err := s.config.SpaceParams(trial)
		if err != nil {
			return err
		}
		space, err := s.space.Space(ctx, s.config.Space.Name, params)
		if err != nil {
			return pluginError(err)
		}
		if trial == 1 {
			c := s.config.Strategy
			if _, err := strategy.New(c.Name, c.Params, space.Info().Kinds, s.config.Seed); err != nil {
				return &exitError{code: exitUsage, err: err}
			}
		}
		if task := set.Task; space.Info().Task != task {
			return &exitError{code: exitUsage, err: fmt.Errorf("the space %s is for %s, the data set %s for %s; choose one of them anew, with --space or --data", offer(s.config.Space), space.Info().Task, s.config.Data.Name, task)}
		}
	}
	return nil
}

// module loads a plugin, unless the lock file pins another.
func (s *study) module(ctx context.Context, name string) (*sandbox.Module, error) {
	p, err := openPlugin(name, s.box.Limits().FileBytes)
	if err == nil {
		err = lockError(s.lock.Check(p))
	}
	if err != nil {
		return nil, err
	}
	m, err := s.box.Load(ctx, name, p.Wasm)
	if err != nil {
		return nil, pluginError(err)
	}
	s.plugins = append(s.plugins, p)
	return m, nil
}

// pluginError gives the sandbox's errors their exit code, and everything that
// is known of them.
func pluginError(err error) error {
	var e *sandbox.Error
	if errors.As(err, &e) {
		if e.Op == "describe" && errors.Is(err, sandbox.ErrAnswer) {
			return &exitError{code: exitUsage, err: err} // it was asked for what it does not have
		}
		return &exitError{code: exitPlugin, err: errors.New(e.Report())}
	}
	return &exitError{code: exitPlugin, err: err}
}

// started is what the study says of itself in its first event.
func (s *study) started() event.Started {
	space, shaper := supply.Describe(s.plugins[0]), supply.Describe(s.plugins[1])
	shaper.Version, shaper.Params = s.judge.Info().Version, json.RawMessage(s.judge.Info().Params)
	return event.Started{
		Program: version,
		Go:      runtime.Version(),
		Kernels: string(kernels.Active()),
		Space:   space,
		Shaper:  shaper,
		Data:    s.data.about,
		Task:    s.data.task,
	}
}

// deps is what the runner needs, all but where it writes and who watches.
func (s *study) deps(e effort) search.Deps {
	return search.Deps{
		Space: func(ctx context.Context, params json.RawMessage) (search.Space, error) {
			space, err := s.space.Space(ctx, s.config.Space.Name, params)
			if err != nil {
				return nil, err
			}
			return space, nil
		},
		Shaper: s.judge,
		Evaluator: &search.Trainer{
			Examples: s.data.examples, Recipe: s.config.Recipe, Threads: e.threads, Cores: e.cores, MemoryBytes: int64(e.memory),
		},
		Started: s.started(),
		Task:    s.data.task,
	}
}

// extension gives a study more trials: so many, or those that it lacks of a
// total. How many these are, the open journal knows; where the process was killed,
// study.json may be behind it.
type extension struct {
	trials int // 0: none
	to     int // 0: none
	by     string
}

// of is by how much a budget grows.
func (x extension) of(budget int) int { return max(x.trials, x.to-budget, 0) }

// runStudy begins the study in dir, or goes on with it where dir holds it already.
func (a *app) runStudy(ctx context.Context, s *study, dir, title string, e effort, more extension) (*event.State, error) {
	options := journal.Default()
	options.Program, options.Kernels, options.Workers = version, string(kernels.Active()), e.workers
	log, err := s.journal(dir, options)
	if err != nil {
		return nil, storageError(err)
	}
	for _, warning := range log.Warnings() {
		fmt.Fprintln(a.info(), "warning:", warning)
	}
	watch := a.newWatcher(title, log.Seq())
	deps := s.deps(e)
	deps.Log, deps.Workers = log, e.workers
	deps.Observe = func(e event.Event) {
		if e.Seq == 0 {
			log.Live(e)
		}
		watch.Observe(e)
	}
	requests, stop := a.openInbox(log, more)
	defer stop()
	deps.Requests = requests
	runner, err := search.New(s.config, deps)
	if err != nil {
		return nil, errors.Join(&exitError{code: exitUsage, err: err}, log.Close())
	}
	state, err := runner.Run(ctx)
	stop()
	watch.Close()
	if err == nil {
		err = watch.problem
	}
	if closed := log.Close(); err == nil && closed != nil {
		err = storageError(closed)
	}
	return state, a.runError(ctx, err, dir)
}

// journal opens the run directory, or makes it.
func (s *study) journal(dir string, o journal.Options) (*journal.Journal, error) {
	if kept, err := journal.ReadStudy(dir); err == nil {
		if o.Config, err = underLimits(kept.Config, s.config); err != nil {
			return nil, err
		}
		return journal.Open(dir, o)
	}
	started, err := s.config.Begin(s.started())
	if err != nil {
		return nil, err
	}
	return journal.Create(dir, started, o)
}

// runError gives the runner's errors their exit code and the next command.
func (a *app) runError(ctx context.Context, err error, dir string) error {
	resume := "espalier resume " + shellQuote(dir)
	var stopped *search.StoppedError
	var plugin *sandbox.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &stopped):
		return &exitError{code: exitInterrupted, err: errors.New("stopped by " + stopped.By), next: resume}
	case errors.Is(err, search.ErrPaused):
		return interruption(context.Cause(ctx), resume)
	case errors.Is(err, search.ErrAllFailed):
		return &exitError{code: exitAllFailed, err: err, next: "espalier show " + shellQuote(dir)}
	case errors.As(err, &plugin):
		if plugin.Raise != "" {
			resume += " --" + limitsFlagName + " " + plugin.Raise
		}
		return &exitError{code: exitPlugin, err: errors.New(plugin.Report()), next: resume}
	case errors.Is(err, journal.ErrStorage):
		return &exitError{code: exitFailed, err: err, next: resume}
	case errors.Is(err, search.ErrChanged):
		return &exitError{code: exitUsage, err: err, next: repetition(dir)}
	case errors.Is(err, search.ErrReplay):
		return &exitError{code: exitUsage, err: err}
	}
	return storageError(err)
}
