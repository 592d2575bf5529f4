package event

// Slim returns e without what a State does not keep of it: the network, the
// decisions, and the log-probability and entropy of each step, which are nearly
// all of a trial.sampled event. Apply folds it as it does the whole event. It
// copies what it changes.
func Slim(e Event) Event {
	if e.Sampled != nil {
		s := *e.Sampled
		s.Network, s.Decisions, s.StepLogProbs, s.StepEntropies = nil, nil, nil, nil
		e.Sampled = &s
	}
	return e
}
