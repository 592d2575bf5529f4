package chart

import "unicode/utf8"

// Picture is something to look at.
type Picture struct {
	Width, Height float64
	// Title says what is to be seen, to those who cannot see it.
	Title string
	Marks []Mark
}

// Role is what a mark stands for.
type Role uint8

const (
	Ink    Role = iota // text and axes
	Faint              // labels of axes
	Grid               // lines to read values by
	Paper              // the background
	First              // the study, or the first of several
	Second             // its random control, or the second of several
	Third
	Fourth
	Fifth
	Sixth
	Good // a gain
	Bad  // a loss, a failure
	Focus
	Shade // from Paper at 0 to First at 1, by the mark's values
	roles
)

// RoleNames are the names of the roles, as a style sheet has them.
var RoleNames = [roles]string{
	"ink", "faint", "grid", "paper", "first", "second", "third", "fourth", "fifth", "sixth", "good", "bad", "focus", "shade",
}

// Form is what a mark's numbers mean.
type Form uint8

const (
	// Line joins the points x, y of XY.
	Line Form = iota
	// Area fills the polygon of the points of XY.
	Area
	// Dots are at the points of XY, each Size across.
	Dots
	// Rects are x, y, width, height, one after the other in XY. Where Values are
	// given, there is one from 0 to 1 for each, which is its strength.
	Rects
	// Text stands at the one point of XY, its baseline.
	Text
)

// Shape is the shape of dots.
type Shape uint8

const (
	Disc Shape = iota
	Cross
	Ring
	Square
	Diamond
	Triangle
	shapes
)

// Anchor is the part of a text that lies at its point.
type Anchor uint8

const (
	Start Anchor = iota
	Middle
	End
)

// Mark is a part of a picture.
type Mark struct {
	Form   Form
	Role   Role
	XY     []float64
	Values []float64 // of Rects with the role Shade
	// Opacity is from 0 to 1; 0 means 1.
	Opacity float64
	// Width is that of a line in pixels; 0 means 1. A Rects with a width is
	// drawn as outlines.
	Width  float64
	Dashed bool
	Shape  Shape
	Size   float64

	Text   string
	Anchor Anchor
	Bold   bool
}

// Letter is the width that is reckoned with for a letter of a picture's text,
// and TextHeight its height, in pixels.
const (
	Letter     = 6.6
	TextHeight = 12
)

// textWidth is about the width of a text in pixels.
func textWidth(text string) float64 { return Letter * float64(utf8.RuneCountInString(text)) }

func (p *Picture) add(m Mark) { p.Marks = append(p.Marks, m) }

func (p *Picture) line(role Role, width float64, xy ...float64) {
	p.add(Mark{Form: Line, Role: role, Width: width, XY: xy})
}

func (p *Picture) text(role Role, x, y float64, anchor Anchor, text string) {
	p.add(Mark{Form: Text, Role: role, XY: []float64{x, y}, Anchor: anchor, Text: text})
}
