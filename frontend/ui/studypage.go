package ui

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/vugu/vugu"

	"github.com/espalier-nas/espalier/frontend/chart"
	"github.com/espalier-nas/espalier/frontend/client"
	"github.com/espalier-nas/espalier/frontend/view"
	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
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

// settle makes the table what the address asks for.
func (c *StudyPage) settle() {
	c.Wrong = ""
	var wrong []string
	if err := c.table.Filter(c.filter); err != nil {
		wrong = append(wrong, err.Error())
	}
	var keys []view.SortKey
	for key := range strings.SplitSeq(c.route.Query.Get("sort"), ",") {
		if name, down := strings.CutPrefix(key, "-"); name != "" {
			keys = append(keys, view.SortKey{Key: name, Down: down})
		}
	}
	if err := c.table.Sort(keys...); err != nil {
		wrong = append(wrong, err.Error()+": press the title of a column")
	}
	if c.table.Total() > 0 { // before, there are no columns yet
		c.Wrong = strings.Join(wrong, "; ")
	}
}

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

// rows fills the list.
func (c *StudyPage) rows() {
	s := c.state()
	if s == nil { // it is being read anew
		return
	}
	first := min(c.first, max(c.table.Len()-c.count, 0))
	out := Rows{Total: c.table.Len(), Columns: len(c.columns), First: first, Cells: c.table.Cells(first, c.count, c.columns)}
	for i := range c.columns {
		out.Titles = append(out.Titles, c.columns[i].Title)
		out.Numeric = append(out.Numeric, c.columns[i].Numeric())
	}
	for i := range out.Cells {
		t := c.table.Trial(first + i)
		class := string(t.Status)
		if t.ID == s.BestID {
			class += " best"
		}
		if t.ID == c.pointed {
			class += " pointed"
		}
		out.Class = append(out.Class, class)
		out.Keys = append(out.Keys, strconv.Itoa(t.ID))
	}
	c.App.Rows(trialsID, out)
}

// measured is the progress of the study and its control.
func (c *StudyPage) measured() view.Progress {
	axis := view.ByTrial
	if c.ByTime() {
		axis = view.ByTime
	}
	names, states := []string{c.Study}, []*event.State{c.state()}
	if f := c.App.Feed(c.Study + ":control"); f != nil && f.State != nil && !c.Play.On {
		names, states = append(names, "random control"), append(states, f.State)
	}
	return view.ProgressOf(c.metric(), axis, names, states)
}

func (c *StudyPage) metric() report.Metric {
	wanted := report.Metric(c.route.Query.Get("metric"))
	for _, m := range report.Metrics() {
		if m == wanted {
			return m
		}
	}
	return report.Reward
}

