package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/journal"
)

// measureTrials runs the default search of the built program with a budget in a
// folder of its own, and writes how many trials an hour it did: sampling,
// building in the sandbox, training, scoring, learning and the journal. The
// journal tells the times of the first and the last event, so that starting the
// program is not counted.
func measureTrials(ctx context.Context, program string, trials int, w io.Writer) error {
	dir, err := os.MkdirTemp("", "benchcnn-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	search := exec.CommandContext(ctx, program, "search", "--quiet", "--trials", strconv.Itoa(trials), "--runs", dir)
	if out, err := search.CombinedOutput(); err != nil {
		return fmt.Errorf("%s search: %w\n%s", program, err, out)
	}
	return writeTrials(dir, w)
}

// writeTrials reads the only run directory in dir.
func writeTrials(dir string, w io.Writer) error {
	runs, err := filepath.Glob(filepath.Join(dir, "*", "study.json"))
	if err != nil {
		return err
	}
	if len(runs) != 1 {
		return fmt.Errorf("the search left %d run directories, want 1", len(runs))
	}
	run := filepath.Dir(runs[0])
	study, err := journal.ReadStudy(run)
	if err != nil {
		return err
	}
	state, err := journal.ReadState(run)
	if err != nil {
		return err
	}
	r, err := rateOf(state)
	if err != nil {
		return err
	}
	workers := study.Sessions[len(study.Sessions)-1].Workers
	_, err = fmt.Fprintf(w, "%s, %d workers, kernels %s\n%s\n", bench.Processor(), workers, state.Started.Kernels, r)
	return err
}

// rate is how fast a search went.
type rate struct {
	trials   int     // ended
	trained  int     // of them, the others being repeats of a network
	macs     float64 // multiply-accumulates of a forward pass, the mean of the trained
	seconds  float64 // from the first event to the last
	training float64 // seconds, of all workers together
}

// rateOf sums up a search that is over.
func rateOf(s *event.State) (rate, error) {
	if s.Ended == nil {
		return rate{}, errors.New("the search has not ended")
	}
	r := rate{trials: s.Counts.Ended(), seconds: s.Last.Sub(s.Begun).Seconds()}
	for _, t := range s.Trials {
		if t.DuplicateOf == 0 {
			r.trained++
			r.macs += float64(t.MACs)
			r.training += t.Seconds
		}
	}
	if r.trained == 0 || r.seconds <= 0 {
		return rate{}, fmt.Errorf("%d networks were trained in %v seconds, which gives no rate", r.trained, r.seconds)
	}
	r.macs /= float64(r.trained)
	return r, nil
}

func (r rate) String() string {
	return fmt.Sprintf("%.0f trials an hour: %d trials (%d trained, %.2f MMAC an image on average) in %.1f s, in which children trained for %.1f s",
		float64(r.trials)/r.seconds*3600, r.trials, r.trained, r.macs/1e6, r.seconds, r.training)
}
