package ui

// StudyPage is the view of one study.
type StudyPage struct {
	App   *App
	Study string
}

func (c *StudyPage) Name() string      { return c.Study }
func (c *StudyPage) Studies() []string { return []string{c.Study} }
func (c *StudyPage) Refresh() bool {
	f := c.App.Feed(c.Study)
	if f == nil || f.State == nil {
		return false
	}
	return false
}
func (c *StudyPage) Open(r Route) { c.Study = r.At(1) }