func (c *StudyPage) draw(width, height float64) *chart.Picture {
	p := c.measured()
	plot := &chart.Plot{
		Title: fmt.Sprintf("%s of the trials of %s", p.Metric.Name(), c.Study), Width: width, Height: height,
		X: chart.Axis{Title: p.XTitle(), Whole: p.Axis == view.ByTrial}, Y: metricAxis(p.Metric), Empty: p.Empty(),
	}
	if c.pointed > 0 {
		plot.Pointed = []int{c.pointed}
	}
	for i, side := range p.Sides {
		points := series(side.Points, chart.Scatter, i)
		if i > 0 {
			points.IDs = nil // a control's trials have numbers of their own
		}
		best := series(side.Best, chart.Steps, i)
		best.IDs = nil
		plot.Series = append(plot.Series, points, best)
	}
	picture, frame := plot.Draw()
	c.frame = frame
	return picture
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

// Progress is the chart.
func (c *StudyPage) Progress() vugu.Builder { return component(c.progress) }

// ByTime says whether the chart's axis is time.
func (c *StudyPage) ByTime() bool { return c.route.Query.Get("axis") == string(view.ByTime) }

// TimePressed is ByTime, for a screen reader.
func (c *StudyPage) TimePressed() string { return strconv.FormatBool(c.ByTime()) }

// ToggleTime changes the chart's axis.
func (c *StudyPage) ToggleTime() {
	if c.ByTime() {
		c.App.Go(c.route.With("axis", ""))
		return
	}
	c.App.Go(c.route.With("axis", string(view.ByTime)))
}

// Metric is a choice of what the chart shows.
type Metric struct{ Key, Title, Pressed string }

// Metrics are the choices.
func (c *StudyPage) Metrics() []Metric {
	var list []Metric
	for _, m := range []report.Metric{report.Reward, report.StudyMetric(c.state())} {
		list = append(list, Metric{string(m), m.Title(), strconv.FormatBool(m == c.metric())})
	}
	return list
}

// Measure shows another metric.
func (c *StudyPage) Measure(key string) { c.App.Go(c.route.With("metric", key)) }

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

// Filter is the filter as it was written.
func (c *StudyPage) Filter() string { return c.filter }

// Narrow filters the table.
func (c *StudyPage) Narrow(text string) { c.App.Go(c.route.With("filter", strings.TrimSpace(text))) }

// Heading is a column's title, by which the table is sorted.
type Heading struct{ Key, Title, About, Sorted, Arrow, Class string }

// Headings are those of the columns that are shown.
func (c *StudyPage) Headings() []Heading {
	var list []Heading
	for i := range c.columns {
		h := Heading{Key: c.columns[i].Key, Title: c.columns[i].Title, About: c.columns[i].About, Sorted: "none"}
		if c.columns[i].Numeric() {
			h.Class = "num"
		}
		if keys := c.table.Sorted(); len(keys) > 0 && keys[0].Key == h.Key {
			h.Sorted, h.Arrow = "ascending", " ▲"
			if keys[0].Down {
				h.Sorted, h.Arrow = "descending", " ▼"
			}
		}
		list = append(list, h)
	}
	return list
}

// Text is what the column's button says.
func (h Heading) Text() string { return h.Title + h.Arrow }

// Label is what a screen reader says of it.
func (h Heading) Label() string { return "Sort by " + h.Title + ", now " + h.Sorted }

// SortBy sorts the table by a column.
func (c *StudyPage) SortBy(h Heading) {
	if c.table.SortBy(h.Key) != nil {
		return
	}
	var keys []string
	for _, k := range c.table.Sorted() {
		if k.Down {
			k.Key = "-" + k.Key
		}
		keys = append(keys, k.Key)
	}
	c.App.Go(c.route.With("sort", strings.Join(keys, ",")))
}

// SaveTable offers the table, as it is filtered and sorted, as CSV.
func (c *StudyPage) SaveTable() {
	c.App.Save(c.progress.file("-table.csv"), "text/csv", c.table.Data().CSV())
}

// Pointer points at trials in the chart.
func (c *StudyPage) Pointer(id, what string, x, y float64) {
	if id != progressID || c.frame == nil {
		return
	}
	hit, ok := c.frame.Nearest(x, y)
	switch {
	case what == "press" && ok:
		c.Row(trialsID, strconv.Itoa(hit.ID))
	case what == "move" && ok:
		c.point(hit.ID)
	default:
		c.point(0)
	}
}

// point shows which trial is meant, in the chart and in the table.
func (c *StudyPage) point(trial int) {
	if trial == c.pointed {
		return
	}
	c.pointed = trial
	c.App.Text("pointed", c.aboutPointed())
	c.App.Soon()
}

// aboutPointed says what the trial is that is pointed at, "" without one.
func (c *StudyPage) aboutPointed() string {
	s := c.state()
	if s == nil || s.Trial(c.pointed) == nil {
		return ""
	}
	switch t := s.Trial(c.pointed); t.Status {
	case event.OK:
		return fmt.Sprintf("Trial %d: ok, reward %s", t.ID, report.Number(t.Reward.Reward))
	case event.Failed:
		return fmt.Sprintf("Trial %d: failed, %s", t.ID, t.Reason)
	default:
		return fmt.Sprintf("Trial %d: %s", t.ID, t.Status)
	}
}

// Step points at the trial before or after, by key, and opens it.
func (c *StudyPage) Step(_, key string) {
	s := c.state()
	if s == nil || len(s.Trials) == 0 {
		return
	}
	switch last := len(s.Trials); key {
	case "ArrowRight":
		c.point(min(c.pointed+1, last))
	case "ArrowLeft":
		c.point(max(c.pointed-1, 1))
	case "Home":
		c.point(1)
	case "End":
		c.point(last)
	case "Enter":
		if c.pointed > 0 {
			c.Row(trialsID, strconv.Itoa(c.pointed))
		}
		return
	}
	if about := c.aboutPointed(); about != "" {
		c.App.Announce(about)
	}
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

// Window shows other rows of the list.
func (c *StudyPage) Window(_ string, first, count int) {
	first = max(first, 0)
	if first == c.first && count == c.count {
		return
	}
	c.first, c.count = first, count
	c.rows()
}

// Row opens a trial.
func (c *StudyPage) Row(_, key string) { c.App.Go(To("study", c.Study, "trial", key)) }

// Hover points at the trial of a row.
func (c *StudyPage) Hover(_, key string) {
	trial, _ := strconv.Atoi(key)
	c.point(trial)
}

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
