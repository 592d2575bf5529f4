package ui

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/vugu/vugu"

	"github.com/espalier-nas/espalier/frontend/chart"
	"github.com/espalier-nas/espalier/frontend/client"
	"github.com/espalier-nas/espalier/frontend/view"
	"github.com/espalier-nas/espalier/host/policy"
	"github.com/espalier-nas/espalier/host/report"
)

// PolicyPage is the policy scrubber: what the policy thought of each decision of
// a trial, version by version.
type PolicyPage struct {
	App     *App
	Study   string
	Problem string

	trial   int // as asked for; 0: the best
	wanted  int // version as asked for; negative: the newest
	loading bool
	known   *policy.Map
	at      int // in known.Versions
	playing func()
	news    string // Behind, as it was rendered
	heat    *Figure
	entropy *Figure
	frame   *chart.Frame
}

// points is how many versions are asked for, of a study that has more.
const points = 200

func (c *PolicyPage) Name() string      { return "Policy" }
func (c *PolicyPage) Studies() []string { return []string{c.Study} }

// Open shows the policy along a trial.
func (c *PolicyPage) Open(r Route) {
	trial, _ := strconv.Atoi(r.Query.Get("trial"))
	version, err := strconv.Atoi(r.Query.Get("v"))
	if err != nil {
		version = -1
	}
	if c.Study != "" && c.trial == trial && (c.known != nil || c.loading) {
		c.wanted = version
		c.seek(version)
		return
	}
	c.stop()
	*c = PolicyPage{App: c.App, Study: r.At(1), trial: max(trial, 0), wanted: version}
	if text := r.Query.Get("trial"); text != "" && trial < 1 {
		c.Problem = notTrial(text)
		return
	}
	c.entropy = &Figure{App: c.App, ID: "policy-entropy", Caption: "Entropy of the policy, nats, mean over the decisions", Draw: c.drawEntropy, Data: c.entropyData}
	c.heat = &Figure{App: c.App, ID: "policy-heat", Caption: "Probability of each option of each decision", Free: true, Draw: c.drawHeat, Data: c.heatData}
	c.load()
}

// load fetches the versions.
func (c *PolicyPage) load() {
	trial := c.trial
	query := "?points=" + strconv.Itoa(points)
	if trial > 0 {
		query += "&trial=" + strconv.Itoa(trial)
	}
	c.loading = true
	fetch(c.App, client.StudyPath(c.Study, "policy")+query, func(m policy.Map, err error) {
		if c.trial != trial { // another one was chosen meanwhile
			return
		}
		c.loading = false
		if err != nil {
			c.Problem = err.Error()
			return
		}
		c.Problem, c.known = "", &m
		c.seek(c.wanted)
	})
}

// behind is how many versions the study has that came after the newest one here.
func (c *PolicyPage) behind() int {
	f := c.App.Feed(c.Study)
	if c.known == nil || f == nil || f.State == nil {
		return 0
	}
	return max(len(f.State.Updates)-c.known.Newest, 0)
}

// Behind says that there are newer versions, "" if there are none.
func (c *PolicyPage) Behind() string {
	if n := c.behind(); n > 1 {
		return fmt.Sprintf("Take in %s newer versions", report.Grouped(int64(n)))
	} else if n == 1 {
		return "Take in one newer version"
	}
	return ""
}

// Update takes in the newer versions, and shows the newest.
func (c *PolicyPage) Update() {
	if !c.loading {
		c.load()
		c.App.Go(c.address())
	}
}

// seek shows the version that is nearest to the one asked for.
func (c *PolicyPage) seek(version int) {
	if !c.Known() {
		return
	}
	versions := c.known.Versions
	if version < 0 {
		c.at = len(versions) - 1
		return
	}
	i, found := slices.BinarySearch(versions, version)
	if !found && i > 0 && (i == len(versions) || version-versions[i-1] < versions[i]-version) {
		i--
	}
	c.at = i
}

