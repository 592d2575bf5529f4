package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/host/search"
	"github.com/espalier-nas/espalier/host/terminal"
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// training is what one `espalier train` does.
type training struct {
	app      *app
	config   search.Config
	data     *dataset
	axes     []axis
	seeds    int
	subjects []*subject
	lessons  []*lesson
	weights  bool // are kept
	dir      string
	effort   effort

	rows *journal.Trainings

	mu       sync.Mutex
	progress *terminal.Progress
	epochs   int                 // done, of all lessons
	parts    map[*lesson]float64 // of an epoch, of those under way
}

// finish does the lessons that are missing and prints the results.
func (t *training) finish(ctx context.Context) error {
	var err error
	if t.rows, err = journal.OpenTrainings(t.dir, journal.Default()); err != nil {
		var storage *journal.StorageError
		if errors.As(err, &storage) && storage.New {
			return &exitError{code: exitUsage, err: err, next: "choose another directory with --out"}
		}
		return storageError(err)
	}
	a := t.app
	for _, note := range append(t.rows.Warnings(), t.data.notes...) {
		fmt.Fprintln(a.info(), "note:", note)
	}
	missing := t.missing()
	if err := t.fits(missing); err != nil {
		return errors.Join(err, t.rows.Close())
	}
	t.announce(missing)
	err = errors.Join(t.run(ctx, missing), t.rows.Close())
	switch {
	case err != nil && ctx.Err() != nil:
		ended := len(t.lessons) - len(t.missing())
		fmt.Fprintf(a.info(), "%d of %s %s kept in %s\n", ended, plural(len(t.lessons), "training"), whether(ended == 1, "has ended and is", "have ended and are"), t.dir)
		return interruption(context.Cause(ctx), a.again())
	case err != nil:
		return storageError(err)
	}
	if err := t.print(); err != nil {
		return err
	}
	for _, row := range t.results() {
		if row.Status == event.OK {
			return nil
		}
	}
	return &exitError{code: exitAllFailed, err: errors.New("all trainings failed")}
}

// again is the command that was given, which goes on where this one ends.
func (a *app) again() string {
	words := []string{"espalier"}
	for _, arg := range a.args {
		words = append(words, shellQuote(arg))
	}
	return strings.Join(words, " ")
}

// missing are the lessons that have no row yet, or lack weights that are wanted.
func (t *training) missing() []*lesson {
	have := map[string]bool{}
	for _, row := range t.rows.All() {
		have[row.Key] = !t.weights || row.Weights != "" || row.Status == event.Failed
	}
	var missing []*lesson
	for _, l := range t.lessons {
		if !have[l.key] {
			missing = append(missing, l)
			have[l.key] = true // two settings may come to the same
		}
	}
	return missing
}

// announce says what is about to be done, and what it costs.
func (t *training) announce(missing []*lesson) {
	a, d := t.app, t.data.about
	names := make([]string, len(t.subjects))
	for i, s := range t.subjects {
		names[i] = s.name
	}
	factors := []string{plural(t.seeds, "seed")}
	if n := len(points(t.axes)); n > 1 {
		factors = append([]string{plural(n, "setting")}, factors...)
	}
	fmt.Fprintf(a.info(), "train: %s, %s: %s, on %s of %s and %s held out, %s, in %s\n",
		strings.Join(names, ", "), strings.Join(factors, " each of "), plural(len(t.lessons), "training"),
		plural(d.Train, unitOf(t.metric())), d.Name, report.Grouped(int64(d.Valid)), t.effort.text(a.term.Unicode), t.dir)
	if done := len(t.lessons) - len(missing); done > 0 {
		fmt.Fprintf(a.info(), "%d of them %s kept\n", done, whether(done == 1, "has ended before and is", "have ended before and are"))
	}
	if len(missing) == 0 {
		return
	}
	epochs, macs, seconds := 0, 0.0, 0.0
	for _, l := range missing {
		epochs += l.recipe.Epochs
		// Backward takes about twice the work of forward.
		macs += float64(l.recipe.Epochs) * float64(l.macs) * (3*float64(d.Train) + float64(d.Valid)) / t.data.positions(l.recipe)
		seconds += float64(l.recipe.Epochs) * l.subject.epochSeconds
	}
	cost := fmt.Sprintf("budget: %s, about %s multiply-adds", plural(epochs, "epoch"), report.Count(int64(macs)))
	if s := t.subjects[0]; len(t.subjects) == 1 && s.epochSeconds > 0 && s.data.Hash == d.Hash && s.data.Train == d.Train {
		left := time.Duration(seconds / float64(min(t.effort.workers, len(missing))) * float64(time.Second))
		cost += ", about " + report.Duration(left) + " by the time that the trial took"
	}
	fmt.Fprintln(a.info(), cost)
}

