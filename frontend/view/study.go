package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/host/report"
)

// Study is a study in the list, as the server sends it.
type Study struct {
	ID       string           `json:"id"`
	Name     string           `json:"name"`
	State    event.StudyState `json:"state"`
	Alive    bool             `json:"alive"`
	Seed     uint64           `json:"seed"`
	Strategy string           `json:"strategy"`
	Space    string           `json:"space"`
	Data     string           `json:"data"`
	Trials   int              `json:"trials"` // budget
	Counts   event.Counts     `json:"counts"`
	Best     *Best            `json:"best"` // nil: no trial has succeeded
	Created  time.Time        `json:"created"`
	Updated  time.Time        `json:"updated"`
	Control  bool             `json:"control"` // it has a random control
	Loading  bool             `json:"loading"`
	Problem  string           `json:"problem"`
}

// Best is the best trial of a study.
type Best struct {
	Trial  int     `json:"trial"`
	Reward float64 `json:"reward"`
}

// Killed is the state, for a person, of a study that is marked running while no
// process runs it.
const Killed = "killed"

// StateWord is how a study stands, in a word.
func StateWord(state event.StudyState, alive bool) string {
	if state == event.StudyRunning && !alive {
		return Killed
	}
	return string(state)
}

// StudyColumn is a column of the list of studies.
type StudyColumn struct {
	Key, Title string
	Numeric    bool
	cell       func(s *Study, now time.Time) string
	exact      func(s *Study) string
	compare    func(a, b *Study) int // by what comes first when it is sorted by
}

// StudyColumns are the columns of the list of studies.
var StudyColumns = []StudyColumn{
	{Key: "id", Title: "study", cell: func(s *Study, _ time.Time) string { return s.ID },
		exact: func(s *Study) string { return s.ID }, compare: func(a, b *Study) int { return cmp.Compare(a.ID, b.ID) }},
	{Key: "state", Title: "state", cell: func(s *Study, _ time.Time) string { return s.word() },
		exact: (*Study).word, compare: func(a, b *Study) int { return cmp.Compare(a.rank(), b.rank()) }},
	{Key: "trials", Title: "trials", Numeric: true,
		cell:    func(s *Study, _ time.Time) string { return grouped(s.Counts.Ended()) + " of " + grouped(s.Trials) },
		exact:   func(s *Study) string { return whole(s.Counts.Ended()) },
		compare: func(a, b *Study) int { return cmp.Compare(b.Counts.Ended(), a.Counts.Ended()) }},
	{Key: "failed", Title: "failed", Numeric: true, cell: func(s *Study, _ time.Time) string { return grouped(s.Counts.Failed) },
		exact:   func(s *Study) string { return whole(s.Counts.Failed) },
		compare: func(a, b *Study) int { return cmp.Compare(b.Counts.Failed, a.Counts.Failed) }},
	{Key: "best", Title: "best reward", Numeric: true, cell: func(s *Study, _ time.Time) string { return s.best(report.Number) },
		exact: func(s *Study) string { return strings.TrimPrefix(s.best(exact), report.Unknown) }, compare: compareBest},
	{Key: "strategy", Title: "strategy", cell: func(s *Study, _ time.Time) string { return s.Strategy },
		exact: func(s *Study) string { return s.Strategy }, compare: func(a, b *Study) int { return cmp.Compare(a.Strategy, b.Strategy) }},
	{Key: "space", Title: "space", cell: func(s *Study, _ time.Time) string { return s.Space },
		exact: func(s *Study) string { return s.Space }, compare: func(a, b *Study) int { return cmp.Compare(a.Space, b.Space) }},
	{Key: "data", Title: "data", cell: func(s *Study, _ time.Time) string { return s.Data },
		exact: func(s *Study) string { return s.Data }, compare: func(a, b *Study) int { return cmp.Compare(a.Data, b.Data) }},
	{Key: "seed", Title: "seed", Numeric: true, cell: func(s *Study, _ time.Time) string { return fmt.Sprint(s.Seed) },
		exact: func(s *Study) string { return fmt.Sprint(s.Seed) }, compare: func(a, b *Study) int { return cmp.Compare(a.Seed, b.Seed) }},
	{Key: "updated", Title: "last event", cell: func(s *Study, now time.Time) string { return Ago(s.Updated, now) },
		exact: func(s *Study) string { return moment(s.Updated) }, compare: func(a, b *Study) int { return b.Updated.Compare(a.Updated) }},
	{Key: "created", Title: "begun", cell: func(s *Study, now time.Time) string { return Ago(s.Created, now) },
		exact: func(s *Study) string { return moment(s.Created) }, compare: func(a, b *Study) int { return b.Created.Compare(a.Created) }},
}

// Cell is what the list shows of a study at a time.
func (c *StudyColumn) Cell(s *Study, now time.Time) string {
	if s.Loading && c.Key != "id" && c.Key != "state" {
		return "…"
	}
	return c.cell(s, now)
}

func (s *Study) word() string {
	if s.Problem != "" && s.State == "" {
		return "damaged"
	}
	return StateWord(s.State, s.Alive)
}

// rank orders states by how much they want to be looked at.
func (s *Study) rank() int {
	i := slices.Index([]string{"running", "failed", Killed, "damaged", "paused", "done"}, s.word())
	if i < 0 {
		return 99
	}
	return i
}

func (s *Study) best(format func(float64) string) string {
	if s.Best == nil {
		return report.Unknown
	}
	return format(s.Best.Reward)
}

// compareBest puts the best first and studies without one last.
func compareBest(a, b *Study) int {
	switch {
	case a.Best == nil && b.Best == nil:
		return 0
	case a.Best == nil:
		return 1
	case b.Best == nil:
		return -1
	}
	return cmp.Compare(b.Best.Reward, a.Best.Reward)
}

// SortStudies orders the list by a column, the other way round where reversed;
// equal ones by their IDs. By an unknown column it is ordered by the last event.
func SortStudies(studies []Study, key string, reversed bool) {
	i := slices.IndexFunc(StudyColumns, func(c StudyColumn) bool { return c.Key == key })
	if i < 0 {
		i = slices.IndexFunc(StudyColumns, func(c StudyColumn) bool { return c.Key == "updated" })
	}
	slices.SortFunc(studies, func(a, b Study) int {
		c := StudyColumns[i].compare(&a, &b)
		if reversed && (key != "best" || a.Best != nil && b.Best != nil) {
			c = -c
		}
		return cmp.Or(c, cmp.Compare(a.ID, b.ID))
	})
}

// StudiesData is the table behind the list of studies.
func StudiesData(studies []Study) Data {
	d := Data{Rows: len(studies)}
	for _, c := range StudyColumns {
		d.Columns = append(d.Columns, c.Key)
	}
	d.Columns = append(d.Columns, "budget", "problem")
	d.Row = func(i int) []string {
		var row []string
		for _, c := range StudyColumns {
			row = append(row, c.exact(&studies[i]))
		}
		return append(row, whole(studies[i].Trials), studies[i].Problem)
	}
	return d
}

// Ago is how long ago a time was, roughly: now, 40 s ago, 5 min ago, 3 h ago,
// and after two days its date.
func Ago(t, now time.Time) string {
	if t.IsZero() {
		return report.Unknown
	}
	switch d := now.Sub(t); {
	case d < 10*time.Second:
		return "now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return t.Local().Format("2006-01-02")
}
