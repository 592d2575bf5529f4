package spec

// KindType says what an answer to a decision looks like.
type KindType string

const (
	// Choice picks one of the kind's labelled options. The controller shares
	// one softmax and one embedding among all decisions of the kind, which
	// makes the policy independent of depth.
	Choice KindType = "choice"
	// AnchorSet picks any subset of the decision's earlier anchor points, each
	// an independent Bernoulli (Zoph & Le 2017, section 3.3).
	AnchorSet KindType = "anchors"
	// Pointer picks exactly one of the decision's earlier anchor points.
	Pointer KindType = "pointer"
)

// Kind is a family of decisions that share their meaning and their weights.
type Kind struct {
	ID   string   // unique within the space, e.g. "filter_height"
	Type KindType // choice, anchors or pointer
	// Options labels the options of a choice, in answer order. Empty for the
	// other types.
	Options []string
}

// Decision is one question that a search space asks.
type Decision struct {
	Kind string // ID of its Kind
	Name string // e.g. "layer2/filter_height"; unique within an episode, or the host fails the trial
	// Anchor announces this step as the next anchor point: anchor points are
	// numbered from 0 in the order in which they are announced.
	Anchor bool
	// Candidates are the earlier anchor points that an anchors or pointer
	// decision may pick, strictly ascending. An anchors decision may have
	// none; then its only answer is the empty set.
	Candidates []int
	// Mask, if present, has one entry for each option of a choice; false
	// forbids the option. At least one option stays allowed.
	Mask []bool
}

// Answer is the reply to one decision. In JSON it is an integer (the option of
// a choice, or the anchor point of a pointer) or an ascending array of anchor
// points (an anchors decision).
type Answer struct {
	Set     bool  // true for an anchors decision
	Index   int   // when !Set
	Anchors []int // when Set; strictly ascending, nil for none
}

// Pick answers a choice with its i-th option, or a pointer with anchor point i.
func Pick(i int) Answer { return Answer{Index: i} }

// PickSet answers an anchors decision. It keeps the slice, unless it is empty.
func PickSet(anchors ...int) Answer {
	if len(anchors) == 0 {
		anchors = nil
	}
	return Answer{Set: true, Anchors: anchors}
}

// Answers is what has been decided so far in an episode, one Answer a decision.
type Answers []Answer

// Step is a search space's reply to a prefix of answers: the next decision, or
// the end of the episode.
type Step struct {
	Decision *Decision // nil when Done
	Done     bool
	// State, if not empty, promises that two prefixes with equal states are
	// followed by equal steps, so that a host may cache transitions. It is at
	// most MaxState bytes.
	State string
	// Any promises that the step after this one is the same for every answer
	// to this decision.
	Any bool
}

// Limits of what a space may ask.
const (
	MaxSteps   = 10_000 // decisions of an episode
	MaxKinds   = 256    // kinds of a space
	MaxOptions = 4096   // options of a kind
	MaxLabel   = 128    // bytes of a kind's ID, an option's label or a decision's name
	MaxState   = 64     // bytes of Step.State
)
