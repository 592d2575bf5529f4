// Package ui is the page's views: a vugu component for each, whose template is
// the .vugu file and whose behaviour the Go file of the same name.
//
// The templates hold what seldom changes. Charts, long lists, pictures of
// networks and the numbers of a running study are drawn past them, after each
// render and whenever a study has news: vugu writes the whole tree anew each
// time, which a live page cannot afford. So the elements that are drawn over are
// empty in the templates, have an id, and are never conditional siblings of
// something that comes and goes. The id is written as an expression, since vugu
// takes an element without one for static, and empties it in each render.
//
// vugu fits the tree that it finds to the one that it wants by position. Each
// view therefore has a root element of its own name, so that leaving a view
// leaves nothing of it behind.
//
// The *_gen.go files are vugugen's; make generate writes them.
package ui
