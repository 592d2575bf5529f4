package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// runs makes the benchmark as often as its config says, and returns the middle
// of the outcomes.
func (b *bench) runs(ctx context.Context, list []*entry) (*outcome, error) {
	var all []*outcome
	for i := range b.config.Runs {
		if b.config.Runs > 1 {
			fmt.Fprintf(b.progress, "run %d of %d\n", i+1, b.config.Runs)
		}
		o, err := b.run(ctx, list)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return middle(all), nil
}

// middle joins the outcomes of several runs, which have the same rows: of each
// row it takes the run whose ratio is the median, or whose speed is where there
// is no ratio, and of each mean the median. A row whose numbers were wrong in
// any run stays wrong.
func middle(all []*outcome) *outcome {
	joined := *all[0]
	joined.Runs = len(all)
	joined.Rows, joined.Means, joined.Disturbance = nil, nil, disturbance{}
	for i := range all[0].Rows {
		joined.Rows = append(joined.Rows, middleRow(all, i))
	}
	for i := range all[0].Means {
		means := make([]mean, len(all))
		for k, o := range all {
			means[k] = o.Means[i]
		}
		slices.SortFunc(means, func(a, b mean) int { return cmp.Compare(a.Ratio, b.Ratio) })
		m := means[(len(means)-1)/2]
		m.Least, m.Most = means[0].Ratio, means[len(means)-1].Ratio
		joined.Means = append(joined.Means, m)
	}
	for _, o := range all {
		joined.Disturbance = joined.Disturbance.plus(o.Disturbance)
	}
	return &joined
}

func middleRow(all []*outcome, i int) *row {
	rows := make([]*row, len(all))
	for k, o := range all {
		rows[k] = o.Rows[i]
	}
	slices.SortStableFunc(rows, func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.Ratio, b.Ratio), cmp.Compare(a.Ours.Images, b.Ours.Images))
	})
	r := *rows[(len(rows)-1)/2]
	r.Least, r.Most = rows[0].Ratio, rows[len(rows)-1].Ratio
	for _, other := range rows {
		if other.wrong() && !r.wrong() {
			r.Checks = other.Checks
		}
	}
	return &r
}
