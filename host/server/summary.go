package server

import (
	"errors"
	"time"

	"github.com/espalier-nas/espalier/host/event"
)

// Summary is one study in a list.
type Summary struct {
	ID       string           `json:"id"`
	Name     string           `json:"name"`
	State    event.StudyState `json:"state"`
	Alive    bool             `json:"alive"` // its process runs; a running study without one was killed
	Seed     uint64           `json:"seed"`
	Strategy string           `json:"strategy"`
	Space    string           `json:"space"`  // plugin:space
	Data     string           `json:"data"`   // data set
	Trials   int              `json:"trials"` // budget
	Counts   event.Counts     `json:"counts"`
	Best     *BestTrial       `json:"best"` // null: no trial has succeeded
	Created  time.Time        `json:"created"`
	Updated  time.Time        `json:"updated,omitzero"` // of the last event
	Control  bool             `json:"control"`          // it has a random control
	// Loading says that the events have not been read yet, so that the counts
	// and the best trial are still to come.
	Loading bool   `json:"loading,omitempty"`
	Problem string `json:"problem,omitempty"` // why it cannot be read, or not to its end
}

// BestTrial is the best trial of a study.
type BestTrial struct {
	Trial  int     `json:"trial"`
	Reward float64 `json:"reward"`
}

// summary describes the study as it stands. It is called once f is ready.
func (f *follower) summary() Summary {
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := Summary{
		Name: f.study.Name, State: f.study.State, Alive: f.alive, Seed: f.study.Seed, Strategy: f.study.Strategy,
		Space: f.study.Space.Plugin + ":" + f.study.Space.Name, Data: f.study.Data.Name, Trials: f.study.Trials,
		Counts: f.state.Counts, Created: f.study.Created, Updated: f.state.Last,
	}
	if f.state.Started != nil {
		s.Trials = f.state.Budget
	}
	if best := f.state.Best(); best != nil {
		s.Best = &BestTrial{best.ID, best.Reward.Reward}
	}
	if err := errors.Join(f.unreadable, f.damage); err != nil {
		s.Problem = err.Error()
	}
	return s
}
