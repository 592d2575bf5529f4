package ui

import (
	"encoding/json"
	"fmt"

	"github.com/espalier-nas/espalier/frontend/client"
)

// StudyList is the view of all studies.
type StudyList struct {
	App     *App
	Problem string
	Rows    []StudyRow
	loaded  bool
}

// StudyRow is a study in the list.
type StudyRow struct {
	ID    string `json:"id"`
	State string `json:"state"`
	Name  string `json:"name"`
}

func (c *StudyList) Name() string      { return "" }
func (c *StudyList) Studies() []string { return nil }
func (c *StudyList) Refresh() bool     { return false }

func (c *StudyList) Open(Route) {
	c.App.Get("api/studies", func(a client.Answer) {
		c.loaded = true
		if err := client.Check(a); err != nil {
			c.Problem = err.Error()
		} else if err := json.Unmarshal(a.Body, &c.Rows); err != nil {
			c.Problem = fmt.Sprintf("the list of studies cannot be read: %v", err)
		}
		c.App.Rebuild()
	})
}

// Empty says why there is nothing to see.
func (c *StudyList) Empty() bool { return c.loaded && c.Problem == "" && len(c.Rows) == 0 }

func (c *StudyList) Href(r StudyRow) string { return To("study", r.ID).Href() }
