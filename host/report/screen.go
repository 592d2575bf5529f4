package report

// Screen says what the caller's terminal can show.
type Screen struct {
	// Width is the longest line in cells; 0 means 80, and anything under
	// MinWidth counts as MinWidth.
	Width int
	// Unicode allows characters beyond ASCII.
	Unicode bool
	// Color allows escape sequences.
	Color bool
}

// MinWidth is the narrowest screen that is laid out for, in cells.
const MinWidth = 20

func (s Screen) width() int {
	if s.Width == 0 {
		return 80
	}
	return max(s.Width, MinWidth)
}

// glyphs are the characters that differ between Unicode and ASCII screens.
type glyphs struct {
	ellipsis, times, compose, dash, minus, rule, to, left, plusMinus string
	// wiring
	node, lone, wire, tap, horizontal, start, tapLast, tapThrough, endLast, endThrough, startThrough string
	// charts and intervals
	axis, corner, tickY, tickX, floor, point, capLow, capHigh, zero string
}

var (
	unicodeGlyphs = glyphs{
		ellipsis: "…", times: "×", compose: "∘", dash: "–", minus: "−", rule: "─", to: "→", left: "←", plusMinus: "±",
		node: "●", lone: "○", wire: "│", tap: "●", horizontal: "─", start: "╮", tapLast: "┤", tapThrough: "┼",
		endLast: "╯", endThrough: "┴", startThrough: "┬",
		axis: "│", corner: "└", tickY: "┤", tickX: "┴", floor: "─", point: "●", capLow: "├", capHigh: "┤", zero: "│",
	}
	asciiGlyphs = glyphs{
		ellipsis: "~", times: "x", compose: "*", dash: "-", minus: "-", rule: "-", to: "->", left: "<-", plusMinus: "+-",
		node: "*", lone: "o", wire: "|", tap: "*", horizontal: "-", start: ".", tapLast: "+", tapThrough: "+",
		endLast: "'", endThrough: "'", startThrough: ".",
		axis: "|", corner: "+", tickY: "+", tickX: "+", floor: "-", point: "*", capLow: "[", capHigh: "]", zero: "|",
	}
)

func (s Screen) glyphs() *glyphs {
	if s.Unicode {
		return &unicodeGlyphs
	}
	return &asciiGlyphs
}

// style is an SGR parameter of ECMA-48; empty is plain.
type style string

const (
	plain   style = ""
	bold    style = "1"
	dim     style = "2"
	red     style = "31"
	green   style = "32"
	yellow  style = "33"
	blue    style = "34"
	magenta style = "35"
	cyan    style = "36"
)
