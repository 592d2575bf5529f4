package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/host/event"
)

// Table is the table of a study's trials: which of them, and in which order. It
// follows a State that grows by looking anew only at the trials that changed.
type Table struct {
	state   *event.State
	seq     int64 // of the state when it was last looked at
	columns []Column
	text    string // the filter as it was written
	parsed  Filter
	filter  Filter // parsed, bound to the state
	sorts   []SortKey
	order   []ranking
	rows    []int // the trials that are kept, in order
}

// SortKey names a column to sort by.
type SortKey struct {
	Key  string
	Down bool
}

// Follow brings the table to what s is; call it after events were applied, or
// with another state that At gave of the study. It says whether rows came, went
// or changed.
func (t *Table) Follow(s *event.State) bool {
	// States that share their beginning are of one study (see State.At).
	grown := t.state == s || t.state != nil && s.Started != nil && t.state.Started == s.Started
	if !grown || s.Seq < t.seq || len(s.Trials) == 0 {
		t.rebuild(s)
		return true
	}
	t.state = s
	var changed []int
	fresh := s.Seq > t.seq
	for i := range s.Trials {
		row := &s.Trials[i]
		if row.Status == event.Running || fresh && (row.SampledSeq > t.seq || row.DoneSeq > t.seq) {
			changed = append(changed, row.ID)
		}
	}
	if fresh && (t.filter.whole() || len(changed) > len(s.Trials)/8 || t.newColumns(s, changed)) {
		t.rebuild(s)
		return true
	}
	t.seq = s.Seq
	t.replace(changed)
	return len(changed) > 0
}

// newColumns says that trials have facts for which there is no column.
func (t *Table) newColumns(s *event.State, changed []int) bool {
	for _, id := range changed {
		row := s.Trial(id)
		if row.Depth != 0 && t.Column("depth") == nil || row.Metrics.LatencySeconds > 0 && t.Column("latency") == nil {
			return true
		}
		for _, p := range row.Reward.Parts {
			if !slices.ContainsFunc(t.columns, func(c Column) bool { return c.Title == p.Name }) {
				return true
			}
		}
	}
	return false
}

// rebuild looks at every trial.
func (t *Table) rebuild(s *event.State) {
	t.state, t.seq, t.columns = s, s.Seq, Columns(s)
	// Columns come with the facts of trials: an early state may lack one that
	// the filter asks for, and then the filter is what it was.
	if filter, err := ParseFilter(t.text, t.columns); err == nil {
		t.parsed = filter
	}
	t.filter = t.parsed.on(s)
	t.resolve()
	t.rows = t.rows[:0]
	for i := range s.Trials {
		if t.filter.keeps(&s.Trials[i]) {
			t.rows = append(t.rows, s.Trials[i].ID)
		}
	}
	t.sort()
}

// replace takes the trials out of the rows and puts them where they belong.
func (t *Table) replace(changed []int) {
	if len(changed) == 0 {
		return
	}
	is := make(map[int]bool, len(changed))
	for _, id := range changed {
		is[id] = true
	}
	t.rows = slices.DeleteFunc(t.rows, func(id int) bool { return is[id] })
	for _, id := range changed {
		row := t.state.Trial(id)
		if !t.filter.keeps(row) {
			continue
		}
		at, _ := slices.BinarySearchFunc(t.rows, row, func(other int, row *event.Trial) int {
			return compare(t.order, t.state.Trial(other), row)
		})
		t.rows = slices.Insert(t.rows, at, id)
	}
}

// Filter keeps only the trials that the text asks for. A *FilterError says what
// is wrong with it; then the table stays as it is. A table that follows nothing
// yet has no columns, and takes whatever it understands once it does.
func (t *Table) Filter(text string) error {
	if t.state == nil {
		t.text = strings.TrimSpace(text)
		return nil
	}
	parsed, err := ParseFilter(text, t.columns)
	if err != nil {
		return err
	}
	t.text, t.parsed = strings.TrimSpace(text), parsed
	t.rebuild(t.state)
	return nil
}

// Sort orders the rows by the keys, later ones among rows that are equal in
// the earlier ones; without any by the numbers of the trials. A key that no
// column has is an error; then the table stays as it is. As for Filter, a table
// that follows nothing yet takes what it can.
func (t *Table) Sort(keys ...SortKey) error {
	for _, k := range keys {
		if t.state != nil && t.Column(k.Key) == nil {
			return fmt.Errorf("view: there is no column %q to sort by", k.Key)
		}
	}
	t.sorts = slices.Clone(keys)
	t.resolve()
	t.sort()
	return nil
}

