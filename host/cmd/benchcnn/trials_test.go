package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/espalier-nas/espalier/host/event"
)

func TestRate(t *testing.T) {
	begun := time.Unix(1000, 0)
	s := &event.State{
		Begun: begun, Last: begun.Add(20 * time.Second), Ended: &event.Ended{},
		Counts: event.Counts{Sampled: 4, OK: 3, Failed: 1, Duplicates: 1},
		Trials: []event.Trial{
			{MACs: 1e6, Seconds: 3}, {MACs: 4e6, Seconds: 5}, {MACs: 1e6, Seconds: 3, DuplicateOf: 1}, {MACs: 1e6, Seconds: 1},
		},
	}
	r, err := rateOf(s)
	if err != nil {
		t.Fatal(err)
	}
	const want = "720 trials an hour: 4 trials (3 trained, 2.00 MMAC an image on average) in 20.0 s, in which children trained for 9.0 s"
	if r.String() != want {
		t.Errorf("%s\nwant\n%s", r, want)
	}
	s.Trials = s.Trials[2:3]
	if _, err := rateOf(s); err == nil {
		t.Error("a rate of no trained network")
	}
	s.Ended = nil
	if _, err := rateOf(s); err == nil || !strings.Contains(err.Error(), "has not ended") {
		t.Errorf("a search under way: %v", err)
	}
}

func TestTrialsErrors(t *testing.T) {
	if err := measureTrials(context.Background(), "no-such-espalier", 1, nil); err == nil || !strings.Contains(err.Error(), "no-such-espalier") {
		t.Errorf("no program: %v", err)
	}
	if err := writeTrials(t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "0 run directories") {
		t.Errorf("no run: %v", err)
	}
}
