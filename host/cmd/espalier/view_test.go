package main

import (
	"slices"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
)

// TestAlike: where a child diverged makes no failure of its own.
func TestAlike(t *testing.T) {
	got := alike([]event.Failure{
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
