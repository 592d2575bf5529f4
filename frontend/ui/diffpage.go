package ui

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/espalier-nas/espalier/frontend/client"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// DiffPage is the view of two trials side by side.
type DiffPage struct {
	App   *App
	Study string

	trials   [2]int
	problems [2]string
	whole    [2]*wholeTrial
	networks [2]*spec.Network
	differ   *report.Difference
	known    bool // the study, which says what answers are called
}

func (c *DiffPage) Name() string      { return fmt.Sprintf("Trials %d and %d", c.trials[0], c.trials[1]) }
func (c *DiffPage) Studies() []string { return []string{c.Study} }

// Open compares two trials.
func (c *DiffPage) Open(r Route) {
	trials := [2]int{r.Number(3), r.Number(4)}
	if r.At(1) == c.Study && trials == c.trials {
		return
	}
	*c = DiffPage{App: c.App, Study: r.At(1), trials: trials}
	for i, trial := range trials {
		if trial == 0 {
			c.problems[i] = notTrial(r.At(3 + i))
			continue
		}
		c.load(i, trial, func(w *wholeTrial) {
			c.whole[i] = w
			if s := w.Sampled.Sampled; s.Network == nil && s.DuplicateOf != 0 {
				c.load(i, s.DuplicateOf, func(w *wholeTrial) { c.take(i, w.Sampled.Sampled.Network) })
				return
			}
			c.take(i, w.Sampled.Sampled.Network)
		})
	}
}

// load fetches a trial for a side of the view.
func (c *DiffPage) load(i, trial int, done func(*wholeTrial)) {
	fetch(c.App, client.StudyPath(c.Study, "trials", strconv.Itoa(trial)), func(w wholeTrial, err error) {
		switch {
		case err != nil:
			c.problems[i] = err.Error()
		case w.Sampled == nil || w.Sampled.Sampled == nil:
			c.problems[i] = fmt.Sprintf("the server knows nothing of trial %d", trial)
		default:
			c.problems[i] = ""
			done(&w)
		}
	})
}

func (c *DiffPage) take(i int, network *spec.Network) {
	c.networks[i] = network
	if c.whole[0] != nil && c.whole[1] != nil && c.networks[0] != nil && c.networks[1] != nil {
		d := report.Differ(c.networks[0], c.networks[1])
		c.differ = &d
	}
}

// Loaded reports whether both trials are there.
func (c *DiffPage) Loaded() bool { return c.whole[0] != nil && c.whole[1] != nil }

// Loading reports whether one is still on its way.
func (c *DiffPage) Loading() bool { return !c.Loaded() && len(c.Problems()) == 0 }

// Problems are what is wrong with the two.
func (c *DiffPage) Problems() []string {
	list := slices.DeleteFunc(slices.Clone(c.problems[:]), func(p string) bool { return p == "" })
	return slices.Compact(list)
}

// Compared reports whether both have a network.
func (c *DiffPage) Compared() bool { return c.differ != nil }

// Refresh draws the networks.
func (c *DiffPage) Refresh() bool {
	if c.differ != nil {
		c.App.Markup("network-a", c.differ.A)
		c.App.Markup("network-b", c.differ.B)
	}
	f := c.App.Feed(c.Study)
	fresh := !c.known && f != nil && f.State != nil
	c.known = c.known || fresh
	return fresh
}

// Side is one of the two trials.
type Side struct{ Title, Href, ID string }

// Sides are the two trials.
func (c *DiffPage) Sides() []Side {
	return []Side{c.side(0, "network-a"), c.side(1, "network-b")}
}

func (c *DiffPage) side(i int, id string) Side {
	n := strconv.Itoa(c.trials[i])
	s := Side{Title: "Trial " + n, Href: To("study", c.Study, "trial", n).Href(), ID: id}
	if t := c.row(i); t != nil && t.Status == event.OK {
		s.Title += ", reward " + report.Number(t.Reward.Reward)
	}
	return s
}

func (c *DiffPage) row(i int) *event.Trial {
	f := c.App.Feed(c.Study)
	if f == nil || f.State == nil {
		return nil
	}
	return f.State.Trial(c.trials[i])
}

// Networkless are the trials of which there is no network to be compared.
func (c *DiffPage) Networkless() []string {
	var list []string
	for i, w := range c.whole {
		if s := w.Sampled.Sampled; c.networks[i] == nil && s.DuplicateOf == 0 {
			text := fmt.Sprintf("Trial %d has no network", s.Trial)
			if s.Problem != "" {
				text += ": " + s.Problem
			}
			list = append(list, text+". Its answers can still be compared.")
		}
	}
	return list
}

// Changes are the layers that differ.
func (c *DiffPage) Changes() []report.Change { return c.differ.Changes }

// Verdict says how much differs.
func (c *DiffPage) Verdict() string {
	if n := len(c.differ.Changes); n > 1 {
		return fmt.Sprintf("%d layers or nodes differ; they are marked in the pictures.", n)
	} else if n == 1 {
		return "One layer or node differs; it is marked in the pictures."
	}
	return "The networks are the same."
}

// Answers are the decisions that were answered differently, or that only one of
// the trials had.
func (c *DiffPage) Answers() []report.Change {
	page := &TrialPage{App: c.App, Study: c.Study}
	var answers [2]map[string]string
	var names []string
	for i := range c.whole {
		s := c.whole[i].Sampled.Sampled
		answers[i] = map[string]string{}
		anchors := anchorNames(s.Decisions)
		for j := range s.Decisions {
			d := &s.Decisions[j]
			answers[i][d.Name] = page.answer(d, s.Answers[j], anchors)
			if _, known := answers[0][d.Name]; i == 0 || !known {
				names = append(names, d.Name)
			}
		}
	}
	var list []report.Change
	for _, name := range names {
		if a, b := answers[0][name], answers[1][name]; a != b {
			list = append(list, report.Change{Name: name, A: a, B: b})
		}
	}
	return list
}

// Same reports whether all answers are the same.
func (c *DiffPage) Same() bool { return len(c.Answers()) == 0 }