// Loading and Known say how far the view is.
func (c *PolicyPage) Loading() bool { return c.loading }

// Known is described with Loading.
func (c *PolicyPage) Known() bool { return c.known != nil && len(c.known.Versions) > 0 }

// Heat and Entropy are the view's charts.
func (c *PolicyPage) Heat() vugu.Builder { return component(c.heat) }

// Entropy is described with Heat.
func (c *PolicyPage) Entropy() vugu.Builder { return component(c.entropy) }

// Last is the position of the newest version.
func (c *PolicyPage) Last() int { return len(c.known.Versions) - 1 }

// At is the position of the version that is shown.
func (c *PolicyPage) At() int { return c.at }

// Sentence says what is shown.
func (c *PolicyPage) Sentence() string {
	m := c.known
	return fmt.Sprintf("Version %d of %d, along the answers of trial %d: entropy %s nats, the answers together have a probability of %s.",
		m.Versions[c.at], m.Newest, m.Trial, report.Number(m.Entropy[c.at]), probability(m.LogProb[c.at]))
}

// probability writes e to the power of a log-probability, which may be too small
// for a percentage.
func probability(logProb float64) string {
	p := math.Exp(logProb)
	if p >= 1e-4 {
		return report.Percent(p)
	}
	return "10^" + strconv.FormatFloat(logProb/math.Ln10, 'f', 1, 64)
}

// Trial is the number of the trial whose answers are followed.
func (c *PolicyPage) Trial() string { return strconv.Itoa(c.known.Trial) }

// Note is what a reader must know of the numbers.
func (c *PolicyPage) Note() string { return c.known.Note }

// ExplainHref leads to what the policy learned from the trial.
func (c *PolicyPage) ExplainHref() string {
	return To("study", c.Study, "explain", c.Trial()).Href()
}

// Scrub shows the version at a position of the slider.
func (c *PolicyPage) Scrub(text string) {
	if i, err := strconv.Atoi(text); err == nil {
		c.show(i)
	}
}

func (c *PolicyPage) show(i int) {
	if c.known == nil {
		return
	}
	c.at = min(max(i, 0), c.Last())
	c.App.Go(c.address().With("v", strconv.Itoa(c.known.Versions[c.at])))
	c.App.Rebuild()
}

// address is the route of the newest version.
func (c *PolicyPage) address() Route {
	r := To("study", c.Study, "policy")
	if c.trial > 0 {
		r = r.With("trial", strconv.Itoa(c.trial))
	}
	return r
}

// Back and Forward show a neighbour, First and Newest an end.
func (c *PolicyPage) Back() { c.show(c.at - 1) }

// Forward is described with Back.
func (c *PolicyPage) Forward() { c.show(c.at + 1) }

// First is described with Back.
func (c *PolicyPage) First() { c.show(0) }

// Newest is described with Back.
func (c *PolicyPage) Newest() { c.show(c.Last()) }

// Choose follows another trial.
func (c *PolicyPage) Choose(text string) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		c.Problem = fmt.Sprintf("%q is not the number of a trial", text)
		c.App.Rebuild()
		return
	}
	c.Problem = ""
	c.App.Go(To("study", c.Study, "policy").With("trial", strconv.Itoa(n)))
	c.App.Rebuild()
}

// Playing says what the button does.
func (c *PolicyPage) Playing() string {
	if c.playing != nil {
		return "Pause"
	}
	return "Play"
}

// Play goes through the versions, or stops doing so.
func (c *PolicyPage) Play() {
	if c.playing != nil {
		c.stop()
		return
	}
	if c.at == c.Last() {
		c.at = 0
	}
	c.tick()
}

func (c *PolicyPage) tick() {
	const pace = 120 // milliseconds a version
	c.playing = c.App.After(pace*1e6, func() {
		c.show(c.at + 1)
		if c.at == c.Last() {
			c.stop()
			return
		}
		c.tick()
	})
}

func (c *PolicyPage) stop() {
	if c.playing != nil {
		c.playing()
		c.playing = nil
	}
}

