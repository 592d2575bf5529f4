package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Training is a network that was trained anew, from one seed, apart from any
// search: a row of trainings.jsonl.
type Training struct {
	// Key stands for everything that the result depends on; equal keys are the
	// same training.
	Key string `json:"key"`
	// Name is what people call the network, such as "trial 12" or "lstm", and
	// Source where it came from: a run directory or a file.
	Name      string `json:"name"`
	Source    string `json:"source"`
	Trial     int    `json:"trial"` // of Source; 0: none
	NetworkID string `json:"network_id"`
	Data      string `json:"data"`
	DataHash  string `json:"data_hash"`
	Train     int    `json:"train"`  // examples
	Valid     int    `json:"valid"`  // examples
	Metric    string `json:"metric"` // what the network is measured by, such as "perplexity"
	Seed      uint64 `json:"seed"`   // of the training
	// Setting names the point of a grid, such as "lr=0.1 init=0.05"; empty: there
	// was no grid. Grid holds its values, by their names in the grid.
	Setting string                     `json:"setting"`
	Grid    map[string]json.RawMessage `json:"-"`
	// Recipe is how it was trained, a JSON object. Of a row that was read it is
	// flat: its members are named by their paths, such as "optimizer.lr".
	Recipe  json.RawMessage `json:"-"`
	Status  event.Status    `json:"status"`
	Reason  string          `json:"reason"` // why it failed
	Params  int64           `json:"params"`
	MACs    int64           `json:"macs"`
	Seconds float64         `json:"seconds"` // wall time
	// Weights is the file below the directory that holds the trained weights,
	// beside which lies the network; empty if they were not kept.
	Weights string    `json:"weights"`
	Program string    `json:"program"`
	Kernels string    `json:"kernels"` // level within which bits repeat
	Ended   time.Time `json:"ended"`
	// Curve holds every epoch.
	Curve []spec.Epoch `json:"curve"`
}

// appendLine appends the row: a flat object with the same members for every
// training, null where there is nothing to say, then one "grid.<name>" for each
// value of a grid and one "recipe.<member>" for each of the recipe, the curve,
// and a checksum as events have it.
func (t *Training) appendLine(dst []byte) ([]byte, error) {
	columns := []column{
		{"key", t.Key}, {"name", t.Name}, {"source", t.Source}, {"trial", orNull(t.Trial)}, {"network_id", t.NetworkID},
		{"data", t.Data}, {"data_hash", t.DataHash}, {"train", t.Train}, {"valid", t.Valid},
		{"metric", t.Metric}, {"seed", t.Seed}, {"setting", orNull(t.Setting)},
		{"status", t.Status}, {"reason", orNull(t.Reason)}, {"epochs", len(t.Curve)},
		{"train_loss", nil}, {"train_accuracy", nil}, {"valid_loss", nil}, {"valid_accuracy", nil},
		{"max_valid_accuracy", nil}, {"min_valid_loss", nil},
	}
	if n := len(t.Curve); n > 0 {
		last, best := t.Curve[n-1], t.Curve[0]
		for _, e := range t.Curve {
			best.ValidAccuracy, best.ValidLoss = max(best.ValidAccuracy, e.ValidAccuracy), min(best.ValidLoss, e.ValidLoss)
		}
		values := []float64{last.TrainLoss, last.TrainAccuracy, last.ValidLoss, last.ValidAccuracy, best.ValidAccuracy, best.ValidLoss}
		for i, v := range values {
			columns[len(columns)-len(values)+i].value = number(v)
		}
	}
	columns = append(columns, []column{
		{"params", t.Params}, {"macs", t.MACs}, {"seconds", number(t.Seconds)}, {"weights", orNull(t.Weights)},
		{"program", t.Program}, {"kernels", t.Kernels}, {"ended", t.Ended.UTC().Format(time.RFC3339Nano)},
	}...)
	for _, name := range slices.Sorted(maps.Keys(t.Grid)) {
		columns = append(columns, column{"grid." + name, t.Grid[name]})
	}
	columns, err := flatten(columns, "recipe", t.Recipe)
	var row []byte
	if err == nil {
		row, err = appendColumns(nil, append(columns, column{"curve", t.Curve}))
	}
	if err != nil {
		return dst, fmt.Errorf("journal: row of training %s: %w", t.Key, err)
	}
	return event.Seal(dst, bytes.TrimSuffix(row, []byte("\n"))), nil
}

// readTraining reads a row that appendLine has written.
func readTraining(line []byte) (Training, error) {
	var row Training
	var columns map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(line, &row), json.Unmarshal(line, &columns)); err != nil {
		return row, err
	}
	recipe := map[string]json.RawMessage{}
	row.Grid = map[string]json.RawMessage{}
	for name, value := range columns {
		if member, found := strings.CutPrefix(name, "recipe."); found {
			recipe[member] = value
		} else if member, found := strings.CutPrefix(name, "grid."); found {
			row.Grid[member] = value
		}
	}
	var err error
	row.Recipe, err = json.Marshal(recipe)
	return row, err
}

// flatten appends a column for every member of a JSON object that is none
// itself.
func flatten(columns []column, path string, raw json.RawMessage) ([]column, error) {
	var members map[string]json.RawMessage
	if len(raw) == 0 || raw[0] != '{' {
		return append(columns, column{path, raw}), nil
	}
	err := json.Unmarshal(raw, &members)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if err == nil {
			columns, err = flatten(columns, path+"."+name, members[name])
		}
	}
	return columns, err
}
