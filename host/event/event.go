package event

import (
	"encoding/json"
	"time"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Schema is the version of the event format. A reader ignores event types and
// fields that it does not know, so only a change of meaning raises it.
const Schema = 1

// Type says what happened, and thereby which payload an Event has.
type Type string

const (
	StudyStarted    Type = "study.started"
	TrialSampled    Type = "trial.sampled"
	TrialEpoch      Type = "trial.epoch" // live only
	TrialDone       Type = "trial.done"
	PolicyUpdated   Type = "policy.updated"
	StudyControlled Type = "study.controlled"
	StudyEnded      Type = "study.ended"
)

// Event is one thing that happened. Exactly the payload of its Type is set; an
// unknown Type has none.
type Event struct {
	Seq        int64       `json:"seq,omitempty"` // from 1; 0: live
	Time       time.Time   `json:"time,omitzero"`
	Type       Type        `json:"type"`
	Started    *Started    `json:"started,omitempty"`
	Sampled    *Sampled    `json:"sampled,omitempty"`
	Epoch      *Epoch      `json:"epoch,omitempty"`
	Done       *Done       `json:"done,omitempty"`
	Updated    *Updated    `json:"updated,omitempty"`
	Controlled *Controlled `json:"controlled,omitempty"`
	Ended      *Ended      `json:"ended,omitempty"`
}

// Started says what the study is. Together with the program it determines, in
// deterministic mode, everything that follows.
type Started struct {
	Schema int             `json:"schema"`
	Name   string          `json:"name"`
	Seed   uint64          `json:"seed"`
	Trials int             `json:"trials"` // budget; see State.Budget
	Config json.RawMessage `json:"config"` // the whole study configuration
	// Program and Go are the versions that started the study; Kernels is the
	// level of the arithmetic, within which results are bit-identical.
	Program string `json:"program"`
	Go      string `json:"go"`
	Kernels string `json:"kernels"`

	Space    Source      `json:"space"`
	Shaper   Source      `json:"shaper"`
	Data     Data        `json:"data"`
	Strategy string      `json:"strategy"`
	Rollout  int         `json:"rollout"` // episodes of one update; 0: no updates
	Lag      int         `json:"lag"`     // as resolved; see package search
	Kinds    []spec.Kind `json:"kinds"`
	Task     spec.Task   `json:"task"`
	// WeightsHash is the hash of the untrained policy.
	WeightsHash string `json:"weights_hash"`
}

// Data says what children are trained on.
type Data struct {
	Name  string `json:"name"`
	Hash  string `json:"hash,omitempty"` // SHA-256, hex
	Train int    `json:"train"`          // examples: images, or tokens of a text
	Valid int    `json:"valid"`          // examples
	Unit  string `json:"unit,omitempty"` // what a token of a text is: word or character
	// LeastLoss is the cross-entropy, in nats per token, that the best possible
	// model has on the validation part of a text; 0 if nobody knows.
	LeastLoss float64 `json:"least_loss,omitempty"`
}

// Sampled is a new trial: an episode and the network that it decodes to.
type Sampled struct {
	Trial   int    `json:"trial"`
	Version int    `json:"version"` // policy version that sampled it
	Seed    uint64 `json:"seed"`    // of the child's training
	// Depth is the value of the scheduled depth parameter; 0 without schedule.
	Depth     int             `json:"depth,omitempty"`
	Decisions []spec.Decision `json:"decisions"`
	Answers   spec.Answers    `json:"answers"` // as many as Decisions
	// LogProb is the sum of StepLogProbs, in nats; StepEntropies are the
	// entropies in nats of the distributions that the answers were drawn from.
	LogProb       float64       `json:"log_prob"`
	StepLogProbs  []float64     `json:"step_log_probs,omitempty"`
	StepEntropies []float64     `json:"step_entropies,omitempty"`
	NetworkID     string        `json:"network_id,omitempty"`
	Network       *spec.Network `json:"network,omitempty"` // absent if DuplicateOf is set
	Params        int64         `json:"params,omitempty"`  // learned numbers
	MACs          int64         `json:"macs,omitempty"`    // of one forward pass of one example
	// DuplicateOf is the earlier trial with the same network whose result is
	// to be used.
	DuplicateOf int `json:"duplicate_of,omitempty"`
	// Problem says why the answers decode to no network; the trial will fail.
	Problem string `json:"problem,omitempty"`
	// Output is the end of what the plugin printed before that, such as the
	// trace of a panic.
	Output string `json:"output,omitempty"`
}

// Epoch is what was measured so far of a child that is still training.
type Epoch struct {
	Trial int        `json:"trial"`
	Epoch spec.Epoch `json:"epoch"`
}

// Status is how a trial ended.
type Status string

const (
	OK     Status = "ok"
	Failed Status = "failed" // Reason says why; a failed trial is data
)

// Done is the end of a trial.
type Done struct {
	Trial     int    `json:"trial"`
	Status    Status `json:"status"`
	Reason    string `json:"reason,omitempty"` // why it failed
	Output    string `json:"output,omitempty"` // the end of what the plugin that made it fail had printed
	NetworkID string `json:"network_id,omitempty"`
	// Reward is the shaper's verdict, or the configured reward of failed
	// trials.
	Reward  spec.Reward  `json:"reward"`
	Metrics spec.Metrics `json:"metrics"` // with the whole curve
	// DuplicateOf is the trial whose result was used instead of training.
	DuplicateOf int     `json:"duplicate_of,omitempty"`
	Seconds     float64 `json:"seconds"` // wall time of the training
}

// Updated is one step of the policy.
type Updated struct {
	Version int   `json:"version"` // from 1
	Trials  []int `json:"trials"`  // the rollout, in the order of its episodes
	// Rewards and Advantages belong to Trials. The advantages are the rewards
	// minus BaselineBefore; Baseline is what the next rewards are compared with.
	Rewards        []float64 `json:"rewards"`
	Advantages     []float64 `json:"advantages,omitempty"`
	BaselineBefore float64   `json:"baseline_before"`
	Baseline       float64   `json:"baseline"`
	Loss           float64   `json:"loss"` // minus the objective
	GradNorm       float64   `json:"grad_norm"`
	Entropy        float64   `json:"entropy"` // nats, mean over the steps of the rollout
	// WeightsHash is the hash of the policy after the update.
	WeightsHash string `json:"weights_hash"`
}

// StudyState is where a study stands, as its run directory says. It is not part
// of the events: they are the same however often a study was stopped.
type StudyState string

const (
	StudyRunning StudyState = "running" // or killed while it ran
	StudyPaused  StudyState = "paused"  // it waits for Continue, or was stopped in good order; may be resumed
	StudyDone    StudyState = "done"
	StudyFailed  StudyState = "failed" // may be resumed once the cause is gone
)

// Reasons why a study ended.
const (
	EndBudget    = "budget"     // every trial of the budget has ended
	EndAllFailed = "all failed" // so has it here, and none has a result
)

// Ended is the end of a study.
type Ended struct {
	Reason      string  `json:"reason"`
	Counts      Counts  `json:"counts"`
	Best        int     `json:"best,omitempty"` // trial; 0: none
	BestReward  float64 `json:"best_reward,omitempty"`
	WeightsHash string  `json:"weights_hash"` // of the final policy
}

// Counts counts trials.
type Counts struct {
	Sampled    int `json:"sampled"`
	OK         int `json:"ok"`
	Failed     int `json:"failed"`
	Duplicates int `json:"duplicates"` // ended with the result of another
	Updates    int `json:"updates"`    // of the policy
}

// Ended is the number of trials that have ended.
func (c Counts) Ended() int { return c.OK + c.Failed }

// Timeless returns e without what a clock said, so that the events of two runs
// of the same deterministic study compare equal. It copies what it changes.
func Timeless(e Event) Event {
	e.Time = time.Time{}
	if e.Done != nil {
		d := *e.Done
		d.Seconds = 0
		d.Metrics = WithoutTimes(d.Metrics)
		e.Done = &d
	}
	if e.Controlled != nil {
		c := *e.Controlled
		c.Request = "" // it is made of the time
		e.Controlled = &c
	}
	return e
}

// WithoutTimes returns a copy of m without measured durations.
func WithoutTimes(m spec.Metrics) spec.Metrics {
	epochs := make([]spec.Epoch, len(m.Epochs))
	copy(epochs, m.Epochs)
	for i := range epochs {
		epochs[i].Seconds = 0
	}
	m.Epochs = epochs
	m.LatencySeconds = 0
	return m
}
