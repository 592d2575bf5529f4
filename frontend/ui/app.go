package ui

import (
	"slices"
	"strings"
	"time"

	"github.com/vugu/vugu"

	"github.com/espalier-nas/espalier/frontend/client"
)

// App is the page: its views, and what they share. It belongs to one goroutine.
type App struct {
	Platform
	Root *Root

	files *client.Files
	route Route
	view  View
	feeds map[string]*client.Feed // of the studies that are shown

	rebuild  bool // the templates have to be rendered
	redraw   bool // something past the templates has changed
	waiting  bool // a redraw has been put off
	rendered bool // once at least
	moved    bool // to another view, which has not been rendered yet
}

// View is one of the page's views.
type View interface {
	vugu.Builder
	// Open shows what the route asks for. It is called again when a setting of
	// the route changes; another path has a view of its own.
	Open(r Route)
	// Studies are those whose state the view wants.
	Studies() []string
	// Refresh draws what is drawn past the templates. It is called after each
	// render, and when a study has news; then it reports whether the templates
	// must be rendered, too.
	Refresh() (rebuild bool)
	// Name is what the view is called in the tab's title.
	Name() string
}

// Acting is a View that hears what is done with its pictures and lists.
type Acting interface {
	Pointer(id, what string, x, y float64)
	Step(id, key string)
	Window(id string, first, count int)
	Row(id, key string)
}

// Keyed is a View that has keys of its own. No key does what no button does.
type Keyed interface {
	Key(key string, shift bool) (taken bool)
}

// Closing is a View that has something to end when it is left.
type Closing interface{ Close() }

// Hovering is a View that hears which row of a list the pointer is over; "" for
// none.
type Hovering interface{ Hover(id, key string) }

// NewApp makes the page in a browser.
func NewApp(p Platform) *App {
	a := &App{Platform: p, files: client.NewFiles(p), feeds: map[string]*client.Feed{}}
	a.Root = &Root{App: a}
	return a
}

// Get, Post and Dial ask the server, or a journal that was opened in the page.
func (a *App) Get(address string, done func(client.Answer)) { a.files.Get(address, done) }

// Post is described with Get.
func (a *App) Post(address string, body []byte, done func(client.Answer)) {
	a.files.Post(address, body, done)
}

// Dial is described with Get.
func (a *App) Dial(address string, l client.Listener) client.Conn { return a.files.Dial(address, l) }

// Dropped is called with each file that is dropped on the page. A journal is
// opened as a study. Of a run directory the journal says everything, so the
// other files are passed over.
func (a *App) Dropped(name string, content []byte, err error) {
	if name == "study.json" {
		return
	}
	var id string
	if err == nil {
		id, err = a.files.Open(name, content)
	}
	if err != nil {
		a.Root.Say("The file was not opened: " + err.Error() + ".")
		return
	}
	a.Root.Say("")
	if f := a.feeds[id]; f != nil { // another journal of the same name
		f.Stop()
		delete(a.feeds, id)
	}
	a.leave()
	if r := To("study", id); r.String() == a.route.String() {
		a.open(r)
	} else {
		a.Go(r)
	}
}

// Key is called with a key that was pressed outside of text fields, and reports
// whether it meant something.
func (a *App) Key(key string, shift bool) (taken bool) {
	if a.Root.key(key) {
		return true
	}
	v, ok := a.view.(Keyed)
	return ok && v.Key(key, shift)
}

// Start opens the view that the address names.
func (a *App) Start() {
	a.Root.start()
	a.open(ParseRoute(a.Address()))
}

// mainID is the element that holds the view.
const mainID = "main"

// Addressed is called when the user goes back or forward, or follows a link.
func (a *App) Addressed(address string) {
	if address == mainID { // the link that skips to the content
		a.Navigate(a.route.String(), false)
		a.Focus(mainID)
		return
	}
	if r := ParseRoute(address); r.String() != a.route.String() {
		a.open(r)
	}
}

// Go shows another route. Changes within a view leave the history alone.
func (a *App) Go(r Route) {
	if r.String() == a.route.String() {
		return
	}
	push := !slices.Equal(r.Path, a.route.Path)
	a.Navigate(r.String(), push)
	a.open(r)
}

// open shows a route: in the view that is open if only a setting has changed. A
// view of another path is another one, so that an answer that comes late finds
// the view that has asked for it, and changes nothing that is shown.
func (a *App) open(r Route) {
	if !slices.Equal(a.route.Path, r.Path) {
		a.leave()
	}
	a.route = r
	if a.view == nil {
		a.moved = a.rendered
		a.view = viewOf(r)(a)
	}
	a.view.Open(r)
	a.follow()
	a.Title(strings.TrimPrefix(a.view.Name()+" · Espalier", " · "))
	a.Rebuild()
}

// leave ends the view that is open.
func (a *App) leave() {
	if v, ok := a.view.(Closing); ok {
		v.Close()
	}
	a.view = nil
}

// follow keeps up those feeds that the view wants, and no other.
func (a *App) follow() {
	wanted := a.view.Studies()
	for id, f := range a.feeds {
		if !slices.Contains(wanted, id) {
			f.Stop()
			delete(a.feeds, id)
		}
	}
	for _, id := range wanted {
		if a.feeds[id] == nil && id != "" {
			a.feeds[id] = client.Follow(a.files, id, a.Redraw)
		}
	}
}

// Feed is what is known of a study, nil if no view has asked for it.
func (a *App) Feed(study string) *client.Feed { return a.feeds[study] }

// Rebuild has the templates rendered before the next frame.
func (a *App) Rebuild() { a.rebuild = true }

// pause is the least time between two redraws for news.
const pause = 100 * time.Millisecond

// Redraw has everything that is drawn past the templates drawn anew, ten times
// a second at most.
func (a *App) Redraw() {
	if a.waiting {
		return
	}
	a.waiting = true
	a.After(pause, func() {
		a.waiting = false
		a.redraw = true
	})
}

// Pending reports what has to be done before the next frame.
func (a *App) Pending() (rebuild, redraw bool) { return a.rebuild, a.redraw }

// Rendered is called when the templates have been rendered, and when only a
// redraw was due.
func (a *App) Rendered() {
	a.rebuild, a.redraw = false, false
	if a.view != nil && a.view.Refresh() {
		a.rebuild = true
	}
	if a.moved { // what had the focus is gone
		a.Focus(mainID)
	}
	a.moved, a.rendered = false, true
}

// Pointer, Step, Window, Row and Resized are called with what a user does with
// pictures and lists.
func (a *App) Pointer(id, what string, x, y float64) {
	if v, ok := a.view.(Acting); ok {
		v.Pointer(id, what, x, y)
	}
}

// Step is called with a key that was pressed on a picture.
func (a *App) Step(id, key string) {
	if v, ok := a.view.(Acting); ok {
		v.Step(id, key)
	}
}

// Window is called with the rows of a list that can be seen.
func (a *App) Window(id string, first, count int) {
	if v, ok := a.view.(Acting); ok {
		v.Window(id, first, count)
	}
}

// Row is called with the key of a row that was activated.
func (a *App) Row(id, key string) {
	if v, ok := a.view.(Acting); ok {
		v.Row(id, key)
	}
}

// Hover is called with the key of the row that the pointer is over.
func (a *App) Hover(id, key string) {
	if v, ok := a.view.(Hovering); ok {
		v.Hover(id, key)
	}
}

// Soon has what is drawn past the templates drawn in the next frame.
func (a *App) Soon() { a.redraw = true }

// Resized is called when there is another width to draw on.
func (a *App) Resized(string) { a.redraw = true }
