// Package main is the page: the vugu app that shows studies in a browser,
// compiled to WebAssembly and built into the program by host/cmd/page.
//
//	chart    charts as lists of marks, for a canvas and for SVG
//	view     what the page shows, as data
//	client   the state of a study, kept up to date over HTTP and a websocket
//	ui       the vugu components and the model behind them
//	browser  the one way to the browser: requests, drawing, files, the address
//	web      the document, its style and the script that starts the app
//
// Only this package and browser need a browser; the others are tested natively.
package main

import (
	"fmt"
	"os"

	"github.com/vugu/vugu"
	"github.com/vugu/vugu/domrender"

	"github.com/espalier-nas/espalier/frontend/browser"
	"github.com/espalier-nas/espalier/frontend/ui"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "espalier:", err)
	}
}

// run shows the page for as long as there is a tab.
func run() error {
	renderer, err := domrender.New("#app")
	if err != nil {
		return err
	}
	var app *ui.App
	tab := browser.New(browser.Handlers{
		Pointer: func(id, what string, x, y float64) { app.Pointer(id, what, x, y) },
		Step:    func(id, key string) { app.Step(id, key) },
		Window:  func(id string, first, count int) { app.Window(id, first, count) },
		Row:     func(id, key string) { app.Row(id, key) },
		Hover:   func(id, key string) { app.Hover(id, key) },
		Dropped: func(name string, content []byte, err error) { app.Dropped(name, content, err) },
		Resized: func(id string) { app.Resized(id) },
	})
	app = ui.NewApp(tab)
	builder, err := vugu.NewBuildEnv(renderer.EventEnv())
	if err != nil {
		return err
	}
	tab.OnAddress(app.Addressed)
	tab.OnKey(app.Key)
	tab.OnDrop()
	tab.OnScheme(app.Soon)
	app.Start()
	l := loop{tab: tab, app: app, renderer: renderer, builder: builder, acted: make(chan struct{}, 1)}
	go l.listen()
	return l.run()
}

// loop renders the page when something has happened, once a frame at most.
type loop struct {
	tab      *browser.Browser
	app      *ui.App
	renderer *domrender.JSRenderer
	builder  *vugu.BuildEnv
	acted    chan struct{}
}

// listen notices when a handler of a template has run.
func (l *loop) listen() {
	for l.renderer.EventWait() {
		select {
		case l.acted <- struct{}{}:
		default:
		}
	}
	close(l.acted)
}

func (l *loop) run() error {
	for {
		if rebuild, redraw := l.app.Pending(); rebuild || redraw {
			l.tab.Frame()
			l.drain()
			if rebuild, _ := l.app.Pending(); rebuild {
				if err := l.renderer.Render(l.builder.RunBuild(l.app.Root)); err != nil {
					// A page that lacks a part is better than none.
					fmt.Fprintln(os.Stderr, "espalier: render:", err)
				}
			}
			l.app.Rendered()
			continue
		}
		select {
		case f := <-l.tab.Queue():
			f()
			l.drain()
		case _, open := <-l.acted:
			if !open {
				return nil
			}
			l.app.Rebuild()
		}
	}
}

// drain does everything that has come meanwhile.
func (l *loop) drain() {
	for {
		select {
		case f := <-l.tab.Queue():
			f()
		case <-l.acted:
			l.app.Rebuild()
		default:
			return
		}
	}
}
