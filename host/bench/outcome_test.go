package bench

import (
	"strings"
	"testing"
)

// line is the row of a benchmark that has nothing of its own.
type line struct{ Row }

func (l *line) Summary() string { return l.Network }

// example has two rows of two numbers of threads, the second of which disagrees.
func example() *Outcome[*line] {
	return &Outcome[*line]{
		CPU: "CPU", Torch: []Facts{{Torch: "1.13"}},
		Rows: []*line{
			{Row{Network: "a", Threads: 1, Rate: 3, Ratio: 1.25, Checks: []Check{{What: "few", Error: 1e-5, Tolerance: 1e-3}}}},
			{Row{Network: "b", Threads: 2, Rate: 9, Ratio: 1.2344, Drawn: true, Checks: []Check{{Error: 1e-6, Tolerance: 1e-3}, {Error: 1, Tolerance: 1e-3, Where: "w"}}}},
		},
		Means:       []Mean{{Threads: 2, Networks: 1, Ratio: 1.2344}},
		Disturbance: Disturbance{Wall: 10, Idle: 1, Others: 2},
	}
}

// TestMiddle joins three runs of two rows.
func TestMiddle(t *testing.T) {
	var all []*Outcome[*line]
	for _, ratio := range []float64{1.5, 1.1, 1.3} {
		o := example()
		o.Rows[0].Ratio, o.Rows[0].Rate = ratio, 10*ratio
		o.Rows[1].Checks = o.Rows[1].Checks[:1]
		o.Means[0].Ratio = ratio
		all = append(all, o)
	}
	all[2].Rows[1].Checks = example().Rows[1].Checks
	all[1].Rows[1].Ratio = 9
	o := middle(all)
	if r := o.Rows[0]; r.Ratio != 1.3 || r.Rate != 13 || r.Least != 1.1 || r.Most != 1.5 {
		t.Errorf("the row has %v examples, ratio %v of %v to %v", r.Rate, r.Ratio, r.Least, r.Most)
	}
	if m := o.Means[0]; m.Ratio != 1.3 || m.Least != 1.1 || m.Most != 1.5 {
		t.Errorf("the mean is %+v", m)
	}
	if r := o.Rows[1]; r.Ratio != 1.2344 || !r.Wrong() {
		t.Errorf("ratio %v, wrong: %v; one of three runs was wrong", r.Ratio, r.Wrong())
	}
	if d := o.Disturbance; d.Wall != 30 || d.Others != 6 {
		t.Errorf("disturbance %+v of three runs", d)
	}
	var out strings.Builder
	o.Write(&out, "Examples per second.", append(Names[*line](), Figures[*line]()...), false)
	for _, want := range []string{"of 3 runs", " 1.10 to 1.50 ", "threads 2: 1.30 (1.10 to 1.50)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// TestMiddleWithoutTorch: speeds decide where there is no ratio.
func TestMiddleWithoutTorch(t *testing.T) {
	var all []*Outcome[*line]
	for _, rate := range []float64{3, 1, 2} {
		o := example()
		o.Rows[0].Ratio, o.Rows[0].Rate = 0, rate
		all = append(all, o)
	}
	if got := middle(all).Rows[0].Rate; got != 2 {
		t.Errorf("%v examples, want 2", got)
	}
}
