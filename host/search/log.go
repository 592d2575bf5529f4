package search

import (
	"io"
	"iter"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Log is where a study is recorded: package journal's run directory, or a
// Memory. An error of any method stops the study.
type Log interface {
	// Events yields what has been appended, from the first event on.
	Events() iter.Seq2[event.Event, error]
	// Append adds an event; it is durable after the next Commit.
	Append(event.Event) error
	Commit() error

	// SavePolicy keeps a snapshot of the policy, as of the last event. Policy
	// returns the newest intact one whose version is below before (negative:
	// the newest of all), and ok false if there is none.
	SavePolicy(version int, policy []byte) error
	Policy(before int) (version int, policy []byte, ok bool)

	// SavePending keeps the end of a trial whose turn has not come, and
	// Pending returns those that have no event yet, ascending by trial.
	// Dropping what is not there is no error.
	SavePending(event.Done) error
	DropPending(trial int) error
	Pending() ([]event.Done, error)

	// StageWeights keeps the weights of a trial that may become the best.
	// PublishBest makes a trial the best, with its staged weights, and reports
	// whether it has any; doing so again changes nothing.
	StageWeights(trial int, weights io.WriterTo) error
	DropWeights(trial int) error
	PublishBest(trial int, reward float64, network *spec.Network) (weights bool, err error)

	// SetState records how the study stands; note says why.
	SetState(state event.StudyState, note string) error
}