// SortBy makes the column the first key, as a click on its title does: the best
// trials first, or the other way round where it is the first key already. The
// keys before stay behind it.
func (t *Table) SortBy(key string) error {
	c := t.Column(key)
	if c == nil {
		return t.Sort(SortKey{Key: key})
	}
	first := SortKey{key, c.Best > 0}
	if len(t.sorts) > 0 && t.sorts[0].Key == key {
		first.Down = !t.sorts[0].Down
	}
	keys := []SortKey{first}
	for _, k := range t.sorts {
		if k.Key != key && len(keys) < 3 {
			keys = append(keys, k)
		}
	}
	return t.Sort(keys...)
}

// Sorted are the keys in force.
func (t *Table) Sorted() []SortKey { return t.sorts }

// Filtered is the filter in force.
func (t *Table) Filtered() string { return t.text }

// resolve finds the columns of the keys.
func (t *Table) resolve() {
	t.order = t.order[:0]
	for _, k := range t.sorts {
		if c := t.Column(k.Key); c != nil {
			t.order = append(t.order, ranking{c, k.Down})
		}
	}
}

// sort orders the rows. The numbers of the first key are looked up once each,
// since some are dear.
func (t *Table) sort() {
	if len(t.order) == 0 || !t.order[0].column.Numeric() {
		slices.SortFunc(t.rows, func(a, b int) int { return compare(t.order, t.state.Trial(a), t.state.Trial(b)) })
		return
	}
	type keyed struct {
		id    int
		value float64
	}
	first, rows := t.order[0], make([]keyed, len(t.rows))
	for i, id := range t.rows {
		rows[i] = keyed{id, first.column.number(t.state.Trial(id))}
	}
	slices.SortFunc(rows, func(a, b keyed) int {
		switch {
		case a.value < b.value:
			return first.sign()
		case a.value > b.value:
			return -first.sign()
		}
		return compare(t.order, t.state.Trial(a.id), t.state.Trial(b.id)) // equal, or unknown
	})
	for i := range rows {
		t.rows[i] = rows[i].id
	}
}

// Columns are all columns of the study.
func (t *Table) Columns() []Column { return t.columns }

// Column is the column with a key; nil if there is none.
func (t *Table) Column(key string) *Column {
	for i := range t.columns {
		if t.columns[i].Key == key {
			return &t.columns[i]
		}
	}
	return nil
}

// Len is the number of rows, Total of all trials.
func (t *Table) Len() int { return len(t.rows) }

// Total is the number of trials of the study.
func (t *Table) Total() int {
	if t.state == nil {
		return 0
	}
	return len(t.state.Trials)
}

// Trial is the trial of row i, from 0.
func (t *Table) Trial(i int) *event.Trial { return t.state.Trial(t.rows[i]) }

// Index is the row in which a trial stands, -1 if it is not kept.
func (t *Table) Index(trial int) int { return slices.Index(t.rows, trial) }

// Cells are the texts of count rows from the first on, as far as there are any,
// in the given columns.
func (t *Table) Cells(first, count int, columns []Column) [][]string {
	first = min(max(first, 0), len(t.rows))
	count = min(max(count, 0), len(t.rows)-first)
	cells := make([][]string, count)
	for i := range cells {
		cells[i] = make([]string, len(columns))
		for j := range columns {
			cells[i][j] = columns[j].Cell(t.Trial(first + i))
		}
	}
	return cells
}

// Data are the rows as they are filtered and sorted, in every column.
func (t *Table) Data() Data {
	d := Data{Rows: len(t.rows)}
	for i := range t.columns {
		d.Columns = append(d.Columns, t.columns[i].Key)
	}
	d.Row = func(i int) []string {
		row := make([]string, len(t.columns))
		for j := range t.columns {
			row[j] = t.columns[j].Exact(t.Trial(i))
		}
		return row
	}
	return d
}

// Sentence says how many trials are shown, and of how many.
func (t *Table) Sentence() string {
	switch total := t.Total(); {
	case total == 0:
		return "No trial has been sampled yet."
	case t.text == "":
		return plural(total, "trial") + "."
	case len(t.rows) == 0:
		return fmt.Sprintf("None of %s fits the filter %s.", plural(total, "trial"), t.text)
	default:
		return fmt.Sprintf("%s of %s.", grouped(len(t.rows)), plural(total, "trial"))
	}
}
