// Package chart turns data into pictures. A Picture is a list of marks in CSS
// pixels, with y growing downwards; a browser paints it on a canvas, and SVG
// writes it as a document. So what is exported is what is seen, and what is seen
// can be tested without a browser.
//
// A mark has a Role, not a colour: the page gives each role one colour for
// light and one for dark. Series differ in shape or dash, too, so that nothing
// is told by colour alone.
package chart
