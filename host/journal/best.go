package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/espalier-nas/espalier/wasm/spec"
)

const (
	bestDir    = "best"
	weightsExt = ".weights"
)

// Best is the contents of best/trial.json; best/network.json holds the network
// itself.
type Best struct {
	Trial     int     `json:"trial"`
	Reward    float64 `json:"reward"`
	NetworkID string  `json:"network_id"`
	// Weights is the file in best/ that holds the trained weights, and SHA256
	// its hash; both are empty if the evaluator yields no weights.
	Weights string `json:"weights,omitempty"`
	SHA256  string `json:"sha256,omitempty"`
}

// StageWeights keeps the weights of a trial that may become the best one when
// its turn comes. It is called before the trial's end is journaled or pending,
// so that a best trial never lacks its weights.
func (j *Journal) StageWeights(trial int, weights io.WriterTo) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return j.failed
	}
	return j.stop(writeAtomic(j.files, j.numbered(bestDir, trial, weightsExt), weights))
}

// DropWeights forgets the staged weights of a trial, if there are any.
func (j *Journal) DropWeights(trial int) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.remove(j.numbered(bestDir, trial, weightsExt))
}

// PublishBest makes a trial, whose end is durable, the one in best/, with the
// weights that were staged for it, if any, and removes those of the one before.
// It reports whether best/ has weights. Doing it again changes nothing, and a
// study that resumes does so, since it may have been killed in between.
func (j *Journal) PublishBest(trial int, reward float64, network *spec.Network) (weights bool, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return false, j.failed
	}
	best := Best{Trial: trial, Reward: reward, NetworkID: network.ID()}
	name := j.numbered(bestDir, trial, weightsExt)
	best.SHA256, err = hashFile(name)
	switch {
	case err == nil:
		best.Weights = filepath.Base(name)
	case !errors.Is(err, fs.ErrNotExist):
		return false, j.stop(storage("read", name, err))
	}
	before, err := readBest(j.dir)
	if err == nil && before == best {
		return best.Weights != "", nil
	}
	if err := j.writeBest(best, network); err != nil {
		return false, err
	}
	if before.Weights != "" && before.Weights != best.Weights {
		err = j.remove(filepath.Join(j.dir, bestDir, filepath.Base(before.Weights)))
	} else {
		err = nil
	}
	return best.Weights != "", err
}

// writeBest replaces the network first: trial.json, which names the network
// and the weights, decides.
func (j *Journal) writeBest(best Best, network *spec.Network) error {
	for _, f := range []struct {
		name  string
		value any
	}{{"network.json", network}, {"trial.json", best}} {
		b, err := json.MarshalIndent(f.value, "", "  ")
		if err != nil {
			return fmt.Errorf("journal: encode %s: %w", f.name, err)
		}
		name := filepath.Join(j.dir, bestDir, f.name)
		if err := j.stop(writeAtomic(j.files, name, bytes.NewReader(append(b, '\n')))); err != nil {
			return err
		}
	}
	return nil
}

// dropStrayWeights removes weights that belong neither to the best trial nor
// to a pending one.
func (j *Journal) dropStrayWeights() error {
	keep := map[int]bool{j.state.BestID: true}
	pending, err := j.readPending()
	if err != nil {
		return err
	}
	for _, d := range pending {
		keep[d.Trial] = true
	}
	trials, err := j.numbers(bestDir, weightsExt)
	if err != nil {
		return err
	}
	for _, id := range trials {
		if keep[id] {
			continue
		}
		if err := j.remove(j.numbered(bestDir, id, weightsExt)); err != nil {
			return err
		}
	}
	return nil
}

// ReadBest reads best/ of a run directory, without its lock: which trial it
// is, its network, and the path of its weights, empty if there are none. It
// returns an error that is fs.ErrNotExist if no trial has succeeded.
func ReadBest(dir string) (best Best, network *spec.Network, weights string, err error) {
	best, err = readBest(dir)
	if err != nil {
		return best, nil, "", err
	}
	path := filepath.Join(dir, bestDir, "network.json")
	b, err := os.ReadFile(path)
	if err != nil {
		return best, nil, "", fmt.Errorf("journal: read best: %w", err)
	}
	network = new(spec.Network)
	if err := json.Unmarshal(b, network); err != nil {
		return best, nil, "", fmt.Errorf("journal: %s: %w", path, err)
	}
	if id := network.ID(); id != best.NetworkID {
		return best, nil, "", fmt.Errorf("journal: %s holds network %s, but the best trial %d has %s; the study is just replacing it, or resume repairs it", path, id, best.Trial, best.NetworkID)
	}
	if best.Weights != "" {
		weights = filepath.Join(dir, bestDir, filepath.Base(best.Weights))
	}
	return best, network, weights, nil
}

func readBest(dir string) (Best, error) {
	path := filepath.Join(dir, bestDir, "trial.json")
	b, err := os.ReadFile(path)
	if err != nil {
		return Best{}, fmt.Errorf("journal: read best: %w", err)
	}
	var best Best
	if err := json.Unmarshal(b, &best); err != nil {
		return Best{}, fmt.Errorf("journal: %s: %w", path, err)
	}
	return best, nil
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
