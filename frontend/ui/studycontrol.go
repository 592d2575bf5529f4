package ui

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/espalier-nas/espalier/frontend/client"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
)

// running reports whether a process runs the study.
func (c *StudyPage) running() bool {
	f := c.feed()
	return f != nil && f.Alive && f.State != nil && f.State.Ended == nil && !c.Play.On
}

// CanPause, CanContinue and CanStop say what can be asked of the study now.
func (c *StudyPage) CanPause() bool { return c.running() && !c.state().Paused }

// CanContinue is described with CanPause.
func (c *StudyPage) CanContinue() bool { return c.running() && c.state().Paused }

// CanStop is described with CanPause.
func (c *StudyPage) CanStop() bool { return c.running() }

// Requests are what people asked of the study, and when.
func (c *StudyPage) Requests() []Fact {
	s := c.state()
	if s == nil {
		return nil
	}
	var list []Fact
	for i := range s.Controls {
		q := &s.Controls[i]
		list = append(list, Fact{
			Name:  fmt.Sprintf("event %s, after %s", report.Grouped(q.Seq), report.Duration(max(q.Time.Sub(s.Begun), 0).Round(time.Second))),
			Value: fmt.Sprintf("%s, asked by %s", q.Controlled, q.By),
		})
	}
	return list
}

// HasRequests reports whether anybody asked for anything.
func (c *StudyPage) HasRequests() bool { s := c.state(); return s != nil && len(s.Controls) > 0 }

// SetMore takes the number of trials to add.
func (c *StudyPage) SetMore(text string) { c.Act.More = text }

// Extend asks for more trials.
func (c *StudyPage) Extend() {
	n, err := strconv.Atoi(c.Act.More)
	if err != nil || n < 1 {
		c.Act.Said, c.Act.Wrong = fmt.Sprintf("%q is not a number of trials to add: write one that is at least 1", c.Act.More), true
		return
	}
	c.Act.More = ""
	c.Act.Do(string(event.Extend), n, 0)
}

// Class is the looks of what came of a request.
func (c *Controls) Class() string {
	if c.Wrong {
		return "problem"
	}
	return "note"
}

// Invalid says whether the filter is wrong.
func (c *StudyPage) Invalid() string { return strconv.FormatBool(c.Wrong != "") }

// HasFailures reports whether a trial has failed.
func (c *StudyPage) HasFailures() bool { s := c.state(); return s != nil && s.Counts.Failed > 0 }

// replay brings the replay to what the address asks for.
func (c *StudyPage) replay() {
	if c.Play.App != nil {
		c.Play.Follow(c.whole(), c.route.Query.Get("at"), c.route.Query.Get("play"))
	}
}

// Replay begins a replay, or leaves it.
func (c *StudyPage) Replay() {
	if c.Play.On {
		c.App.Go(c.route.With("at", "").With("play", ""))
		return
	}
	c.App.Go(c.route.With("at", "1").With("play", strconv.Itoa(defaultPace)))
}

// ReplayPressed says whether there is a replay.
func (c *StudyPage) ReplayPressed() string { return strconv.FormatBool(c.Play.On) }

// Controls pause, stop, extend a study, and cancel its trials.
type Controls struct {
	App   *App
	Study string
	Said  string // what came of the last request
	Wrong bool
	More  string // trials to add
}

// Do sends a request to the study.
func (c *Controls) Do(action string, trials, trial int) {
	body, err := json.Marshal(map[string]any{"action": action, "trials": trials, "trial": trial})
	if err != nil {
		panic("ui: a request does not marshal")
	}
	c.Said, c.Wrong = "Asking …", false
	c.App.Post(client.StudyPath(c.Study, "control"), body, func(a client.Answer) {
		if err := client.Check(a); err != nil {
			c.Said, c.Wrong = err.Error(), true
		} else {
			var answer struct {
				Status string `json:"status"`
			}
			_ = json.Unmarshal(a.Body, &answer) // of what cannot be read nothing is known
			if answer.Status == "done" {
				c.Said = "Done, and journaled: " + action + "."
			} else {
				c.Said = "Asked to " + action + ". The study has not answered yet; it is journaled once it does."
			}
		}
		c.App.Announce(c.Said)
		c.App.Rebuild()
	})
}
