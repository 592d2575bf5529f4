package main

import (
	"strings"
	"testing"
)

// TestMiddle joins three runs of two rows.
func TestMiddle(t *testing.T) {
	var all []*outcome
	for _, ratio := range []float64{1.5, 1.1, 1.3} {
		o := example()
		o.Rows[0].Ratio, o.Rows[0].Ours.Images = ratio, 10*ratio
		o.Rows[1].Checks = o.Rows[1].Checks[:1]
		o.Means[0].Ratio = ratio
		all = append(all, o)
	}
	all[2].Rows[1].Checks = example().Rows[1].Checks
	all[1].Rows[1].Ratio = 9
	o := middle(all)
	if r := o.Rows[0]; r.Ratio != 1.3 || r.Ours.Images != 13 || r.Least != 1.1 || r.Most != 1.5 {
		t.Errorf("the row is %v images, ratio %v of %v to %v", r.Ours.Images, r.Ratio, r.Least, r.Most)
	}
	if m := o.Means[0]; m.Ratio != 1.3 || m.Least != 1.1 || m.Most != 1.5 {
		t.Errorf("the mean is %+v", m)
	}
	if r := o.Rows[1]; r.Ratio != 1.2344 || !r.wrong() {
		t.Errorf("ratio %v, wrong: %v; one of three runs was wrong", r.Ratio, r.wrong())
	}
	if d := o.Disturbance; d.Wall != 30 || d.Others != 6 {
		t.Errorf("disturbance %+v of three runs", d)
	}
	if all[0].Rows[0].Least != 0 || all[0].Runs != 0 {
		t.Error("joining changes the runs")
	}
	var out strings.Builder
	o.write(&out, false)
	for _, want := range []string{"of 3 runs", " 1.10 to 1.50 ", "threads 2: 1.30 (1.10 to 1.50)"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// TestMiddleWithoutTorch: speeds decide where there is no ratio.
func TestMiddleWithoutTorch(t *testing.T) {
	var all []*outcome
	for _, images := range []float64{3, 1, 2} {
		o := example()
		o.Rows[0].Ratio, o.Rows[0].Ours.Images = 0, images
		all = append(all, o)
	}
	if got := middle(all).Rows[0].Ours.Images; got != 2 {
		t.Errorf("%v images, want 2", got)
	}
}
