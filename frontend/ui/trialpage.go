package ui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/espalier-nas/espalier/frontend/client"
	"github.com/espalier-nas/espalier/frontend/view"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// TrialPage is the view of one trial.
type TrialPage struct {
	App     *App
	Study   string
	Trial   int
	Problem string

	whole   *wholeTrial
	network *spec.Network // the trial's own, or that of the trial it duplicates
	curves  []*Figure
	exists  bool   // the study has the trial
	shown   string // what of the study is in the templates
	Act     Controls
}

// wholeTrial is all that the server knows of a trial.
type wholeTrial struct {
	Sampled *event.Event `json:"sampled"`
	Done    *event.Event `json:"done"`
}

func (c *TrialPage) Name() string { return fmt.Sprintf("Trial %d", c.Trial) }

func (c *TrialPage) Studies() []string { return []string{c.Study} }

// Open shows a trial.
func (c *TrialPage) Open(r Route) {
	study, trial := r.At(1), r.Number(3)
	if study == c.Study && trial == c.Trial {
		return
	}
	*c = TrialPage{App: c.App, Study: study, Trial: trial, Act: Controls{App: c.App, Study: study}}
	c.curves = []*Figure{
		{App: c.App, ID: "curve-metric", Caption: "Quality after each epoch", Draw: c.drawMetric, Data: c.curveData},
		{App: c.App, ID: "curve-loss", Caption: "Loss after each epoch, nats", Draw: c.drawLoss, Data: c.curveData},
	}
	if trial == 0 {
		c.Problem = notTrial(r.At(3))
		return
	}
	c.load()
}

// notTrial says that a part of an address names no trial.
func notTrial(text string) string {
	return fmt.Sprintf("%q is not the number of a trial: they are numbered from 1", text)
}

func (c *TrialPage) load() {
	fetch(c.App, client.StudyPath(c.Study, "trials", strconv.Itoa(c.Trial)), func(w wholeTrial, err error) {
		switch {
		case err != nil:
			c.Problem = err.Error()
		case w.Sampled == nil || w.Sampled.Sampled == nil:
			c.Problem = fmt.Sprintf("the server knows nothing of trial %d", c.Trial)
		default:
			c.Problem, c.whole = "", &w
			c.findNetwork()
		}
	})
}

// findNetwork takes the trial's network, which the event of a duplicate leaves
// to the trial that it is a duplicate of.
func (c *TrialPage) findNetwork() {
	s := c.whole.Sampled.Sampled
	c.network = s.Network
	if s.Network != nil || s.DuplicateOf == 0 {
		return
	}
	fetch(c.App, client.StudyPath(c.Study, "trials", strconv.Itoa(s.DuplicateOf)), func(w wholeTrial, err error) {
		if err == nil && w.Sampled != nil && w.Sampled.Sampled != nil {
			c.network = w.Sampled.Sampled.Network
		}
	})
}

// Refresh draws the network and the curves. A trial that has ended meanwhile is
// loaded anew, and one that has been sampled meanwhile loaded at last.
func (c *TrialPage) Refresh() bool {
	t := c.row()
	if c.whole == nil && c.Problem != "" && t != nil && !c.exists {
		c.load()
	}
	c.exists = t != nil
	if c.whole != nil && c.whole.Done == nil && t != nil && t.Status != event.Running {
		c.whole.Done = &event.Event{} // asked for; load replaces it
		c.load()
	}
	if c.whole != nil {
		c.App.Markup("network", c.picture())
	}
	for _, f := range c.curves {
		f.Refresh()
	}
	shown := c.standing()
	fresh := shown != c.shown
	c.shown = shown
	return fresh
}

// standing is all of the study that the templates show, as a key.
func (c *TrialPage) standing() string {
	f, t := c.App.Feed(c.Study), c.row()
	if t == nil {
		return ""
	}
	return fmt.Sprint(t.Status, t.Reason, f.State.BestID, f.State.Counts.OK, c.Next(), c.CanCancel())
}

