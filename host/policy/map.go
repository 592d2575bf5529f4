package policy

import "github.com/espalier-nas/espalier/wasm/spec"

// Map is the policy along one trial's answers, version by version: decision i
// is asked after the trial's answers to the decisions before it, whatever the
// version would rather have answered. All log-probabilities and entropies are
// in nats. Numbers are rounded to six decimals; an Explanation has them in full.
type Map struct {
	Trial int `json:"trial"`
	// Sampled is the version that sampled the trial.
	Sampled int `json:"sampled"`
	// Learned is the version that the update made which learned from the trial;
	// 0: none has, or not yet.
	Learned int `json:"learned,omitempty"`
	// Newest is the newest version of the study.
	Newest int `json:"newest"`
	// Versions are those that the map shows, ascending. They hold Sampled,
	// Learned-1, Learned and Newest.
	Versions []int `json:"versions"`
	// Entropy and LogProb have one entry for each of Versions: the mean over the
	// decisions, and the log-probability of all the answers together.
	Entropy   []float64     `json:"entropy"`
	LogProb   []float64     `json:"log_prob"`
	Decisions []MapDecision `json:"decisions"`
	// Note says what a reader must know of the numbers: that they come from
	// another level of the kernels than the study's, or that there are fewer
	// versions than were asked for. Empty: nothing.
	Note string `json:"note,omitempty"`
}

// Question is what a decision asks and what the trial answered.
type Question struct {
	Name string        `json:"name"` // e.g. "layer2/filter_height"
	Kind string        `json:"kind"` // ID of its kind, e.g. "filter_height"
	Type spec.KindType `json:"type"` // choice, anchors or pointer
	// Options label the options of a choice, or the candidates of an anchors or
	// pointer decision: those with the name of the decision that announced them.
	Options []string `json:"options"`
	// Chosen are the indices in Options that the trial answered, ascending: one,
	// but any number for an anchors decision.
	Chosen []int `json:"chosen"`
	// Forbidden are the indices in Options that the search space did not allow,
	// ascending.
	Forbidden []int `json:"forbidden,omitempty"`
}

// MapDecision is one decision under each version of a Map.
type MapDecision struct {
	Question
	// Probs has a row for each of Map.Versions with the probability of each of
	// Options. Rows sum to one, but those of an anchors decision: there each
	// candidate has its own probability of being chosen.
	Probs [][]float64 `json:"probs"`
	// Entropy has one entry for each of Map.Versions.
	Entropy []float64 `json:"entropy"`
}
