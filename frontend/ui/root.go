package ui

// Root is the frame around the views.
type Root struct {
	App   *App
	theme string
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