// Close ends the playing.
func (c *PolicyPage) Close() { c.stop() }

// Refresh draws the charts.
func (c *PolicyPage) Refresh() bool {
	if c.Known() {
		c.entropy.Refresh()
		c.heat.Refresh()
	}
	fresh := c.news != c.Behind()
	c.news = c.Behind()
	return fresh
}

func (c *PolicyPage) drawEntropy(width, height float64) *chart.Picture {
	m := c.known
	s := chart.Series{Kind: chart.Curve, Role: chart.First}
	marks := chart.Series{Kind: chart.Scatter, Role: chart.First}
	for i, v := range m.Versions {
		s.X, s.Y = append(s.X, float64(v)), append(s.Y, m.Entropy[i])
		marks.IDs = append(marks.IDs, i)
	}
	marks.X, marks.Y = s.X, s.Y
	p := &chart.Plot{
		Title: "entropy of the policy by version", Width: width, Height: height, X: chart.Axis{Title: "policy version", Whole: true},
		Series: []chart.Series{s, marks}, Pointed: []int{c.at}, Empty: "there is no version",
	}
	picture, frame := p.Draw()
	c.frame = frame
	return picture
}

func (c *PolicyPage) entropyData() view.Data {
	s := sheet{Head: []string{"version", "entropy", "log_prob"}}
	for i, v := range c.known.Versions {
		s.Rows = append(s.Rows, []string{strconv.Itoa(v), plain(c.known.Entropy[i]), plain(c.known.LogProb[i])})
	}
	return s.data()
}

func (c *PolicyPage) drawHeat(width, _ float64) *chart.Picture {
	m := c.known
	h := &chart.Heat{Width: width, Title: fmt.Sprintf("probabilities under version %d", m.Versions[c.at]), Empty: "the trial made no decision"}
	for _, d := range m.Decisions {
		row := chart.HeatRow{Name: d.Name, Note: report.Number(d.Entropy[c.at])}
		for k, label := range d.Options {
			row.Cells = append(row.Cells, chart.HeatCell{Label: label, Value: d.Probs[c.at][k], Chosen: slices.Contains(d.Chosen, k)})
		}
		h.Rows = append(h.Rows, row)
	}
	picture, _ := h.Draw()
	return picture
}

func (c *PolicyPage) heatData() view.Data {
	s := sheet{Head: []string{"decision", "kind", "option", "probability", "chosen", "entropy of the decision"}}
	for _, d := range c.known.Decisions {
		for k, label := range d.Options {
			s.Rows = append(s.Rows, []string{d.Name, d.Kind, label, plain(d.Probs[c.at][k]), strconv.FormatBool(slices.Contains(d.Chosen, k)), plain(d.Entropy[c.at])})
		}
	}
	return s.data()
}

// Pointer picks the version that was pressed.
func (c *PolicyPage) Pointer(id, what string, x, y float64) {
	if c.frame == nil || id != c.entropy.ID || what != "press" {
		return
	}
	version, _ := c.frame.Value(x, y)
	c.seek(max(int(math.Round(version)), 0))
	c.show(c.at)
}

// Key takes the view's keys.
func (c *PolicyPage) Key(key string, _ bool) (taken bool) {
	if !c.Known() {
		return false
	}
	switch key {
	case " ":
		c.Play()
		c.App.Rebuild()
	case "[", "ArrowLeft":
		c.Back()
	case "]", "ArrowRight":
		c.Forward()
	default:
		return false
	}
	return true
}

// Step goes to another version by key.
func (c *PolicyPage) Step(_, key string) {
	switch key {
	case "ArrowLeft":
		c.Back()
	case "ArrowRight":
		c.Forward()
	case "Home":
		c.First()
	case "End":
		c.Newest()
	}
}

// Window and Row have nothing to do: the view has no list.
func (c *PolicyPage) Window(string, int, int) {}

// Row is described with Window.
func (c *PolicyPage) Row(string, string) {}
