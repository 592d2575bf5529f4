package journal

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/espalier-nas/espalier/host/event"
)

const rowsFile = "trials.jsonl"

// column is a member of a flat row.
type column struct {
	name  string
	value any
}

// appendRow appends the line of trials.jsonl of an ended trial: a flat object
// with the same members for every trial, null where there is nothing to say,
// and then one member "part_<name>" for each part of the reward.
func appendRow(dst []byte, t *event.Trial) ([]byte, error) {
	columns := []column{
		{"id", t.ID},
		{"status", t.Status},
		{"reason", orNull(t.Reason)},
		{"reward", number(t.Reward.Reward)},
		{"epochs", len(t.Metrics.Epochs)},
		{"train_loss", nil}, {"train_accuracy", nil},
		{"valid_loss", nil}, {"valid_accuracy", nil},
		{"max_valid_accuracy", nil},
		{"params", t.Params},
		{"macs", t.MACs},
		{"latency_seconds", orNull(t.Metrics.LatencySeconds)},
		{"seconds", number(t.Seconds)},
		{"version", t.Version},
		{"depth", orNull(t.Depth)},
		{"seed", t.Seed},
		{"network_id", orNull(t.NetworkID)},
		{"duplicate_of", orNull(t.DuplicateOf)},
		{"answers", t.Answers},
		{"log_prob", number(t.LogProb)},
		{"sampled", t.Sampled.UTC().Format(time.RFC3339Nano)},
		{"ended", t.Done.UTC().Format(time.RFC3339Nano)},
		{"seq", t.DoneSeq},
	}
	if n := len(t.Metrics.Epochs); n > 0 {
		last, best := t.Metrics.Epochs[n-1], 0.0
		for _, e := range t.Metrics.Epochs {
			best = max(best, e.ValidAccuracy)
		}
		for i, v := range []float64{last.TrainLoss, last.TrainAccuracy, last.ValidLoss, last.ValidAccuracy, best} {
			columns[5+i].value = number(v)
		}
	}
	for _, p := range t.Reward.Parts {
		columns = append(columns, column{"part_" + p.Name, number(p.Value)})
	}
	dst, err := appendColumns(dst, columns)
	if err != nil {
		return dst, fmt.Errorf("journal: row of trial %d: %w", t.ID, err)
	}
	return dst, nil
}

// appendColumns appends a line with an object of the columns.
func appendColumns(dst []byte, columns []column) ([]byte, error) {
	open := byte('{')
	for _, c := range columns {
		name, err := json.Marshal(c.name)
		if err != nil {
			return dst, err
		}
		value, err := json.Marshal(c.value)
		if err != nil {
			return dst, fmt.Errorf("%s: %w", c.name, err)
		}
		dst = append(append(append(append(dst, open), name...), ':'), value...)
		open = ','
	}
	return append(dst, '}', '\n'), nil
}

// number is v, or null if JSON has no such number.
func number(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return v
}

// orNull is v, or null if v is zero.
func orNull[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

// allRows is what trials.jsonl holds when every ended trial of s has its row:
// the rows in the order in which the trials ended.
func allRows(s *event.State) ([]byte, error) {
	var ended []*event.Trial
	for i := range s.Trials {
		if s.Trials[i].DoneSeq != 0 {
			ended = append(ended, &s.Trials[i])
		}
	}
	slices.SortFunc(ended, func(a, b *event.Trial) int { return int(a.DoneSeq - b.DoneSeq) })
	var all []byte
	var err error
	for _, t := range ended {
		if all, err = appendRow(all, t); err != nil {
			return nil, err
		}
	}
	return all, nil
}
