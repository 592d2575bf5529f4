package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

const (
	policyDir = "policy"
	policyExt = ".policy"
)

// snapshot is the first line of a file in policy/; the policy follows.
type snapshot struct {
	Version int    `json:"version"` // updates the policy has seen
	Seq     int64  `json:"seq"`     // event after which it was taken
	Bytes   int    `json:"bytes"`
	SHA256  string `json:"sha256"` // of the policy, hex
}

// SavePolicy writes a snapshot of the policy after the given number of
// updates, as of the last appended event, which is committed first. Of the
// older ones it keeps what Options say.
func (j *Journal) SavePolicy(version int, policy []byte) error {
	if err := j.Commit(); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	sum := sha256.Sum256(policy)
	head, err := json.Marshal(snapshot{Version: version, Seq: j.state.Seq, Bytes: len(policy), SHA256: hex.EncodeToString(sum[:])})
	if err != nil {
		return fmt.Errorf("journal: encode snapshot: %w", err)
	}
	content := bytes.NewReader(slices.Concat(head, []byte("\n"), policy))
	if err := j.stop(writeAtomic(j.files, j.numbered(policyDir, version, policyExt), content)); err != nil {
		return err
	}
	return j.prunePolicies()
}

// Policy returns the newest intact snapshot that is older than the given
// version (negative: the newest of all) and its version; ok is false if there
// is none. Damaged snapshots are passed over: they only save work.
func (j *Journal) Policy(before int) (version int, policy []byte, ok bool) {
	return Policies(j.dir).Policy(before)
}

// Policies is the run directory of a study whose snapshots are read without its
// lock, also while the study runs.
type Policies string

// Policy is Journal.Policy.
func (p Policies) Policy(before int) (version int, policy []byte, ok bool) {
	dir := filepath.Join(string(p), policyDir)
	versions, err := numbers(dir, policyExt)
	if err != nil {
		return 0, nil, false
	}
	for _, v := range slices.Backward(versions) {
		if before >= 0 && v >= before {
			continue
		}
		head, policy, err := readPolicy(numbered(dir, v, policyExt))
		if err == nil && head.Version == v {
			return v, policy, true
		}
	}
	return 0, nil, false
}

func readPolicy(path string) (snapshot, []byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return snapshot{}, nil, err
	}
	line, policy, _ := bytes.Cut(b, []byte("\n"))
	var head snapshot
	if err := json.Unmarshal(line, &head); err != nil {
		return snapshot{}, nil, err
	}
	sum := sha256.Sum256(policy)
	if hex.EncodeToString(sum[:]) != head.SHA256 {
		return snapshot{}, nil, errors.New("checksum mismatch")
	}
	return head, policy, nil
}

// prunePolicies removes all but the newest snapshots and every so-manieth.
func (j *Journal) prunePolicies() error {
	versions, err := j.numbers(policyDir, policyExt)
	if err != nil {
		return j.stop(err)
	}
	for i, v := range versions {
		newest := i >= len(versions)-j.options.KeepPolicies
		if newest || j.options.KeepEvery > 0 && v%j.options.KeepEvery == 0 {
			continue
		}
		name := j.numbered(policyDir, v, policyExt)
		if err := j.stop(storage("remove", name, j.files.Remove(name))); err != nil {
			return err
		}
	}
	return nil
}

// dropFuturePolicies removes snapshots of events that the journal does not
// hold: it lost them with the power, or somebody cut it.
func (j *Journal) dropFuturePolicies() error {
	versions, err := j.numbers(policyDir, policyExt)
	if err != nil {
		return err
	}
	for _, v := range versions {
		name := j.numbered(policyDir, v, policyExt)
		head, _, err := readPolicy(name)
		if err == nil && head.Seq <= j.state.Seq {
			continue
		}
		if err := storage("remove", name, j.files.Remove(name)); err != nil {
			return err
		}
	}
	return nil
}
