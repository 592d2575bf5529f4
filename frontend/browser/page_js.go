package browser

import (
	"syscall/js"
	"time"
)

// Address is the part of the page's address after '#'.
func (b *Browser) Address() string {
	hash := window.Get("location").Get("hash").String()
	if hash == "" {
		return ""
	}
	return hash[1:]
}

// Navigate replaces that part. Where it only changes it waits a little for what
// else may change: browsers refuse more than a hundred changes in half a minute,
// and a slider makes sixty in a second.
func (b *Browser) Navigate(address string, push bool) {
	if push {
		b.settle()
		b.visit("pushState", address)
		return
	}
	b.address = &address
	if b.settling == nil {
		b.settling = b.After(changeTime, b.settle)
	}
}

// changeTime is the least time between two changes of the address.
const changeTime = 400 * time.Millisecond

// settle makes the change of the address that waits, if one does.
func (b *Browser) settle() {
	if b.settling != nil {
		b.settling()
		b.settling = nil
	}
	if b.address != nil {
		b.visit("replaceState", *b.address)
		b.address = nil
	}
}

// visit changes the address by a function of the history. A browser may refuse
// it; then the page goes on without.
func (b *Browser) visit(verb, address string) {
	defer func() { _ = recover() }()
	window.Get("history").Call(verb, js.Null(), "", "#"+address)
}

// OnAddress calls f when the user goes to another address of the page.
func (b *Browser) OnAddress(f func(address string)) {
	b.on(window, "popstate", func(js.Value) {
		b.address = nil // of the page that was left
		b.settle()
		f(b.Address())
	})
}

// OnKey calls f with the keys that are pressed where they mean nothing else: not
// in a field, and not the space bar on a button. With a key that f takes the
// browser does nothing. It has to know at once, so f is called from the browser's
// own callback: while the goroutine that owns the page waits, and before anything
// else can run.
func (b *Browser) OnKey(f func(key string, shift bool) (taken bool)) {
	document.Call("addEventListener", "keydown", js.FuncOf(func(_ js.Value, args []js.Value) any {
		e := args[0]
		if e.Get("ctrlKey").Bool() || e.Get("metaKey").Bool() || e.Get("altKey").Bool() || e.Get("defaultPrevented").Bool() {
			return nil
		}
		key, tag := e.Get("key").String(), e.Get("target").Get("tagName").String()
		field := tag == "INPUT" || tag == "TEXTAREA" || tag == "SELECT"
		if (key == "Escape" || !field && (key != " " || tag != "BUTTON" && tag != "A")) && f(key, e.Get("shiftKey").Bool()) {
			e.Call("preventDefault")
			b.post(func() {}) // wakes the goroutine, which draws what has changed
		}
		return nil
	}))
}

// Recall reads a setting of this browser; "" without one.
func (b *Browser) Recall(key string) (value string) {
	defer func() { _ = recover() }() // a browser may refuse to keep anything
	v := window.Get("localStorage").Call("getItem", "espalier."+key)
	if v.Type() != js.TypeString {
		return ""
	}
	return v.String()
}

// Remember keeps a setting.
func (b *Browser) Remember(key, value string) {
	defer func() { _ = recover() }()
	window.Get("localStorage").Call("setItem", "espalier."+key, value)
}

// Theme makes the page light or dark, or as the system has it for "".
func (b *Browser) Theme(name string) {
	root := document.Get("documentElement")
	if name == "" {
		root.Call("removeAttribute", "data-theme")
		return
	}
	root.Call("setAttribute", "data-theme", name)
}

// OnScheme calls f when the system turns light or dark.
func (b *Browser) OnScheme(f func()) {
	b.on(window.Call("matchMedia", "(prefers-color-scheme: dark)"), "change", func(js.Value) { f() })
}

// Title names the tab.
func (b *Browser) Title(text string) { document.Set("title", text) }

// Announce has a screen reader say text when it has time.
func (b *Browser) Announce(text string) { b.Text("announce", text) }

// Focus moves the keyboard's focus. The main part of the page, which is taller
// than the window, is then shown from its beginning.
func (b *Browser) Focus(id string) {
	e, ok := element(id)
	if !ok {
		return
	}
	e.Call("focus")
	if id == mainID {
		window.Call("scrollTo", map[string]any{"top": 0, "behavior": "instant"})
	}
}

const mainID = "main"

// Save offers the user a file.
func (b *Browser) Save(name, mime string, content []byte) {
	blob := window.Get("Blob").New([]any{arrayOf(content)}, map[string]any{"type": mime})
	url := window.Get("URL").Call("createObjectURL", blob)
	link := document.Call("createElement", "a")
	link.Set("href", url)
	link.Set("download", name)
	document.Get("body").Call("append", link)
	link.Call("click")
	link.Call("remove")
	window.Get("URL").Call("revokeObjectURL", url)
}

// SaveImage offers the picture that was drawn over an element as PNG.
func (b *Browser) SaveImage(id, name string) {
	h, ok := b.hosts[id]
	if !ok || !h.value.Get("espalierCanvas").Truthy() {
		return
	}
	window.Call("espalierSave", h.value, name)
}
