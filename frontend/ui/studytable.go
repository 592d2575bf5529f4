package ui

import (
	"strconv"
	"strings"

	"github.com/espalier-nas/espalier/frontend/view"
)

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