// row is the trial as the study's state has it, nil before it is known.
func (c *TrialPage) row() *event.Trial {
	if s := c.state(); s != nil {
		return s.Trial(c.Trial)
	}
	return nil
}

// state is what is known of the study, nil before its first snapshot.
func (c *TrialPage) state() *event.State {
	if f := c.App.Feed(c.Study); f != nil {
		return f.State
	}
	return nil
}

// picture is the network as SVG, in the page's own style.
func (c *TrialPage) picture() string {
	if c.network == nil {
		return ""
	}
	return report.Figure(c.network)
}

// NoNetwork says why there is no network to be seen, "" if there is one.
func (c *TrialPage) NoNetwork() string {
	switch s := c.sampled(); {
	case c.network != nil:
		return ""
	case s.DuplicateOf != 0:
		return fmt.Sprintf("It is the network of trial %d, which is being fetched.", s.DuplicateOf)
	case s.Problem != "":
		return "The space made no network of these answers: why it failed stands above."
	}
	return "The journal holds no network of this trial."
}

// CanCancel reports whether the trial can be cancelled: while a process trains
// it, or will.
func (c *TrialPage) CanCancel() bool {
	f, t := c.App.Feed(c.Study), c.row()
	return t != nil && f.Alive && f.State.Ended == nil && t.Status == event.Running && t.Reason == ""
}

// Cancel asks for that.
func (c *TrialPage) Cancel() { c.Act.Do(string(event.Cancel), 0, c.Trial) }

// Better is the link to the difference from the nearest better trial: the one
// with the fewest other answers.
func (c *TrialPage) Better() Link {
	s := c.state()
	if s == nil {
		return Link{}
	}
	id, differ := view.NearestBetter(s, c.Trial)
	if id == 0 {
		return Link{}
	}
	text := fmt.Sprintf("Nearest better: trial %d, %d answers differ", id, differ)
	if differ == 1 {
		text = fmt.Sprintf("Nearest better: trial %d, one answer differs", id)
	}
	return Link{text, To("study", c.Study, "diff", strconv.Itoa(id), strconv.Itoa(c.Trial)).Href()}
}

// Export is a file to take away.
type Export struct{ Text, Href, File string }

// Exports are the trial's files; a journal that is open in the page has none.
func (c *TrialPage) Exports() []Export {
	if strings.HasPrefix(c.Study, client.FilePrefix) {
		return nil
	}
	n := strconv.Itoa(c.Trial)
	list := []Export{{"Trial as JSON", client.StudyPath(c.Study, "trials", n), "trial-" + n + ".json"}}
	if c.network != nil {
		list = append(list, Export{"Network as SVG", client.StudyPath(c.Study, "trials", n, "network.svg"), "network-" + n + ".svg"})
	}
	return list
}

// Loading reports whether the trial is on its way.
func (c *TrialPage) Loading() bool { return c.whole == nil && c.Problem == "" }

// Loaded reports whether there is something to show.
func (c *TrialPage) Loaded() bool { return c.whole != nil }

func (c *TrialPage) sampled() *event.Sampled { return c.whole.Sampled.Sampled }

// Fact is a number with its name.
type Fact struct{ Name, Value string }

// Facts are the trial's numbers.
func (c *TrialPage) Facts() []Fact {
	s, t := c.sampled(), c.row()
	facts := []Fact{{"Status", c.status()}}
	if t != nil && t.Status == event.OK {
		facts = append(facts, Fact{"Reward", report.Number(t.Reward.Reward)})
		if at := c.rank(); at > 0 {
			facts = append(facts, Fact{"Rank", fmt.Sprintf("%d of %d", at, c.App.Feed(c.Study).State.Counts.OK)})
		}
	}
	if s.Params > 0 {
		facts = append(facts, Fact{"Parameters", report.Count(s.Params)}, Fact{"Multiply-accumulates", report.Count(s.MACs)})
	}
	if t != nil && t.Seconds > 0 {
		facts = append(facts, Fact{"Training", report.Duration(time.Duration(t.Seconds * float64(time.Second)))})
	}
	return append(facts, Fact{"Sampled by policy", strconv.Itoa(s.Version)}, Fact{"Log-probability", report.Number(s.LogProb) + " nats"},
		Fact{"Seed", strconv.FormatUint(s.Seed, 10)})
}

