package ui

import "strconv"

// Root is the frame around the views.
type Root struct {
	App   *App
	theme string
	said  string // what is wrong with what the user did
	help  bool
}

func (c *Root) start() {
	c.theme = c.App.Recall("theme")
	c.App.Theme(c.theme)
}

// View is the open view.
func (c *Root) View() View { return c.App.view }

// Crumb is a step of the way to the open view.
type Crumb struct{ Text, Href string }

// Crumbs lead from the list of studies to the open view.
func (c *Root) Crumbs() []Crumb {
	r := c.App.route
	list := []Crumb{{"Studies", To().Href()}}
	if r.At(0) == "study" {
		list = append(list, Crumb{r.At(1), To("study", r.At(1)).Href()})
		if r.At(2) != "" {
			list = append(list, Crumb{c.App.view.Name(), r.Href()})
		}
	}
	if r.At(0) == "compare" {
		list = append(list, Crumb{"Compare", r.Href()})
	}
	return list
}

// themes in the order in which the button goes through them, and what it then
// says.
var themes = []struct{ name, label string }{{"", "System"}, {"light", "Light"}, {"dark", "Dark"}}

// ThemeLabel is what the button says: which look the page has.
func (c *Root) ThemeLabel() string {
	for _, t := range themes {
		if t.name == c.theme {
			return "Theme: " + t.label
		}
	}
	return "Theme"
}

// NextTheme goes on to the next look.
func (c *Root) NextTheme() {
	next := 0
	for i, t := range themes {
		if t.name == c.theme {
			next = (i + 1) % len(themes)
		}
	}
	c.theme = themes[next].name
	c.App.Remember("theme", c.theme)
	c.App.Theme(c.theme)
	c.App.Rebuild()
}

// Say shows a problem above the view; "" takes it away.
func (c *Root) Say(problem string) {
	c.said = problem
	c.App.Rebuild()
}

// Said is the problem that is shown.
func (c *Root) Said() string { return c.said }

// Dismiss takes the problem away.
func (c *Root) Dismiss() { c.Say("") }

// Help says whether the keys are listed.
func (c *Root) Help() bool { return c.help }

// HelpPressed is Help, for a screen reader.
func (c *Root) HelpPressed() string { return strconv.FormatBool(c.help) }

// ToggleHelp lists the keys, or hides them.
func (c *Root) ToggleHelp() {
	c.help = !c.help
	c.App.Rebuild()
}

// Keys are what the keys do.
func (c *Root) Keys() []Fact {
	return []Fact{
		{"?", "these keys"}, {"Esc", "close what has opened"}, {"/", "filter the trials"}, {"Space", "play or pause a replay or the policy"},
		{"← →", "point at a trial in a chart, or go a step in a replay or the policy"}, {"Shift →", "one update of the policy on, in a replay"},
		{"[ ]", "the version of the policy before, or after"}, {"↑ ↓ PgUp PgDn Home End", "go through a list that has the focus"}, {"Enter", "open the trial"},
	}
}

// key takes a key that works everywhere.
func (c *Root) key(key string) bool {
	switch {
	case key == "?":
		c.ToggleHelp()
	case key == "Escape" && (c.help || c.said != ""):
		c.help = false
		c.Say("")
	default:
		return false
	}
	return true
}
