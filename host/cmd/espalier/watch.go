package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/host/terminal"
)

// watcher shows a stream of events as progress. A search, a resumed one and a
// replay look the same, since it knows nothing but the events.
type watcher struct {
	mu       sync.Mutex
	app      *app
	state    event.State
	title    string
	now      func() time.Time
	known    int64              // events up to this one are folded without being shown
	progress *terminal.Progress // nil before there is anything to show
	problem  error              // the first event that the fold refused
}

// newWatcher watches a stream whose events up to the number known are not news.
func (a *app) newWatcher(title string, known int64) *watcher {
	return &watcher{app: a, title: title, now: time.Now, known: known}
}

// Observe folds one event and shows what it changed.
func (w *watcher) Observe(e event.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.state.Apply(e); err != nil {
		if w.problem == nil {
			w.problem = err
		}
		return
	}
	if w.state.Started == nil || e.Seq != 0 && e.Seq <= w.known {
		return
	}
	if w.progress == nil {
		w.progress = w.app.term.NewProgress(w.app.progressMode(), w.title, w.state.Budget, w.state.Counts.Ended(), w.now)
	}
	switch e.Type {
	case event.StudyControlled:
		if line := controlLine(e.Controlled, w.state.Budget); line != "" {
			w.progress.Line(line)
		}
		w.progress.Resize(w.state.Budget)
		w.progress.Update(w.state.Counts.Ended(), w.note())
	case event.TrialDone:
		if w.app.verbose {
			w.progress.Line(w.trialLine(e.Done))
		}
		w.progress.Update(w.state.Counts.Ended(), w.note())
	case event.PolicyUpdated:
		if w.app.verbose {
			w.progress.Line(updateLine(e.Updated))
		}
	}
}

// Close ends the progress display.
func (w *watcher) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.progress != nil {
		w.progress.Close()
	}
}

func (w *watcher) note() string {
	if w.state.Paused {
		return "paused, " + w.result()
	}
	return w.result()
}

// result is what the study has come to.
func (w *watcher) result() string {
	best := w.state.Best()
	if best == nil {
		return fmt.Sprintf("%d failed", w.state.Counts.Failed)
	}
	value := w.valueOf(best)
	if metric := report.StudyMetric(&w.state); metric.Lower() {
		value = metric.Title() + " " + value
	}
	note := fmt.Sprintf("best %s (%s)", report.Number(best.Reward.Reward), value)
	if w.state.Counts.Failed > 0 {
		note += fmt.Sprintf(", %d failed", w.state.Counts.Failed)
	}
	return note
}

// valueOf is the metric of a trial.
func (w *watcher) valueOf(t *event.Trial) string {
	metric := report.StudyMetric(&w.state)
	return metric.Text(metric.Best(t.Metrics.Epochs))
}

func (w *watcher) trialLine(d *event.Done) string {
	t := w.state.Trial(d.Trial)
	line := fmt.Sprintf("trial %d: ", d.Trial)
	if d.Status == event.Failed {
		return line + "failed: " + d.Reason
	}
	line += fmt.Sprintf("reward %s, %s %s, %s parameters", report.Number(d.Reward.Reward),
		report.StudyMetric(&w.state).Title(), w.valueOf(t), report.Count(t.Params))
	if d.DuplicateOf != 0 {
		return line + fmt.Sprintf(", as trial %d", d.DuplicateOf)
	}
	return line + ", " + report.Duration(time.Duration(d.Seconds*float64(time.Second)))
}

func updateLine(u *event.Updated) string {
	mean := 0.0
	for _, r := range u.Rewards {
		mean += r / float64(len(u.Rewards))
	}
	return fmt.Sprintf("update %d: mean reward %s, baseline %s, entropy %s nats a step",
		u.Version, report.Number(mean), report.Number(u.Baseline), report.Number(u.Entropy))
}