func (c *TrialPage) status() string {
	t := c.row()
	if t == nil {
		return "unknown"
	}
	if t.Status == event.Running && t.Reason != "" {
		return t.Reason + "; it ends when its turn comes"
	}
	if s := c.sampled(); s.DuplicateOf != 0 {
		return fmt.Sprintf("%s, duplicate of trial %d", t.Status, s.DuplicateOf)
	}
	return string(t.Status)
}

// rank is the trial's place among those that succeeded.
func (c *TrialPage) rank() int {
	t := c.row()
	at := 1
	for i := range c.App.Feed(c.Study).State.Trials {
		other := &c.App.Feed(c.Study).State.Trials[i]
		if other.Status == event.OK && (other.Reward.Reward > t.Reward.Reward || other.Reward.Reward == t.Reward.Reward && other.ID < t.ID) {
			at++
		}
	}
	return at
}

// Failure is why the trial failed, "" if it did not.
func (c *TrialPage) Failure() string {
	if t := c.row(); t != nil && t.Status == event.Failed {
		return t.Reason
	}
	if c.whole != nil {
		return c.sampled().Problem
	}
	return ""
}

// Output is the end of what the plugin that made the trial fail had printed.
func (c *TrialPage) Output() string {
	switch {
	case c.whole == nil:
		return ""
	case c.whole.Done != nil && c.whole.Done.Done != nil:
		return c.whole.Done.Done.Output
	}
	return c.sampled().Output
}

// Parts are what the reward was made of.
func (c *TrialPage) Parts() []Fact {
	t := c.row()
	if t == nil {
		return nil
	}
	var facts []Fact
	for _, p := range t.Reward.Parts {
		facts = append(facts, Fact{p.Name, report.Number(p.Value)})
	}
	return facts
}

// NoReward says why there are no parts of a reward, "" if there are.
func (c *TrialPage) NoReward() string {
	t := c.row()
	switch {
	case t == nil:
		return "The study is being read."
	case len(t.Reward.Parts) > 0:
		return ""
	case t.Status == event.Running:
		return "It has no reward yet."
	case t.Status == event.Failed:
		return "It failed. What the policy is told of that is its reward, " + report.Number(t.Reward.Reward) + "."
	}
	return "The reward is one number, with no parts."
}

// Repeat is the command that trains the trial's network anew.
func (c *TrialPage) Repeat() string {
	name := strings.TrimPrefix(c.Study, client.FilePrefix)
	return fmt.Sprintf("espalier train --net %s:%d --seed %d", name, c.Trial, c.sampled().Seed)
}

// Prev and Next are the neighbours' links, "" at the ends.
func (c *TrialPage) Prev() string { return c.neighbour(c.Trial - 1) }

// Next is described with Prev.
func (c *TrialPage) Next() string { return c.neighbour(c.Trial + 1) }

func (c *TrialPage) neighbour(n int) string {
	f := c.App.Feed(c.Study)
	if f == nil || f.State == nil || n < 1 || n > len(f.State.Trials) {
		return ""
	}
	return To("study", c.Study, "trial", strconv.Itoa(n)).Href()
}

// Explain is the link to what the policy learned from the trial.
func (c *TrialPage) Explain() string {
	return To("study", c.Study, "explain", strconv.Itoa(c.Trial)).Href()
}

// Best is the link to the difference from the best trial.
func (c *TrialPage) Best() string {
	f := c.App.Feed(c.Study)
	if f == nil || f.State == nil || f.State.BestID == 0 || f.State.BestID == c.Trial {
		return ""
	}
	return To("study", c.Study, "diff", strconv.Itoa(f.State.BestID), strconv.Itoa(c.Trial)).Href()
}
