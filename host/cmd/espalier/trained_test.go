package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// rowOf is a training of two epochs with the given validation losses, or a
// failed one without.
func rowOf(name, setting string, seed uint64, losses ...float64) journal.Training {
	row := journal.Training{Name: name, Setting: setting, Data: "ptb", Metric: string(report.Perplexity), Seed: seed, Status: event.OK, Params: 1500, MACs: 30_000}
	for i, loss := range losses {
		row.Curve = append(row.Curve, spec.Epoch{Epoch: i + 1, ValidLoss: loss, TrainLoss: 2 * loss})
	}
	if len(losses) == 0 {
		row.Status, row.Reason = event.Failed, "diverged"
	}
	return row
}

// TestTrained: rows are gathered over the seeds, the lowest perplexity is the
// best, and what has no result comes last.
func TestTrained(t *testing.T) {
	all := groups([]journal.Training{
		rowOf("bad", "", 1),
		rowOf("a", "lr=1", 1, math.Log(9), math.Log(4)), rowOf("b", "lr=1", 1, math.Log(5), math.Log(6)),
		rowOf("a", "lr=1", 2, math.Log(2), math.Log(8)), rowOf("a", "lr=2", 1, math.Log(2.5), math.Log(2.5)),
		rowOf("b", "lr=1", 2),
	})
	sortTrained(all)
	var labels []string
	for _, g := range all {
		labels = append(labels, g.label())
	}
	if got := strings.Join(labels, ", "); got != "a lr=2, a lr=1, b lr=1, bad" {
		t.Fatalf("the order is %s", got)
	}
	mean, deviation := all[1].best() // of 4 and 2
	if math.Abs(mean-3) > 1e-12 || math.Abs(deviation-math.Sqrt2) > 1e-12 || math.Abs(all[1].last()-6) > 1e-12 {
		t.Errorf("best %v, deviation %v, last %v", mean, deviation, all[1].last())
	}
	if curve := all[1].curve(); len(curve) != 2 || math.Abs(curve[0].ValidLoss-math.Log(18)/2) > 1e-12 || curve[1].Epoch != 2 {
		t.Errorf("the curve is %+v", curve)
	}
	if mean, _ := all[3].best(); !math.IsNaN(mean) {
		t.Errorf("what failed has the mean %v", mean)
	}
	table := trainedTable(all, report.Perplexity).Render(report.Screen{Width: 100})
	for _, want := range []string{"a        lr=2       1.5k  30.0k            1            2.500          -       2.500", "1, 1 failed", "0, 1 failed"} {
		if !strings.Contains(table, want) {
			t.Errorf("%q is not in\n%s", want, table)
		}
	}
}

// TestTrainedApart: what differs in more than the seed is not one group, and
// the label says in what.
func TestTrainedApart(t *testing.T) {
	of := func(seed uint64, network, hash, recipe string) journal.Training {
		row := rowOf("a", "lr=1", seed, 1)
		row.NetworkID, row.DataHash, row.Recipe = network, hash, json.RawMessage(recipe)
		return row
	}
	const short, long = `{"epochs":1,"optimizer.lr":1}`, `{"epochs":2,"optimizer.lr":1,"schedule.factor":0.5}`
	var labels []string
	for _, g := range groups([]journal.Training{of(1, "n", "h", short), of(1, "n", "h", long), of(2, "n", "h", short), of(1, "m", "h", short), of(1, "n", "other", long)}) {
		labels = append(labels, fmt.Sprint(g.label(), " x", len(g.rows)))
	}
	want := "a lr=1 epochs=1 x2, a lr=1 epochs=2 decay=0.5 x1, a lr=1 epochs=1 x1, a lr=1 x1"
	if got := strings.Join(labels, ", "); got != want {
		t.Errorf("the groups are %s, want %s", got, want)
	}
}

func TestThinned(t *testing.T) {
	for epochs, want := range map[int]int{1: 1, 40: 40, 41: 21, 100: 34} {
		curve := make([]spec.Epoch, epochs)
		for i := range curve {
			curve[i].Epoch = i + 1
		}
		if kept := thinned(curve); len(kept) != want || kept[len(kept)-1].Epoch != epochs {
			t.Errorf("of %d epochs %d are shown", epochs, len(kept))
		}
	}
}

// TestMeasure: how a measure is written.
func TestMeasure(t *testing.T) {
	if got := leastText(report.Perplexity, event.Data{LeastLoss: math.Log(3)}); got != "best possible 3.000" {
		t.Errorf("the best possible is %q", got)
	}
	if s := scoreOf(report.Perplexity, math.Inf(1)); s != (score{}) {
		t.Errorf("an infinite perplexity is %+v", s)
	}
}
