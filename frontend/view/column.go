package view

import (
	"cmp"
	"math"
	"strconv"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Column is one fact about trials: what the table shows, sorts and filters by.
// A column is of numbers or of text.
type Column struct {
	Key   string // its name in filters, addresses and CSV
	Title string
	About string // what it says, in a sentence
	// Shown says that the table has it without being asked.
	Shown bool
	// Best says where the best trials are: 1 for high numbers, -1 for low ones,
	// 0 if no number is better than another.
	Best int

	number func(t *event.Trial) float64 // NaN: unknown; nil for a column of text
	text   func(t *event.Trial) string  // nil for a column of numbers
	show   func(v float64) string       // a number for a person
	values []string                     // all that a text can be; nil: anything
}

// Numeric says that the column is of numbers, which stand to the right.
func (c *Column) Numeric() bool { return c.number != nil }

// Cell is what the table shows of a trial.
func (c *Column) Cell(t *event.Trial) string {
	if c.text != nil {
		return c.text(t)
	}
	v := c.number(t)
	if math.IsNaN(v) {
		return report.Unknown
	}
	return c.show(v)
}

// Exact is what CSV holds of a trial.
func (c *Column) Exact(t *event.Trial) string {
	if c.text != nil {
		return c.text(t)
	}
	return exact(c.number(t))
}

// compare orders two trials, ascending.
func (c *Column) compare(a, b *event.Trial) int {
	if c.text != nil {
		return cmp.Compare(c.text(a), c.text(b))
	}
	return cmp.Compare(c.number(a), c.number(b))
}

// known says that the trial has a value in the column, "" being none.
func (c *Column) known(t *event.Trial) bool {
	if c.text != nil {
		return c.text(t) != ""
	}
	return !math.IsNaN(c.number(t))
}

// Columns are those of a study's trials, in the order in which they are shown.
// Which there are depends on what the study measures: parts of its rewards, a
// schedule of depths, latencies.
func Columns(s *event.State) []Column {
	metric := report.Accuracy
	if s.Started != nil {
		metric = report.StudyMetric(s)
	}
	columns := []Column{
		{Key: "id", Title: "trial", About: "The number of the trial, from 1 in the order of sampling.", Shown: true,
			number: func(t *event.Trial) float64 { return float64(t.ID) }, show: number},
		{Key: "status", Title: "status", About: "Whether the trial runs, ended with a result, or failed.", Shown: true,
			text:   func(t *event.Trial) string { return string(t.Status) },
			values: []string{string(event.Running), string(event.OK), string(event.Failed)}},
		{Key: "reward", Title: "reward", About: "What the shaper made of the measurements.", Shown: true, Best: 1,
			number: ended(func(t *event.Trial) float64 { return t.Reward.Reward }), show: report.Number},
		metricColumn(metric),
		{Key: "params", Title: "params", About: "Learned numbers of the network.", Shown: true, Best: -1,
			number: positive(func(t *event.Trial) int64 { return t.Params }), show: count},
		{Key: "macs", Title: "MACs", About: "Multiply-accumulates of one forward pass of one example.", Shown: true, Best: -1,
			number: positive(func(t *event.Trial) int64 { return t.MACs }), show: count},
		{Key: "seconds", Title: "time", About: "Wall time of the training.", Shown: true, Best: -1,
			number: ended(func(t *event.Trial) float64 { return t.Seconds }), show: seconds},
		{Key: "epochs", Title: "epochs", About: "Epochs that were trained so far.",
			number: func(t *event.Trial) float64 { return float64(len(t.Metrics.Epochs)) }, show: number},
		{Key: "version", Title: "policy", About: "How many updates the policy had seen that sampled the trial.", Shown: true,
			number: func(t *event.Trial) float64 { return float64(t.Version) }, show: number},
		{Key: "log_prob", Title: "log p", About: "Log-probability in nats with which the policy sampled it.",
			number: func(t *event.Trial) float64 { return t.LogProb }, show: report.Number},
		{Key: "duplicate", Title: "as trial", About: "The earlier trial with the same network whose result it has.",
			number: positive(func(t *event.Trial) int { return t.DuplicateOf }), show: number},
	}
	columns = append(columns, present(s)...)
	columns = append(columns, parts(s, columns)...)
	return append(columns,
		Column{Key: "answers", Title: "answers", About: "What the policy decided, in the order of the decisions.", Shown: true,
			text: func(t *event.Trial) string { return t.Answers }},
		Column{Key: "reason", Title: "reason", About: "Why the trial failed.", Shown: s.Counts.Failed > 0,
			text: func(t *event.Trial) string { return t.Reason }},
		Column{Key: "network", Title: "network", About: "The identity of the network; equal networks have equal ones.",
			text: func(t *event.Trial) string { return t.NetworkID }},
		Column{Key: "sampled", Title: "sampled after", About: "When the trial was sampled, from the beginning of the study.",
			number: func(t *event.Trial) float64 { return t.Sampled.Sub(s.Begun).Seconds() }, show: seconds},
		Column{Key: "ended", Title: "ended after", About: "When the trial ended, from the beginning of the study.",
			number: ended(func(t *event.Trial) float64 { return t.Done.Sub(s.Begun).Seconds() }), show: seconds},
	)
}

// metricColumn is the column of what the study measures networks by: the best
// of a trial's epochs.
func metricColumn(m report.Metric) Column {
	best := 1
	if m.Lower() {
		best = -1
	}
	key := string(m)
	if m == report.Bits {
		key = "bits"
	}
	return Column{Key: key, Title: m.Title(), About: "The best " + m.Name() + " of any epoch.", Shown: true, Best: best,
		number: func(t *event.Trial) float64 { return m.Best(t.Metrics.Epochs) }, show: m.Text}
}

// present are the columns that only some studies have.
func present(s *event.State) []Column {
	var columns []Column
	some := func(has func(t *event.Trial) bool) bool {
		for i := range s.Trials {
			if has(&s.Trials[i]) {
				return true
			}
		}
		return false
	}
	if some(func(t *event.Trial) bool { return t.Depth != 0 }) {
		columns = append(columns, Column{Key: "depth", Title: "depth", About: "The depth that the schedule was at.", Shown: true,
			number: positive(func(t *event.Trial) int { return t.Depth }), show: number})
	}
	if some(func(t *event.Trial) bool { return t.Metrics.LatencySeconds > 0 }) {
		columns = append(columns, Column{Key: "latency", Title: "latency", About: "Time of one forward pass of one example.", Shown: true, Best: -1,
			number: func(t *event.Trial) float64 {
				if t.Metrics.LatencySeconds > 0 {
					return t.Metrics.LatencySeconds
				}
				return math.NaN()
			}, show: seconds})
	}
	return columns
}

// parts are the columns of the parts of the rewards; one whose name is taken is
// called part_<name>, as in trials.jsonl.
func parts(s *event.State, taken []Column) []Column {
	keys := map[string]bool{"answers": true, "reason": true, "network": true, "sampled": true, "ended": true, "is": true, "top": true}
	for _, c := range taken {
		keys[c.Key] = true
	}
	var columns []Column
	seen := map[string]bool{}
	for i := range s.Trials {
		for _, p := range s.Trials[i].Reward.Parts {
			if seen[p.Name] {
				continue
			}
			seen[p.Name] = true
			key := p.Name
			if keys[key] || !plainKey(key) {
				key = "part_" + key
			}
			columns = append(columns, Column{Key: key, Title: p.Name, About: "A part of the reward, as the shaper names it.",
				number: ended(func(t *event.Trial) float64 { return partOf(t.Reward.Parts, p.Name) }), show: report.Number})
		}
	}
	return columns
}

func partOf(parts []spec.Part, name string) float64 {
	for i := range parts {
		if parts[i].Name == name {
			return parts[i].Value
		}
	}
	return math.NaN()
}

// ended is f for trials that have a result.
func ended(f func(t *event.Trial) float64) func(t *event.Trial) float64 {
	return func(t *event.Trial) float64 {
		if t.Status == event.Running {
			return math.NaN()
		}
		return f(t)
	}
}

// positive is f where that is not 0, which stands for "none".
func positive[T ~int | ~int64](f func(t *event.Trial) T) func(t *event.Trial) float64 {
	return func(t *event.Trial) float64 {
		if n := f(t); n != 0 {
			return float64(n)
		}
		return math.NaN()
	}
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func count(v float64) string { return report.Count(int64(v)) }

// seconds writes a measured time.
func seconds(v float64) string { return report.Duration(time.Duration(v * float64(time.Second))) }
