package browser

import (
	"syscall/js"
	"time"
)

var (
	window   = js.Global()
	document = window.Get("document")
)

// Browser is the tab that the page runs in. Callbacks are put on a queue, from
// which the goroutine that owns the page takes them.
type Browser struct {
	queue    chan func()
	hosts    map[string]*host
	handlers Handlers
	address  *string // that is to replace the present one
	settling func()  // cancels the wait for that
}

// Handlers hear what a user does with the parts of the page that are drawn past
// the templates.
type Handlers struct {
	// Pointer is called with where the pointer is over a picture, in the
	// picture's pixels: "move", "press" or "leave".
	Pointer func(id, what string, x, y float64)
	// Step is called with the keys that are pressed on a picture.
	Step func(id, key string)
	// Window is called with the rows of a list that can be seen, Row with the
	// key of the row that was activated, Hover with that of the row under the
	// pointer, "" for none.
	Window func(id string, first, count int)
	Row    func(id, key string)
	Hover  func(id, key string)
	// Resized is called when the size of a picture's element has changed.
	Resized func(id string)
	// Dropped is called with each file that is dropped on the page.
	Dropped func(name string, content []byte, err error)
}

// New takes the tab over.
func New(handlers Handlers) *Browser {
	return &Browser{queue: make(chan func(), 1024), hosts: map[string]*host{}, handlers: handlers}
}

// Queue is where callbacks come from.
func (b *Browser) Queue() <-chan func() { return b.queue }

// post hands f to the goroutine that owns the page. It never blocks a JavaScript
// callback: if the queue is full, it waits in a goroutine.
func (b *Browser) post(f func()) {
	select {
	case b.queue <- f:
	default:
		go func() { b.queue <- f }()
	}
}

// on calls f, on the queue, with each event of a kind.
func (b *Browser) on(target js.Value, kind string, f func(event js.Value)) {
	target.Call("addEventListener", kind, js.FuncOf(func(_ js.Value, args []js.Value) any {
		event := args[0]
		b.post(func() { f(event) })
		return nil
	}))
}

// Now is the browser's clock.
func (b *Browser) Now() time.Time { return time.Now() }

// After calls f once d has passed.
func (b *Browser) After(d time.Duration, f func()) (cancel func()) {
	cancelled := false
	t := time.AfterFunc(d, func() {
		b.post(func() {
			if !cancelled {
				f()
			}
		})
	})
	return func() {
		cancelled = true
		t.Stop()
	}
}

// Frame waits until the browser is about to draw.
func (b *Browser) Frame() {
	drawn := make(chan struct{})
	var f js.Func
	f = js.FuncOf(func(js.Value, []js.Value) any {
		f.Release()
		close(drawn)
		return nil
	})
	asked := window.Call("requestAnimationFrame", f)
	// A page that cannot be seen is not drawn, and must still go on.
	select {
	case <-drawn:
	case <-time.After(time.Second):
		window.Call("cancelAnimationFrame", asked)
		f.Release()
	}
}

func element(id string) (js.Value, bool) {
	e := document.Call("getElementById", id)
	return e, e.Truthy()
}
