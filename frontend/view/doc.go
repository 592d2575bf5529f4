// Package view says what the page shows, as data: rows and their order, points
// and curves, sentences, and the table behind every chart. It knows no screen
// and no browser; numbers are written by package report, as on the command
// line.
package view
