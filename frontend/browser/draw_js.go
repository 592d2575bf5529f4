package browser

import (
	"syscall/js"
	"unsafe"

	"github.com/espalier-nas/espalier/frontend/chart"
)

// host is an element that something is drawn over, past the templates.
type host struct {
	value js.Value
	funcs []js.Func // its handlers
}

// host finds an element, and notices when another has come in its place. ready
// is called with each new one.
func (b *Browser) host(id string, ready func(h *host)) (*host, bool) {
	e, ok := element(id)
	h, known := b.hosts[id]
	if known && ok && h.value.Equal(e) {
		return h, true
	}
	if known {
		for _, f := range h.funcs {
			f.Release()
		}
		delete(b.hosts, id)
	}
	if !ok {
		return nil, false
	}
	h = &host{value: e}
	b.hosts[id] = h
	if ready != nil {
		ready(h)
	}
	return h, true
}

// function makes a function that JavaScript can call while the host exists.
func (h *host) function(f func(args []js.Value)) js.Func {
	made := js.FuncOf(func(_ js.Value, args []js.Value) any {
		f(args)
		return nil
	})
	h.funcs = append(h.funcs, made)
	return made
}

// Size is how large an element is.
func (b *Browser) Size(id string) (width, height float64) {
	e, ok := element(id)
	if !ok {
		return 0, 0
	}
	return e.Get("clientWidth").Float(), e.Get("clientHeight").Float()
}

// Text sets the text of an element, if it is another one.
func (b *Browser) Text(id, text string) {
	if e, ok := element(id); ok && e.Get("textContent").String() != text {
		e.Set("textContent", text)
	}
}

// Value sets the value of a field, unless it has the focus.
func (b *Browser) Value(id, value string) {
	if e, ok := element(id); ok && !e.Equal(document.Get("activeElement")) {
		e.Set("value", value)
	}
}

// Markup replaces the content of an element.
func (b *Browser) Markup(id, markup string) {
	h, ok := b.host(id, nil)
	if !ok || h.value.Get("espalierMarkup").Truthy() && h.value.Get("espalierMarkup").String() == markup && h.value.Get("firstChild").Truthy() {
		return
	}
	h.value.Set("innerHTML", markup)
	h.value.Set("espalierMarkup", markup)
}

// Draw paints a picture over an element.
func (b *Browser) Draw(id string, p *chart.Picture) {
	h, ok := b.host(id, func(h *host) { b.watch(id, h) })
	if !ok {
		return
	}
	numbers, texts := chart.Commands(p)
	list := make([]any, len(texts))
	for i, text := range texts {
		list[i] = text
	}
	window.Call("espalierPaint", h.value, p.Width, p.Height, p.Title, floats(numbers), list)
}

// watch hears what is done with a picture.
func (b *Browser) watch(id string, h *host) {
	window.Call("espalierWatch", h.value,
		h.function(func(args []js.Value) {
			what, x, y := args[0].String(), args[1].Float(), args[2].Float()
			b.post(func() { b.handlers.Pointer(id, what, x, y) })
		}),
		h.function(func(args []js.Value) {
			key := args[0].String()
			b.post(func() { b.handlers.Step(id, key) })
		}),
		h.function(func([]js.Value) { b.post(func() { b.handlers.Resized(id) }) }))
}

// floats copies numbers into a Float64Array.
func floats(numbers []float64) js.Value {
	if len(numbers) == 0 {
		return window.Get("Float64Array").New(0)
	}
	raw := arrayOf(unsafe.Slice((*byte)(unsafe.Pointer(&numbers[0])), 8*len(numbers)))
	return window.Get("Float64Array").New(raw.Get("buffer"))
}
