package ui

import (
	"time"

	"github.com/espalier-nas/espalier/frontend/chart"
	"github.com/espalier-nas/espalier/frontend/client"
)

// Platform is what the page needs of a browser. Every function that is handed
// to it is called in the goroutine that owns the App, before the page is drawn
// again.
type Platform interface {
	client.Transport

	// Now is the browser's clock.
	Now() time.Time
	// Address is the part of the page's address after '#'. Navigate replaces
	// it; push makes the old one reachable by the back button.
	Address() string
	Navigate(address string, push bool)

	// Text sets the text of the element with an id, if there is one.
	Text(id, text string)
	// Value sets the value of a field that the user is not busy with.
	Value(id, value string)
	// Draw paints a picture over the element with an id.
	Draw(id string, p *chart.Picture)
	// Size is the width and height that the element with an id has, in CSS
	// pixels; 0 without one.
	Size(id string) (width, height float64)
	// Rows fills the virtual list with an id.
	Rows(id string, rows Rows)
	// Markup replaces the content of an element by markup that the program
	// itself has made.
	Markup(id, markup string)
	// Focus moves the keyboard's focus to the element with an id.
	Focus(id string)
	// Announce has a screen reader say text when it has time.
	Announce(text string)

	// Save offers the user a file, SaveImage what was drawn over an element as
	// PNG.
	Save(name, mime string, content []byte)
	SaveImage(id, name string)
	// Recall and Remember keep a setting of this browser.
	Recall(key string) string
	Remember(key, value string)
	// Title names the tab.
	Title(text string)
	// Theme makes the page light or dark, or as the system has it for "".
	Theme(name string)
}

// Rows is the part of a long list that can be seen.
type Rows struct {
	Total   int // rows of the whole list
	Columns int
	Titles  []string // of the columns
	Numeric []bool   // columns that stand to the right
	First   int      // number of the first of Cells, from 0
	// Cells are the texts, row by row; Class of a row is its CSS class.
	Cells [][]string
	Class []string
	// Keys are what activating a row is told with.
	Keys []string
}
