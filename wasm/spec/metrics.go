package spec

// Epoch is what was measured after one epoch of training a child. Accuracies
// are fractions in [0, 1]; losses are mean cross-entropies in nats. A loss or
// accuracy that was not measured is NaN; what is not finite is absent from the
// JSON, and what is absent there reads as NaN.
type Epoch struct {
	Epoch         int // from 1
	TrainLoss     float64
	TrainAccuracy float64
	ValidLoss     float64
	ValidAccuracy float64
	Seconds       float64 // wall time of the epoch; 0: not measured; never used by deterministic rewards
}

// Metrics is what a shaper sees of a trial.
type Metrics struct {
	Epochs []Epoch
	Params int64 // learned numbers
	MACs   int64 // multiply-accumulates of one forward pass of one example
	// LatencySeconds is the measured time of one forward pass of one example;
	// 0 means not measured.
	LatencySeconds float64
	Failed         bool   // the child has no usable result
	Reason         string // why it failed
}

// Reward is a shaper's verdict on a trial.
type Reward struct {
	Reward float64
	// Parts names what the reward was made of, for people to look at.
	Parts []Part
}

// Part is one named component of a Reward. In JSON the parts are an object.
type Part struct {
	Name  string
	Value float64
}
