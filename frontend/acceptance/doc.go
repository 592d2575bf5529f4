// Package acceptance tries the page as its users do: it builds the program,
// starts real searches and a server, and drives a browser. Only its tests hold
// anything.
package acceptance
