package ui

import (
	"html"
	"strings"

	"github.com/vugu/vugu"

	"github.com/espalier-nas/espalier/frontend/chart"
	"github.com/espalier-nas/espalier/frontend/view"
)

// Figure is a chart with its caption, the data behind it, and its exports.
type Figure struct {
	App     *App
	ID      string // of its element; unique on the page
	Caption string
	Tall    bool
	// Free lets the chart be as tall as it needs; else Draw is given a height.
	Free bool
	// Draw makes the chart for a width and height in pixels; nil while there is
	// nothing to draw.
	Draw func(width, height float64) *chart.Picture
	// Data is what the chart shows.
	Data func() view.Data

	open    bool // the data are shown
	cleared bool // of the data of the figure that stood here before
	picture *chart.Picture
}

// component is a figure as a template takes it, nothing for none.
func component(f *Figure) vugu.Builder {
	if f == nil {
		return nil
	}
	return f
}

// sheet is a small table that is made at once.
type sheet struct {
	Head []string
	Rows [][]string
}

func (s sheet) data() view.Data {
	return view.Data{Columns: s.Head, Rows: len(s.Rows), Row: func(i int) []string { return s.Rows[i] }}
}

// shownRows is how many rows of data are shown in the page. The file has all.
const shownRows = 500

// Refresh draws the chart, and the table if it is open.
func (c *Figure) Refresh() {
	width, height := c.App.Size(c.ID)
	if width == 0 || c.Draw == nil {
		return
	}
	c.picture = c.Draw(width, height)
	if c.picture != nil {
		c.App.Draw(c.ID, c.picture)
	}
	switch {
	case c.open:
		c.App.Markup(c.DataID(), markup(c.Data()))
	case !c.cleared:
		c.App.Markup(c.DataID(), "")
	}
	c.cleared = true
}

// DataID is the id of the table's element.
func (c *Figure) DataID() string { return c.ID + "-data" }

// Class is that of the chart's element.
func (c *Figure) Class() string {
	switch {
	case c.Free:
		return "picture"
	case c.Tall:
		return "picture tall"
	}
	return "picture short"
}

// Pressed says whether the data are shown.
func (c *Figure) Pressed() string {
	if c.open {
		return "true"
	}
	return "false"
}

// Toggle shows the data, or hides them.
func (c *Figure) Toggle() {
	c.open = !c.open
	if !c.open {
		c.App.Markup(c.DataID(), "")
	}
	c.App.Rebuild()
}

// file is a name for what is exported.
func (c *Figure) file(ext string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, c.App.route.At(1)+"-"+c.ID)
	return "espalier-" + strings.Trim(name, "-_") + ext
}

// SaveSVG, SavePNG and SaveCSV offer the figure as a file.
func (c *Figure) SaveSVG() {
	if c.picture != nil {
		c.App.Save(c.file(".svg"), "image/svg+xml", []byte(chart.SVG(c.picture)))
	}
}

// SavePNG is described with SaveSVG.
func (c *Figure) SavePNG() { c.App.SaveImage(c.ID, c.file(".png")) }

// SaveCSV is described with SaveSVG.
func (c *Figure) SaveCSV() { c.App.Save(c.file(".csv"), "text/csv", c.Data().CSV()) }

// markup writes data as a table.
func markup(d view.Data) string {
	var b strings.Builder
	b.WriteString(`<div class="wide" tabindex="0" role="group" aria-label="Data"><table class="plain"><thead><tr>`)
	for _, h := range d.Columns {
		b.WriteString(`<th scope="col">` + html.EscapeString(h) + "</th>")
	}
	b.WriteString("</tr></thead><tbody>")
	for i := range min(d.Rows, shownRows) {
		b.WriteString("<tr>")
		for _, cell := range d.Row(i) {
			b.WriteString("<td>" + html.EscapeString(cell) + "</td>")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table></div>")
	if d.Rows > shownRows {
		b.WriteString(`<p class="note">These are the first rows; the CSV file has all.</p>`)
	}
	return b.String()
}
