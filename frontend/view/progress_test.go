package view

import (
	"reflect"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
)

func TestProgress(t *testing.T) {
	p := ProgressOf(report.Accuracy, ByTrial, []string{"study", "control", "none"}, []*event.State{small(t), small(t), nil})
	if len(p.Sides) != 2 || p.Sides[1].Name != "control" || p.Empty() != "" || p.XTitle() != "trial" {
		t.Fatalf("%+v", p)
	}
	want := Side{Name: "study",
		Points: Line{Name: "study", X: []float64{1, 3, 4, 5}, Y: []float64{0.75, 0.25, 0.8, 0.75}, IDs: []int{1, 3, 4, 5}},
		Best:   Line{Name: "study, best so far", X: []float64{1, 4, 5}, Y: []float64{0.75, 0.8, 0.8}, IDs: []int{1, 4, 4}}}
	if !reflect.DeepEqual(p.Sides[0], want) {
		t.Errorf("got %+v, want %+v", p.Sides[0], want)
	}
	csv := string(p.Data().CSV())
	lines := "study,trial,accuracy,best_so_far\nstudy,1,0.75,0.75\nstudy,3,0.25,0.75\nstudy,4,0.8,0.8\nstudy,5,0.75,0.8\ncontrol,1,0.75,0.75\n"
	if !strings.HasPrefix(csv, lines) || strings.Count(csv, "\n") != 9 {
		t.Errorf("%s", csv)
	}
}

// TestProgressByTime: the steps follow the order in which trials ended.
func TestProgressByTime(t *testing.T) {
	s := begin(t, 1, 3)
	for range 3 {
		s.sample(nil)
	}
	s.ok(3, 0.5)
	s.ok(1, 0.4)
	s.failed(2, "diverged")
	p := ProgressOf(report.Reward, ByTime, []string{"s"}, []*event.State{&s.state})
	want := Line{Name: "s, best so far", X: []float64{4, 6}, Y: []float64{0.5, 0.5}, IDs: []int{3, 3}}
	if !reflect.DeepEqual(p.Sides[0].Best, want) || !reflect.DeepEqual(p.Sides[0].Points.IDs, []int{3, 1}) {
		t.Errorf("%+v", p.Sides[0])
	}
	if got := string(p.Data().CSV()); got != "study,trial,seconds,reward,best_so_far\ns,3,4,0.5,0.5\ns,1,5,0.4,0.5\n" {
		t.Errorf("%s", got)
	}
	by := ProgressOf(report.Perplexity, ByTrial, []string{"s"}, []*event.State{&s.state})
	if got := by.Sides[0].Best.IDs; !reflect.DeepEqual(got, []int{1, 1}) {
		t.Errorf("of equal perplexities the best is of %v", got)
	}
}

// TestProgressEmpty: sides without points have no rows, and one of them no end.
func TestProgressEmpty(t *testing.T) {
	none := begin(t, 1, 3)
	p := ProgressOf(report.Reward, ByTrial, []string{"a", "b", "c", "d"}, []*event.State{&none.state, small(t), &none.state, small(t)})
	if got := p.Data(); got.Rows != 8 || got.Row(0)[0] != "b" || got.Row(7)[0] != "d" {
		t.Errorf("%s", got.CSV())
	}
	if p := ProgressOf(report.Reward, ByTrial, []string{"a"}, []*event.State{&none.state}); p.Empty() == "" || p.Data().Rows != 0 {
		t.Errorf("%+v", p)
	}
}

func TestCurves(t *testing.T) {
	s := small(t)
	c := CurvesOf(report.Accuracy, s.Trial(1))
	if got := c.Values[1]; !reflect.DeepEqual(got, Line{Name: "validation", X: []float64{1, 2, 3}, Y: []float64{0.375, 0.75, 0.9 * 0.75}}) {
		t.Errorf("%+v", got)
	}
	if got := CurvesOf(report.Bits, s.Trial(1)).Values[0].Y[0]; got < 1.442 || got > 1.443 {
		t.Errorf("a loss of one nat is %v bits", got)
	}
	if got := string(c.Data().CSV()); !strings.HasPrefix(got, "epoch,train_loss,train_accuracy,valid_loss,valid_accuracy,seconds\n1,1,0.375,2,0.375,0\n") {
		t.Errorf("%s", got)
	}
	for id, want := range map[int]string{1: "", 2: "It failed before its first epoch had ended.", 6: "Its first epoch has not ended yet."} {
		if got := CurvesOf(report.Accuracy, s.Trial(id)).Empty(s.Trial(id)); got != want {
			t.Errorf("trial %d: %q, want %q", id, got, want)
		}
	}
}

// TestFailures: the filter of each group of failures keeps just that group.
func TestFailures(t *testing.T) {
	s := begin(t, 1, 9)
	s.ok(s.sample(nil), 0.5)
	for _, reason := range []string{"it needs 3 GiB", "diverged at epoch 1: loss is NaN", "diverged at epoch 2: loss is NaN", `unknown op "x"`, "stopped at epoch 1"} {
		s.failed(s.sample(nil), reason)
	}
	f := FailuresOf(&s.state)
	var got []string
	var table Table
	table.Follow(&s.state)
	for i := range f {
		got = append(got, f.Sentence(i))
		if err := table.Filter(f.Filter(i)); err != nil || !reflect.DeepEqual(ids(&table), f[i].Trials) {
			t.Errorf("%s keeps %v, want %v (error %v)", f.Filter(i), ids(&table), f[i].Trials, err)
		}
	}
	want := []string{"1 trial failed: it needs 3 GiB", "2 trials failed: diverged at epoch 1: loss is NaN, and the like",
		`1 trial failed: unknown op "x"`, "1 trial failed: stopped at epoch 1"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := string(f.Data().CSV()); !strings.Contains(got, "it needs 3 GiB,1,2\n") {
		t.Errorf("%s", got)
	}
}
