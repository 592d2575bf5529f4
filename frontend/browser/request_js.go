package browser

import (
	"errors"
	"syscall/js"

	"github.com/espalier-nas/espalier/frontend/client"
)

// Get fetches an address.
func (b *Browser) Get(address string, done func(client.Answer)) { b.fetch(address, nil, done) }

// Post sends a JSON body.
func (b *Browser) Post(address string, body []byte, done func(client.Answer)) {
	b.fetch(address, map[string]any{
		"method":  "POST",
		"headers": map[string]any{"Content-Type": "application/json"},
		"body":    string(body),
	}, done)
}

func (b *Browser) fetch(address string, options map[string]any, done func(client.Answer)) {
	if options == nil {
		options = map[string]any{}
	}
	options["credentials"] = "same-origin"
	var answer client.Answer
	promise := window.Call("fetch", address, js.ValueOf(options))
	then(promise, func(response js.Value) {
		answer.Status = response.Get("status").Int()
		then(response.Call("arrayBuffer"), func(buffer js.Value) {
			answer.Body = bytesOf(buffer)
			b.post(func() { done(answer) })
		}, func(err error) {
			answer.Err = err
			b.post(func() { done(answer) })
		})
	}, func(err error) {
		answer.Err = err
		b.post(func() { done(answer) })
	})
}

// then calls one of the two once a promise is settled.
func then(promise js.Value, ok func(js.Value), failed func(error)) {
	var yes, no js.Func
	release := func() {
		yes.Release()
		no.Release()
	}
	yes = js.FuncOf(func(_ js.Value, args []js.Value) any {
		release()
		ok(args[0])
		return nil
	})
	no = js.FuncOf(func(_ js.Value, args []js.Value) any {
		release()
		failed(errors.New(window.Call("String", args[0]).String()))
		return nil
	})
	promise.Call("then", yes, no)
}

// bytesOf copies an ArrayBuffer.
func bytesOf(buffer js.Value) []byte {
	view := window.Get("Uint8Array").New(buffer)
	b := make([]byte, view.Length())
	js.CopyBytesToGo(b, view)
	return b
}

func arrayOf(b []byte) js.Value {
	view := window.Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(view, b)
	return view
}

// socket is an open websocket.
type socket struct {
	value  js.Value
	closed bool
}

// Dial opens a websocket.
func (b *Browser) Dial(address string, l client.Listener) client.Conn {
	at := window.Get("URL").New(address, window.Get("location").Get("href"))
	scheme := "ws:"
	if at.Get("protocol").String() == "https:" {
		scheme = "wss:"
	}
	at.Set("protocol", scheme)
	s := &socket{value: window.Get("WebSocket").New(at.Get("href"))}
	var message, closed js.Func
	message = js.FuncOf(func(_ js.Value, args []js.Value) any {
		text := []byte(args[0].Get("data").String())
		b.post(func() {
			if !s.closed {
				l.Message(text)
			}
		})
		return nil
	})
	closed = js.FuncOf(func(_ js.Value, args []js.Value) any {
		message.Release()
		closed.Release()
		reason := args[0].Get("reason").String()
		b.post(func() {
			if !s.closed {
				s.closed = true
				l.Closed(reason)
			}
		})
		return nil
	})
	s.value.Set("onmessage", message)
	s.value.Set("onclose", closed)
	return s
}

// Close ends the connection. Its listener hears nothing more.
func (s *socket) Close() {
	if !s.closed {
		s.closed = true
		s.value.Call("close", 1000)
	}
}
