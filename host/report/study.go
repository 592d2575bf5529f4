package report

import (
	"math"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// MetricOf is what networks for a task on such data are measured by: images by
// their accuracy, texts by their perplexity, or characters by their bits.
func MetricOf(task spec.TaskType, d event.Data) Metric {
	switch {
	case task != spec.TaskText:
		return Accuracy
	case d.Unit == "character":
		return Bits
	}
	return Perplexity
}

// StudyMetric is the metric of a study that has started.
func StudyMetric(s *event.State) Metric { return MetricOf(s.Started.Task.Type, s.Started.Data) }

// OfLoss is the metric of a language model with a validation loss in nats per
// token.
func (m Metric) OfLoss(loss float64) float64 {
	if m == Bits {
		return loss / math.Ln2
	}
	return math.Exp(loss)
}

// Of is the metric of an epoch on the validation part. A Reward is none of an
// epoch's.
func (m Metric) Of(e spec.Epoch) float64 {
	if m == Accuracy {
		return e.ValidAccuracy
	}
	return m.OfLoss(e.ValidLoss)
}

// Best is the best of a curve, NaN if it has none.
func (m Metric) Best(epochs []spec.Epoch) float64 {
	best := math.NaN()
	for i := range epochs {
		v := m.Of(epochs[i])
		if math.IsNaN(best) || m.score(v) > m.score(best) {
			best = v
		}
	}
	return best
}

// RunOf are the ended trials of a study as what is compared. A trial that
// failed is NaN.
func RunOf(s *event.State) Run { return runOf(s, false) }

// DistinctRun is RunOf without the trials that repeated a network: the best
// five are to be five networks, not one that the policy settled on.
func DistinctRun(s *event.State) Run { return runOf(s, true) }

func runOf(s *event.State, distinct bool) Run {
	run, metric := Run{Seed: s.Started.Seed}, StudyMetric(s)
	for i := range s.Trials {
		t := &s.Trials[i]
		reward, value := math.NaN(), math.NaN()
		switch {
		case t.Status == event.Running:
			continue
		case t.Status == event.OK && !(distinct && t.DuplicateOf != 0):
			reward, value = t.Reward.Reward, metric.Best(t.Metrics.Epochs)
		}
		run.Rewards, run.Values = append(run.Rewards, reward), append(run.Values, value)
	}
	return run
}

// CompareOptionsOf are those of a study and its control.
func CompareOptionsOf(s *event.State) CompareOptions {
	options := DefaultCompare()
	options.Metric = StudyMetric(s)
	options.A = s.Started.Strategy
	if options.A == "reinforce" {
		options.A = "RL"
	}
	return options
}

// andAlike follows the reason of the first of several failures.
const andAlike = ", and the like"

// Alike puts failures together that differ only in where a child diverged.
func Alike(all []event.Failure) []event.Failure {
	var merged []event.Failure
	for _, f := range all {
		kind, _, _ := strings.Cut(f.Reason, " at epoch ")
		at := slices.IndexFunc(merged, func(m event.Failure) bool { return strings.HasPrefix(m.Reason, kind+" at epoch ") })
		if at < 0 {
			merged = append(merged, event.Failure{Reason: f.Reason, Trials: slices.Clone(f.Trials)})
			continue
		}
		m := &merged[at]
		m.Trials = append(m.Trials, f.Trials...)
		m.Reason = strings.TrimSuffix(m.Reason, andAlike) + andAlike
	}
	for _, m := range merged {
		slices.Sort(m.Trials)
	}
	return merged
}