func (t *training) trainer() *search.Trainer {
	return &search.Trainer{Examples: t.data.examples, Threads: t.effort.threads, Cores: t.effort.cores, MemoryBytes: int64(t.effort.memory)}
}

// fits refuses lessons that this machine has no memory for: a row would say of
// another machine, too, that they failed.
func (t *training) fits(lessons []*lesson) error {
	trainer := t.trainer()
	for _, l := range lessons {
		if why := trainer.TooLarge(l.recipe, l.network); why != "" {
			return usagef("%s: %s; raise --memory, or choose a smaller --batch or network", l.label(), why)
		}
	}
	return nil
}

// run does lessons, several at a time.
func (t *training) run(ctx context.Context, lessons []*lesson) error {
	if len(lessons) == 0 {
		return nil
	}
	total := 0
	for _, l := range lessons {
		total += l.recipe.Epochs
	}
	t.progress = t.app.term.NewProgress(t.app.progressMode(), "epochs", total, 0, time.Now)
	defer t.progress.Close()
	t.parts = map[*lesson]float64{}
	trainer := t.trainer()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan *lesson)
	var workers sync.WaitGroup
	for range t.effort.workers {
		workers.Go(func() {
			for l := range queue {
				if err := t.learn(ctx, trainer, l); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, l := range lessons {
		select {
		case queue <- l:
		case <-ctx.Done():
		}
	}
	close(queue)
	workers.Wait()
	return context.Cause(ctx)
}

// learn does one lesson. A child that fails is a result, too.
func (t *training) learn(ctx context.Context, trainer *search.Trainer, l *lesson) error {
	row, began, done := t.row(l), time.Now(), 0
	m, weights, err := trainer.EvaluateBy(ctx, l.recipe, search.Trial{Network: l.network, Seed: l.seed}, func(e spec.Epoch) {
		done++
		t.advance(l, 1, e)
	}, func(steps, total int) {
		t.begun(l, float64(steps*l.recipe.Epochs)/float64(total)-float64(done))
	})
	if err != nil {
		return err
	}
	row.Status, row.Reason, row.Curve = event.OK, m.Reason, m.Epochs
	if m.Failed {
		row.Status = event.Failed
		t.advance(l, l.recipe.Epochs-done, spec.Epoch{})
	}
	row.Seconds, row.Ended = time.Since(began).Seconds(), time.Now()
	row.Program, row.Kernels = version, string(kernels.Active())
	if !t.weights {
		weights = nil
	}
	return t.rows.Append(row, l.network, weights)
}

// begun shows how much of the next epoch of a lesson is done, by the percent.
func (t *training) begun(l *lesson, part float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if part = math.Floor(100*part) / 100; part == t.parts[l] {
		return
	}
	t.parts[l] = part
	sum := 0.0
	for _, part := range t.parts {
		sum += part
	}
	t.progress.UnderWay(sum)
}

// advance shows that epochs of a lesson are done.
func (t *training) advance(l *lesson, epochs int, e spec.Epoch) {
	t.begun(l, 0)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.epochs += epochs
	if e.Epoch == 0 {
		t.progress.Line(fmt.Sprintf("%s, seed %d: failed", l.label(), l.seed))
		t.progress.Update(t.epochs, "")
		return
	}
	metric := t.metric()
	value := fmt.Sprintf("%s %s", metric.Title(), metric.Text(metric.Of(e)))
	if t.app.verbose {
		t.progress.Line(fmt.Sprintf("%s, seed %d, epoch %d: train loss %s, valid loss %s, %s, %s", l.label(), l.seed, e.Epoch,
			report.Number(e.TrainLoss), report.Number(e.ValidLoss), value, report.Duration(time.Duration(e.Seconds*float64(time.Second)))))
	}
	t.progress.Update(t.epochs, value)
}

func (t *training) metric() report.Metric { return report.MetricOf(t.data.task.Type, t.data.about) }

// results are the rows of the lessons that have ended, in their order.
func (t *training) results() []journal.Training {
	rows := map[string]journal.Training{}
	for _, row := range t.rows.All() {
		rows[row.Key] = row
	}
	var all []journal.Training
	for _, l := range t.lessons {
		if row, ok := rows[l.key]; ok {
			// Another command may have called the same training otherwise.
			row.Name, row.Setting = l.subject.name, l.point.setting
			all = append(all, row)
		}
	}
	return all
}
