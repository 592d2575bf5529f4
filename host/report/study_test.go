package report

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestMetricOf: what studies are measured by, and the best of a curve.
func TestMetricOf(t *testing.T) {
	curve := []spec.Epoch{{ValidAccuracy: 0.5, ValidLoss: 2}, {ValidAccuracy: 0.75, ValidLoss: 3}}
	for _, c := range []struct {
		task   spec.TaskType
		unit   string
		metric Metric
		best   float64
	}{
		{spec.TaskImage, "", Accuracy, 0.75},
		{spec.TaskText, "word", Perplexity, math.Exp(2)},
		{spec.TaskText, "character", Bits, 2 / math.Ln2},
	} {
		m := MetricOf(c.task, event.Data{Unit: c.unit})
		if best := m.Best(curve); m != c.metric || math.Abs(best-c.best) > 1e-12 {
			t.Errorf("%s %s: %s, best %v", c.task, c.unit, m, best)
		}
	}
	if !math.IsNaN(Bits.Best(nil)) {
		t.Error("no epoch has a best one")
	}
}

// TestRunOf: running trials are left out, failed ones unknown, and repeated
// networks unknown where they are to be distinct.
func TestRunOf(t *testing.T) {
	epoch := []spec.Epoch{{Epoch: 1, ValidAccuracy: 0.5}}
	s := &event.State{Started: &event.Started{Seed: 7}, Trials: []event.Trial{
		{ID: 1, Status: event.OK, Reward: spec.Reward{Reward: 2}, Metrics: spec.Metrics{Epochs: epoch}},
		{ID: 2, Status: event.Running},
		{ID: 3, Status: event.Failed},
		{ID: 4, Status: event.OK, DuplicateOf: 1, Reward: spec.Reward{Reward: 2}, Metrics: spec.Metrics{Epochs: epoch}},
	}}
	if got := fmt.Sprint(RunOf(s)); got != "{7 [2 NaN 2] [0.5 NaN 0.5]}" {
		t.Errorf("the run is %s", got)
	}
	if got := fmt.Sprint(DistinctRun(s)); got != "{7 [2 NaN NaN] [0.5 NaN NaN]}" {
		t.Errorf("the run of distinct networks is %s", got)
	}
}

// TestAlike: where a child diverged makes no failure of its own.
func TestAlike(t *testing.T) {
	got := Alike([]event.Failure{
		{Reason: "diverged at epoch 1, step 3: loss is NaN", Trials: []int{4, 9}},
		{Reason: "it needs 3 GiB", Trials: []int{1}},
		{Reason: "diverged at epoch 2, step 1: loss is NaN", Trials: []int{2}},
		{Reason: "diverged at epoch 1: the validation loss is NaN", Trials: []int{7}},
		{Reason: "it needs 2 GiB", Trials: []int{3}},
	})
	if len(got) != 3 || got[0].Reason != "diverged at epoch 1, step 3: loss is NaN, and the like" || !slices.Equal(got[0].Trials, []int{2, 4, 7, 9}) {
		t.Errorf("%+v", got)
	}
	if got[1].Reason != "it needs 3 GiB" || len(got[2].Trials) != 1 {
		t.Errorf("%+v", got)
	}
}
