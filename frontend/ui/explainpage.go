package ui

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/vugu/vugu"

	"github.com/espalier-nas/espalier/frontend/chart"
	"github.com/espalier-nas/espalier/frontend/client"
	"github.com/espalier-nas/espalier/frontend/view"
	"github.com/espalier-nas/espalier/host/policy"
	"github.com/espalier-nas/espalier/host/report"
)

// ExplainPage is what the policy thought when it sampled a trial, and what it
// learned from it.
type ExplainPage struct {
	App     *App
	Study   string
	Trial   int
	Problem string

	loading  bool
	known    *policy.Explanation
	selected int  // decision
	bare     bool // without baseline
	logits   *Figure
	pull     *Figure
}

func (c *ExplainPage) Name() string      { return fmt.Sprintf("Sample %d", c.Trial) }
func (c *ExplainPage) Studies() []string { return []string{c.Study} }

// Open explains a trial.
func (c *ExplainPage) Open(r Route) {
	study, trial := r.At(1), r.Number(3)
	if study == c.Study && trial == c.Trial {
		return
	}
	*c = ExplainPage{App: c.App, Study: study, Trial: trial}
	if trial == 0 {
		c.Problem = notTrial(r.At(3))
		return
	}
	c.loading = true
	c.logits = &Figure{App: c.App, ID: "explain-logits", Caption: "Logits before and after the update", Free: true, Draw: c.drawLogits, Data: c.data}
	c.pull = &Figure{App: c.App, ID: "explain-gradient", Caption: "How the trial pulled at these logits", Free: true, Draw: c.drawPull, Data: c.data}
	fetch(c.App, client.StudyPath(study, "trials", strconv.Itoa(trial), "explain"), func(e policy.Explanation, err error) {
		c.loading = false
		if err != nil {
			c.Problem = err.Error()
			return
		}
		c.Problem, c.known = "", &e
		c.selected = c.moved()
	})
}

// moved is the decision whose logits moved most.
func (c *ExplainPage) moved() int {
	at, most := 0, -1.0
	for i := range c.known.Decisions {
		if m := shift(&c.known.Decisions[i]); m > most {
			at, most = i, m
		}
	}
	return at
}

// shift is how far the logit that moved most has moved.
func shift(d *policy.DecisionView) float64 {
	most := 0.0
	if d.Before == nil || d.After == nil {
		return most
	}
	for k := range d.Before.Logits {
		most = max(most, math.Abs(d.After.Logits[k]-d.Before.Logits[k]))
	}
	return most
}

// Loading, Known and Learned say how far the view and the trial are.
func (c *ExplainPage) Loading() bool { return c.loading }

// Known is described with Loading.
func (c *ExplainPage) Known() bool { return c.known != nil }

// Learned is described with Loading.
func (c *ExplainPage) Learned() bool {
	return c.known != nil && c.known.Update != nil && len(c.known.Decisions) > 0
}

// Logits and Pull are the view's charts.
func (c *ExplainPage) Logits() vugu.Builder { return component(c.logits) }

// Pull is described with Logits.
func (c *ExplainPage) Pull() vugu.Builder { return component(c.pull) }

// Notes are sentences to read first.
func (c *ExplainPage) Notes() []string { return c.known.Notes }

// TrialHref and PolicyHref lead to the trial, and to the policy along it.
func (c *ExplainPage) TrialHref() string {
	return To("study", c.Study, "trial", strconv.Itoa(c.Trial)).Href()
}

// PolicyHref is described with TrialHref.
func (c *ExplainPage) PolicyHref() string {
	return To("study", c.Study, "policy").With("trial", strconv.Itoa(c.Trial)).Href()
}

// Steps tell the update in numbers, one formula after the other.
func (c *ExplainPage) Steps() []Fact {
	e := c.known
	facts := []Fact{
		{"Sampled by", fmt.Sprintf("version %d, with log P = %s nats", e.Sampled, report.Number(e.LogProb))},
	}
	u := e.Update
	if u == nil {
		return facts
	}
	n := report.Number
	advantage := fmt.Sprintf("A = R − b = %s − %s = %s", n(u.Reward), n(u.Baseline), signed(u.Advantage))
	if c.bare {
		advantage = fmt.Sprintf("A = R = %s, without a baseline", n(u.Reward))
	}
	return append(facts,
		Fact{"Reward", "R = " + n(u.Reward)},
		Fact{"Baseline", baseline(u)},
		Fact{"Advantage", advantage},
		Fact{"Rollout", fmt.Sprintf("m = %d trials: %s", len(u.Trials), numbers(u.Trials))},
		Fact{"Update", fmt.Sprintf("version %d became version %d, gradient norm %s", u.Version-1, u.Version, n(u.GradNorm))},
		Fact{"Answers", fmt.Sprintf("log P went from %s to %s nats: their probability was multiplied by %s", n(u.LogProbBefore), n(u.LogProbAfter), n(math.Exp(u.LogProbAfter-u.LogProbBefore)))},
	)
}

func baseline(u *policy.UpdateView) string {
	text := "b = " + report.Number(u.Baseline)
	if u.First {
		return text + ", the mean of this first rollout's rewards"
	}
	return text + ", the moving average of earlier rewards"
}

// signed writes a number with its sign.
func signed(v float64) string {
	if v >= 0 {
		return "+" + report.Number(v)
	}
	return "−" + report.Number(-v)
}

