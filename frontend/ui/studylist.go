package ui

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/frontend/client"
	"github.com/espalier-nas/espalier/frontend/view"
)

// StudyList is the view of all studies, kept up to date.
type StudyList struct {
	App     *App
	Problem string
	Lost    string // that the address names no page

	route    Route
	studies  []view.Study
	loaded   bool
	conn     client.Conn
	selected []string // to be compared
}

func (c *StudyList) Name() string      { return "" }
func (c *StudyList) Studies() []string { return nil }
func (c *StudyList) Refresh() bool     { return false }

// Open begins to follow the list.
func (c *StudyList) Open(r Route) {
	c.route = r
	if len(r.Path) > 0 {
		c.Lost = fmt.Sprintf("There is no page %q here. These are the studies.", r.String())
	}
	if c.conn == nil {
		c.dial()
	}
	c.sort()
}

// Close ends the following.
func (c *StudyList) Close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

func (c *StudyList) dial() {
	c.conn = c.App.Dial("ws", client.Listener{
		Message: func(text []byte) {
			var m struct {
				Type    string       `json:"type"`
				Studies []view.Study `json:"studies"`
			}
			if err := json.Unmarshal(text, &m); err != nil {
				c.Problem = fmt.Sprintf("the list of studies cannot be read: %v", err)
			} else if m.Type == "studies" {
				c.Problem, c.loaded, c.studies = "", true, m.Studies
				c.sort()
			}
			c.App.Rebuild()
		},
		Closed: func(string) {
			if c.loaded {
				c.Problem = "The connection is lost. What is shown is what had come; it is tried again."
			} else {
				c.ask()
			}
			c.App.After(again, func() {
				if c.App.view == View(c) {
					c.dial()
				}
			})
			c.App.Rebuild()
		},
	})
}

// ask finds out why there is no connection, which a websocket does not tell.
func (c *StudyList) ask() {
	c.Problem = "There is no connection; it is tried again."
	c.App.Get("api/studies", func(a client.Answer) {
		if err := client.Check(a); err != nil && c.App.view == View(c) && !c.loaded {
			c.Problem = err.Error()
			c.App.Rebuild()
		}
	})
}

func (c *StudyList) sort() {
	key, reversed := strings.CutPrefix(c.route.Query.Get("sort"), "-")
	view.SortStudies(c.studies, key, reversed)
}

// Loading and Empty say why there is nothing to see.
func (c *StudyList) Loading() bool { return !c.loaded && c.Problem == "" }

// Empty is described with Loading.
func (c *StudyList) Empty() bool { return c.loaded && len(c.studies) == 0 }

// Some reports whether there is a study.
func (c *StudyList) Some() bool { return len(c.studies) > 0 }

// shownColumns are the keys of the columns that the list shows.
var shownColumns = []string{"id", "state", "trials", "best", "strategy", "space", "data", "updated"}

func listColumns() []view.StudyColumn {
	var list []view.StudyColumn
	for _, column := range view.StudyColumns {
		if slices.Contains(shownColumns, column.Key) {
			list = append(list, column)
		}
	}
	return list
}

// Headings are the columns' titles.
func (c *StudyList) Headings() []Heading {
	key, reversed := strings.CutPrefix(c.route.Query.Get("sort"), "-")
	var list []Heading
	for _, column := range listColumns() {
		h := Heading{Key: column.Key, Title: column.Title, Sorted: "none"}
		if column.Numeric {
			h.Class = "num"
		}
		if key == column.Key {
			h.Sorted, h.Arrow = "ascending", " ▲"
			if reversed {
				h.Sorted, h.Arrow = "descending", " ▼"
			}
		}
		list = append(list, h)
	}
	return list
}

// SortBy sorts the list by a column, and the other way round the second time.
func (c *StudyList) SortBy(h Heading) {
	key := h.Key
	if c.route.Query.Get("sort") == key {
		key = "-" + key
	}
	c.App.Go(c.route.With("sort", key))
}

// StudyRow is a study in the list.
type StudyRow struct {
	ID, Href string
	Chip     string // class of its state
	State    string
	Problem  string
	Picked   bool
	Cells    []StudyCell // after the state
}

// StudyCell is a text in the list.
type StudyCell struct{ Text, Class string }

// Rows are the studies in order.
func (c *StudyList) Rows() []StudyRow {
	now := c.App.Now()
	rows := make([]StudyRow, len(c.studies))
	for i := range c.studies {
		s := &c.studies[i]
		row := StudyRow{ID: s.ID, Href: To("study", s.ID).Href(), Problem: s.Problem, Picked: slices.Contains(c.selected, s.ID)}
		for _, column := range listColumns() {
			text := column.Cell(s, now)
			switch column.Key {
			case "id":
			case "state":
				row.State, row.Chip = text, "chip "+text
			default:
				cell := StudyCell{Text: text}
				if column.Numeric {
					cell.Class = "num"
				}
				row.Cells = append(row.Cells, cell)
			}
		}
		rows[i] = row
	}
	return rows
}

// PickLabel names the row's box.
func (r StudyRow) PickLabel() string { return "Compare " + r.ID }

// Pick takes a study into the comparison, or out of it.
func (c *StudyList) Pick(r StudyRow) {
	if i := slices.Index(c.selected, r.ID); i >= 0 {
		c.selected = slices.Delete(c.selected, i, i+1)
		return
	}
	c.selected = append(c.selected, r.ID)
}

// CompareHref leads to the comparison of the studies that are picked.
func (c *StudyList) CompareHref() string {
	return comparison(c.selected...).Href()
}

// CompareText says what the link does.
func (c *StudyList) CompareText() string {
	if len(c.selected) < 2 {
		return "Pick two studies or more to compare them"
	}
	return fmt.Sprintf("Compare %d studies", len(c.selected))
}

// CanCompare reports whether enough studies are picked.
func (c *StudyList) CanCompare() bool { return len(c.selected) > 1 }

// SaveList offers the list as CSV.
func (c *StudyList) SaveList() {
	c.App.Save("espalier-studies.csv", "text/csv", view.StudiesData(c.studies).CSV())
}
