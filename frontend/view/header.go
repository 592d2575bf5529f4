package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
)

// Header is what stands above the views of a study.
type Header struct {
	State    string  // a word: running, paused, done, failed or killed
	Sentence string  // how the study stands, and what to do if something is to be done
	Part     float64 // of the budget that has ended, 0 to 1
	Best     string  // the best trial in a sentence
	About    string  // what is searched: space, data, strategy, seed
}

// HeaderOf is the header of a study that stands as its run directory says.
func HeaderOf(s *event.State, standing event.StudyState, alive bool, now time.Time) Header {
	h := Header{State: StateWord(standing, alive), Best: BestSentence(s)}
	if s.Started == nil {
		h.Sentence = "The study has not begun yet."
		return h
	}
	p := s.Started
	h.About = fmt.Sprintf("%s:%s on %s by %s, seed %d", p.Space.Plugin, p.Space.Name, p.Data.Name, p.Strategy, p.Seed)
	if s.Budget > 0 {
		h.Part = min(float64(s.Counts.Ended())/float64(s.Budget), 1)
	}
	h.Sentence = sentence(s, h.State, now)
	return h
}

func sentence(s *event.State, state string, now time.Time) string {
	so := fmt.Sprintf("%s of %s", grouped(s.Counts.Ended()), plural(s.Budget, "trial"))
	so += counted(s.Counts)
	switch state {
	case string(event.StudyRunning):
		if left, ok := Left(s, now); ok && s.Ended == nil {
			so += ", about " + report.Duration(left) + " left"
		}
		return "Running: " + so + "."
	case string(event.StudyPaused):
		return "Paused: " + so + ". It goes on where it was, whenever it is continued or resumed."
	case Killed:
		return "Killed: " + so + ". Its process is gone; nothing that had ended is lost, and it can be resumed."
	case string(event.StudyFailed):
		return "Failed: " + so + ". It can be resumed once the cause is gone."
	}
	if s.Ended != nil && s.Ended.Reason == event.EndAllFailed {
		return "Done, without a result: " + so + ". What they failed of is listed below."
	}
	return "Done: " + so + "."
}

// counted are the trials that are not simply results.
func counted(c event.Counts) string {
	var parts []string
	if c.Failed > 0 {
		parts = append(parts, grouped(c.Failed)+" failed")
	}
	if c.Duplicates > 0 {
		parts = append(parts, grouped(c.Duplicates)+" repeated an earlier network")
	}
	if running := c.Sampled - c.Ended(); running > 0 {
		parts = append(parts, grouped(running)+" under way")
	}
	if parts == nil {
		return ""
	}
	return ", " + strings.Join(parts, ", ")
}

// BestSentence says which trial is the best, and what it reaches.
func BestSentence(s *event.State) string {
	best := s.Best()
	if best == nil {
		return "No trial has succeeded yet."
	}
	metric := report.StudyMetric(s)
	return fmt.Sprintf("Best: trial %d with reward %s, %s %s.", best.ID, report.Number(best.Reward.Reward), metric.Name(), metric.Text(metric.Best(best.Metrics.Epochs)))
}

const (
	// recent is how many of the last ends tell how long the rest will take.
	recent = 64
	// longGap is how many median gaps between ends are a pause, which says
	// nothing of the rest.
	longGap = 20
)

// Left is how long the rest of the budget will take from now, if trials go on
// ending as they did lately, pauses left out. It is unknown before three have
// ended.
func Left(s *event.State, now time.Time) (left time.Duration, ok bool) {
	var ends []*event.Trial
	for i := len(s.Trials) - 1; i >= 0 && len(ends) < 2*recent; i-- {
		if s.Trials[i].Status != event.Running {
			ends = append(ends, &s.Trials[i])
		}
	}
	slices.SortFunc(ends, func(a, b *event.Trial) int { return cmp.Compare(b.DoneSeq, a.DoneSeq) })
	ends = ends[:min(recent, len(ends))]
	if len(ends) < 3 {
		return 0, false
	}
	gaps := make([]time.Duration, len(ends)-1)
	for i := range gaps {
		gaps[i] = max(ends[i].Done.Sub(ends[i+1].Done), 0)
	}
	slices.Sort(gaps)
	most := max(longGap*gaps[len(gaps)/2], time.Second)
	sum, n := time.Duration(0), 0
	for _, g := range gaps {
		if g <= most {
			sum, n = sum+g, n+1
		}
	}
	rest := s.Budget - s.Counts.Ended()
	if rest <= 0 || n == 0 {
		return 0, false
	}
	each := sum / time.Duration(n)
	waited := min(max(now.Sub(ends[0].Done), 0), each) // for the next one
	return each*time.Duration(rest) - waited, true
}
