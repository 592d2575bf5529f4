package event

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Action is something that a person asks of a study while it runs.
type Action string

const (
	// Pause lets the children that are being trained go on to their end, and
	// begins no other until Continue. It changes when things happen and, in
	// deterministic mode, nothing else.
	Pause    Action = "pause"
	Continue Action = "continue"
	// Stop ends the process in good order, as Ctrl-C does; the study can be
	// resumed. It says nothing of how the study goes on.
	Stop Action = "stop"
	// Extend adds Trials to the budget; a study that has ended goes on.
	Extend Action = "extend"
	// Cancel makes Trial, which has been sampled and has not ended, a failed
	// one.
	Cancel Action = "cancel"
)

// Actions lists every action.
var Actions = []Action{Pause, Continue, Stop, Extend, Cancel}

// Controlled says that somebody has taken a hand in the study. It is journaled
// before it takes effect.
type Controlled struct {
	Action Action `json:"action"`
	Trial  int    `json:"trial,omitempty"`  // that is cancelled
	Trials int    `json:"trials,omitempty"` // more of the budget
	By     string `json:"by"`               // who asked, in a few words
	// Request is the name under which it was asked for, unique within the
	// study, so that nothing takes effect twice; empty: it was not asked for
	// through the run directory.
	Request string `json:"request,omitempty"`
}

// Limits of a Controlled.
const (
	maxBudget = 1_000_000_000 // trials; two of them fit 32 bits
	maxBy     = 100           // bytes
)

// Validate reports every problem that c has by itself; State.Check knows
// whether the study allows it.
func (c Controlled) Validate() error {
	var problems []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf("control: "+format, args...))
		}
	}
	switch c.Action {
	case Pause, Continue, Stop, Extend, Cancel:
	default:
		check(false, "unknown action %q, want one of %s", c.Action, actionNames())
	}
	switch {
	case c.Action == Extend:
		check(c.Trials >= 1 && c.Trials <= maxBudget, "extend by %d trials, want 1 to %d", c.Trials, maxBudget)
	default:
		check(c.Trials == 0, "%s takes no number of trials, got %d", c.Action, c.Trials)
	}
	switch {
	case c.Action == Cancel:
		check(c.Trial >= 1, "cancel trial %d, want the number of a trial, from 1", c.Trial)
	default:
		check(c.Trial == 0, "%s takes no trial, got %d", c.Action, c.Trial)
	}
	check(c.By != "" && len(c.By) <= maxBy && printable(c.By), "by is %q, want 1 to %d bytes of printable text", c.By, maxBy)
	return errors.Join(problems...)
}

func actionNames() string {
	names := make([]string, len(Actions))
	for i, a := range Actions {
		names[i] = string(a)
	}
	return strings.Join(names, ", ")
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// String says in a few words what c does, such as "cancel trial 7".
func (c Controlled) String() string {
	switch c.Action {
	case Extend:
		return fmt.Sprintf("extend by %d trials", c.Trials)
	case Cancel:
		return fmt.Sprintf("cancel trial %d", c.Trial)
	}
	return string(c.Action)
}

// Reason is why the trial that c cancels has failed.
func (c Controlled) Reason() string { return "cancelled by " + c.By }

// Check says why the study, as it is, does not allow what c asks for; nil if it
// does. An unknown action is allowed and does nothing.
func (s *State) Check(c Controlled) error {
	if s.Ended != nil && c.Action != Extend {
		return errors.New("the study has ended")
	}
	switch c.Action {
	case Pause:
		if s.Paused {
			return errors.New("the study is paused already")
		}
	case Continue:
		if !s.Paused {
			return errors.New("the study is not paused")
		}
	case Extend:
		if c.Trials < 1 || c.Trials > maxBudget-s.Budget {
			return fmt.Errorf("the budget is %d trials and can grow to %d, not by %d", s.Budget, maxBudget, c.Trials)
		}
	case Cancel:
		return s.checkCancel(c.Trial)
	}
	return nil
}

func (s *State) checkCancel(id int) error {
	switch t := s.Trial(id); {
	case t == nil:
		return fmt.Errorf("trial %d has not been sampled; the last one is %d", id, len(s.Trials))
	case t.Status == OK:
		return fmt.Errorf("trial %d has already ended, with a result", id)
	case t.Status == Failed:
		return fmt.Errorf("trial %d has already ended: %s", id, t.Reason)
	case t.Reason != "":
		return fmt.Errorf("trial %d has already been %s", id, t.Reason)
	}
	return nil
}

// Control is a study.controlled event as a State keeps it.
type Control struct {
	Moment
	Controlled
	// Reopened is the end that an extension took back, nil if there was none,
	// and ReopenedAt where it stands.
	Reopened   *Ended
	ReopenedAt Moment
}

// control folds a study.controlled.
func (s *State) control(e Event) error {
	if err := s.Check(*e.Controlled); err != nil {
		return err
	}
	c := Control{Moment: Moment{e.Seq, e.Time}, Controlled: *e.Controlled}
	if c.Action == Extend && s.Ended != nil {
		c.Reopened, c.ReopenedAt = s.Ended, s.EndedAt
		s.Ended, s.EndedAt = nil, Moment{}
	}
	s.Controls = append(s.Controls, c)
	s.effect(&c)
	return nil
}

// effect is what c changes besides the end of the study.
func (s *State) effect(c *Control) {
	switch c.Action {
	case Pause:
		s.Paused = true
	case Continue:
		s.Paused = false
	case Extend:
		s.Budget += c.Trials
	case Cancel:
		if t := s.Trial(c.Trial); t.Status == Running {
			t.Reason = c.Reason()
		}
	}
}

// controlUntil gives s, whose trials are known, the effects of those controls
// that came up to event number seq.
func (s *State) controlUntil(controls []Control, seq int64) {
	s.Budget = s.Started.Trials
	for i := range controls {
		c := &controls[i]
		if c.Seq > seq {
			break
		}
		if c.Reopened != nil {
			s.Paused = false // as at every end
		}
		s.Controls = append(s.Controls, *c)
		s.effect(c)
	}
	s.Paused = s.Paused && s.Ended == nil
}

// endAt is the end that the study had after event number seq, nil if none.
func (s *State) endAt(seq int64) (*Ended, Moment) {
	if s.Ended != nil && s.EndedAt.Seq <= seq {
		return s.Ended, s.EndedAt
	}
	for i := range s.Controls {
		if c := &s.Controls[i]; c.Reopened != nil && c.ReopenedAt.Seq <= seq && seq < c.Seq {
			return c.Reopened, c.ReopenedAt
		}
	}
	return nil, Moment{}
}
