package ui

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/frontend/chart"
	"github.com/espalier-nas/espalier/frontend/client"
	"github.com/espalier-nas/espalier/frontend/view"
	"github.com/espalier-nas/espalier/host/event"
)

// StudyPage is the view of one study: how it goes, and its trials.
type StudyPage struct {
	App   *App
	Study string

	route    Route
	info     studyInfo
	informed bool // info is known
	table    view.Table
	columns  []view.Column // those that are shown
	filter   string        // as it was written
	Wrong    string        // what is wrong with it
	first    int           // window of the list
	count    int
	pointed  int // the trial that somebody points at
	said     int // trials when the page last told a screen reader
	standing string
	progress *Figure
	frame    *chart.Frame
	Act      Controls
	Play     Replay
}

// studyInfo is what the server knows of a study besides its events.
type studyInfo struct {
	Control   bool   `json:"control"`
	Reproduce string `json:"reproduce"`
	Resume    string `json:"resume"`
}

const (
	trialsID   = "trials"
	progressID = "progress"
)

func (c *StudyPage) Name() string { return c.Study }

// Studies are the study and its random control, if it has one.
func (c *StudyPage) Studies() []string {
	if c.info.Control {
		return []string{c.Study, c.Study + ":control"}
	}
	return []string{c.Study}
}

// Open shows a study, or another setting of the view.
func (c *StudyPage) Open(r Route) {
	if c.Study != r.At(1) {
		c.Close()
		*c = StudyPage{App: c.App, Study: r.At(1), count: 40}
		c.Act = Controls{App: c.App, Study: c.Study}
		c.Play = Replay{App: c.App}
		c.progress = &Figure{App: c.App, ID: progressID, Caption: "Progress", Tall: true, Draw: c.draw, Data: func() view.Data { return c.measured().Data() }}
		fetch(c.App, client.StudyPath(c.Study), func(info studyInfo, err error) {
			if err == nil {
				c.info, c.informed = info, true
				c.App.follow()
			}
		})
	}
	c.route = r
	c.replay()
	c.filter = r.Query.Get("filter")
	c.settle()
}

// Close ends a replay.
func (c *StudyPage) Close() { c.Play.pause() }

// whole is what is known of the study, nil before its first snapshot.
func (c *StudyPage) whole() *event.State {
	if f := c.feed(); f != nil {
		return f.State
	}
	return nil
}

// state is what is shown of it: of a replay, what it has come to.
func (c *StudyPage) state() *event.State { return c.Play.State(c.whole()) }

func (c *StudyPage) feed() *client.Feed { return c.App.Feed(c.Study) }

// Refresh draws all that moves.
func (c *StudyPage) Refresh() (rebuild bool) {
	f := c.feed()
	if f == nil {
		return false
	}
	if standing := c.shown(f); standing != c.standing {
		c.standing, rebuild = standing, true
	}
	if f.State == nil || f.State.Started == nil {
		return rebuild
	}
	if c.Play.On {
		rebuild = c.Play.Grow(f.State) || rebuild
	} else {
		c.replay()
		rebuild = rebuild || c.Play.On
	}
	before := len(c.columns)
	empty := c.table.Total() == 0
	c.table.Follow(c.state())
	if empty && c.table.Total() > 0 {
		c.settle()
		rebuild = true
	}
	c.columns = c.columns[:0]
	for _, column := range c.table.Columns() {
		if column.Shown {
			c.columns = append(c.columns, column)
		}
	}
	c.numbers(f)
	c.progress.Refresh()
	c.rows()
	return rebuild || before != len(c.columns)
}

// shown is all of the study that the templates show, as a key.
func (c *StudyPage) shown(f *client.Feed) string {
	s := c.state()
	if s == nil {
		s = &event.State{}
	}
	return fmt.Sprint(f.Status, f.Standing, f.Alive, f.Problem, s.Started == nil, s.BestID > 0, s.Counts.Failed, s.Paused, s.Ended != nil, len(s.Controls))
}