func numbers(ids []int) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = strconv.Itoa(id)
	}
	return strings.Join(parts, ", ")
}

// Formula is the gradient of one logit of the selected decision.
func (c *ExplainPage) Formula() string {
	d, u := c.decision(), c.known.Update
	if u == nil || d.Gradient == nil || len(d.Options) == 0 {
		return ""
	}
	k := 0
	if len(d.Chosen) > 0 {
		k = d.Chosen[0]
	}
	a, gradient := u.Advantage, d.Gradient.Reward[k]
	if c.bare {
		a, gradient = u.Reward, d.Gradient.WithoutBaseline[k]
	}
	hit := 0
	if slices.Contains(d.Chosen, k) {
		hit = 1
	}
	text := fmt.Sprintf("∂J/∂u(%s) = A/m · (%d − %s) = %s/%d · %s = %s", d.Options[k], hit, report.Number(d.Before.Probs[k]),
		report.Number(a), len(u.Trials), report.Number(float64(hit)-d.Before.Probs[k]), signed(gradient))
	if u.Temperature != 1 || u.LogitClip != 0 {
		text += fmt.Sprintf(", with temperature %s and logits clipped at %s", report.Number(u.Temperature), report.Number(u.LogitClip))
	}
	return text
}

// Bare says whether the baseline is left out.
func (c *ExplainPage) Bare() string { return strconv.FormatBool(c.bare) }

// ToggleBaseline leaves the baseline out, or takes it in again.
func (c *ExplainPage) ToggleBaseline() { c.bare = !c.bare }

// Explained is a row of the table of decisions.
type Explained struct {
	Name, Answer, Before, After, Move string
	Selected                          bool
	Index                             int
}

// Decisions are the rows of the table.
func (c *ExplainPage) Decisions() []Explained {
	list := make([]Explained, len(c.known.Decisions))
	for i := range c.known.Decisions {
		d := &c.known.Decisions[i]
		row := Explained{Name: d.Name, Index: i, Selected: i == c.selected, Before: report.Percent(math.Exp(d.Sampled.LogProb))}
		var parts []string
		for _, k := range d.Chosen {
			parts = append(parts, d.Options[k])
		}
		if row.Answer = strings.Join(parts, ", "); len(parts) == 0 {
			row.Answer = "none"
		}
		if d.Before != nil && d.After != nil {
			row.Before, row.After = report.Percent(math.Exp(d.Before.LogProb)), report.Percent(math.Exp(d.After.LogProb))
			row.Move = report.Number(shift(d))
		}
		list[i] = row
	}
	return list
}

// Current marks the selected row for a screen reader.
func (e Explained) Current() string { return strconv.FormatBool(e.Selected) }

// Select shows another decision.
func (c *ExplainPage) Select(e Explained) { c.selected = e.Index }

// Selected is the name of the decision that is shown.
func (c *ExplainPage) Selected() string {
	return c.decision().Name
}

func (c *ExplainPage) decision() *policy.DecisionView { return &c.known.Decisions[c.selected] }

// Refresh draws the charts.
func (c *ExplainPage) Refresh() bool {
	if c.Learned() {
		c.logits.Refresh()
		c.pull.Refresh()
	}
	return false
}

func (c *ExplainPage) drawLogits(width, _ float64) *chart.Picture {
	d := c.decision()
	b := &chart.Bars{Title: "logits of " + d.Name, Width: width, Before: "before", After: "after"}
	for k, label := range d.Options {
		b.Rows = append(b.Rows, chart.Bar{Name: label, Before: d.Before.Logits[k], After: d.After.Logits[k], Chosen: slices.Contains(d.Chosen, k),
			Note: report.Percent(d.Before.Probs[k]) + " → " + report.Percent(d.After.Probs[k])})
	}
	return b.Draw()
}

func (c *ExplainPage) drawPull(width, _ float64) *chart.Picture {
	d := c.decision()
	b := &chart.Bars{Title: "gradient by the logits of " + d.Name, Width: width, Before: "entropy bonus", After: "advantage"}
	reward := d.Gradient.Reward
	if c.bare {
		reward, b.After = d.Gradient.WithoutBaseline, "reward, without baseline"
	}
	for k, label := range d.Options {
		b.Rows = append(b.Rows, chart.Bar{Name: label, Before: d.Gradient.Entropy[k], After: reward[k], Chosen: slices.Contains(d.Chosen, k), Note: signed(reward[k])})
	}
	return b.Draw()
}

func (c *ExplainPage) data() view.Data {
	s := sheet{Head: []string{"decision", "option", "chosen", "logit before", "logit after", "probability before", "probability after", "gradient", "of the advantage", "of the entropy bonus", "without baseline"}}
	for i := range c.known.Decisions {
		d := &c.known.Decisions[i]
		for k, label := range d.Options {
			row := []string{d.Name, label, strconv.FormatBool(slices.Contains(d.Chosen, k))}
			for _, v := range []float64{d.Before.Logits[k], d.After.Logits[k], d.Before.Probs[k], d.After.Probs[k], d.Gradient.Total[k], d.Gradient.Reward[k], d.Gradient.Entropy[k], d.Gradient.WithoutBaseline[k]} {
				row = append(row, plain(v))
			}
			s.Rows = append(s.Rows, row)
		}
	}
	return s.data()
}
