package event

// Whether an event carries what its type promises.
const (
	unknownType = iota
	noPayload
	hasPayload
)

func (e Event) payload() int {
	present := false
	switch e.Type {
	case StudyStarted:
		present = e.Started != nil
	case TrialSampled:
		present = e.Sampled != nil
	case TrialEpoch:
		present = e.Epoch != nil
	case TrialDone:
		present = e.Done != nil
	case PolicyUpdated:
		present = e.Updated != nil
	case StudyControlled:
		present = e.Controlled != nil
	case StudyEnded:
		present = e.Ended != nil
	default:
		return unknownType
	}
	if present {
		return hasPayload
	}
	return noPayload
}