// numbers writes what changes all the time.
func (c *StudyPage) numbers(f *client.Feed) {
	h := view.HeaderOf(f.State, f.Standing, f.Alive, c.App.Now())
	if c.Play.On {
		h.Sentence, h.Best = c.Play.Sentence(), view.BestSentence(c.state())
	}
	c.App.Text("sentence", h.Sentence)
	c.App.Text("best", h.Best)
	c.App.Text("shown", c.table.Sentence())
	c.App.Value("replay-slider", strconv.FormatInt(c.Play.Seq(), 10))
	if c.Play.On {
		return
	}
	if ended := f.State.Counts.Ended(); ended != c.said {
		c.said = ended
		c.App.Announce(h.Sentence)
	}
}

// Feed says how the study stands.
func (c *StudyPage) Chip() string {
	f := c.feed()
	if f == nil {
		return string(client.Connecting)
	}
	return string(f.Status)
}

// ChipClass is the looks of Chip.
func (c *StudyPage) ChipClass() string { return "chip " + c.Chip() }

// Problem is what is wrong with the connection.
func (c *StudyPage) Problem() string {
	f := c.feed()
	switch {
	case f == nil:
		return ""
	case f.Status == client.Reconnecting && f.Problem != "":
		return "The connection is lost (" + f.Problem + "). What is shown is what had come; it is tried again."
	case f.Status == client.Reconnecting:
		return "The connection is lost. What is shown is what had come; it is tried again."
	}
	return f.Problem
}

// Loading reports whether the study is on its way.
func (c *StudyPage) Loading() bool { return c.state() == nil && c.Problem() == "" }

// Known reports whether there is a state to show.
func (c *StudyPage) Known() bool { s := c.state(); return s != nil && s.Started != nil }

// Waiting reports whether the study exists and has not begun.
func (c *StudyPage) Waiting() bool { return c.state() != nil && !c.Known() }

// About says what is searched.
func (c *StudyPage) About() string {
	f := c.feed()
	return view.HeaderOf(f.State, f.Standing, f.Alive, c.App.Now()).About
}

// NoControl reports whether the study has no random control to be compared with.
func (c *StudyPage) NoControl() bool {
	s := c.state()
	return c.informed && !c.info.Control && !c.opened() && s != nil && s.Started != nil && s.Started.Strategy != "random"
}

// Link is a way to another view.
type Link struct{ Text, Href string }

// Links lead to the study's other views.
func (c *StudyPage) Links() []Link {
	list := []Link{{"Policy", To("study", c.Study, "policy").Href()}}
	if c.info.Control {
		list = append(list, Link{"Against random", comparison(c.Study, c.Study+":control").Href()})
	}
	if s := c.state(); s != nil && s.BestID > 0 {
		list = append(list, Link{"Best trial", To("study", c.Study, "trial", strconv.Itoa(s.BestID)).Href()})
	}
	return list
}

// opened reports whether the study is a journal that was opened in the page.
func (c *StudyPage) opened() bool { return strings.HasPrefix(c.Study, client.FilePrefix) }

// CanExport reports whether there are files to take away.
func (c *StudyPage) CanExport() bool { return !c.opened() }

// Exports are files to take away.
func (c *StudyPage) Exports() []Link {
	var list []Link
	for _, name := range []string{"trials.csv", "trials.jsonl", "events.jsonl", "study.json", "best.json"} {
		list = append(list, Link{name, client.StudyPath(c.Study, "export", name)})
	}
	return list
}

// Reproduce is the command that repeats the study.
func (c *StudyPage) Reproduce() string { return c.info.Reproduce }

// Failure is a group of trials that failed alike.
type Failure struct{ Text, Href string }

// Failures are the trials that failed, by why.
func (c *StudyPage) Failures() []Failure {
	s := c.state()
	if s == nil {
		return nil
	}
	groups := view.FailuresOf(s)
	var list []Failure
	for i := range groups {
		list = append(list, Failure{groups.Sentence(i), c.route.With("filter", groups.Filter(i)).Href()})
	}
	return list
}

// Key takes the view's keys.
func (c *StudyPage) Key(key string, shift bool) (taken bool) {
	switch {
	case key == "/":
		c.App.Focus("filter")
	case !c.Play.On:
		return false
	case key == " ":
		c.Play.Toggle()
	case key == "ArrowRight" && shift:
		c.Play.StepUpdate()
	case key == "ArrowRight":
		c.Play.StepTrial()
	case key == "ArrowLeft":
		c.Play.BackTrial()
	default:
		return false
	}
	return true
}
