// Package browser is the page's one way to the browser. Only as WebAssembly it
// holds anything.
package browser
