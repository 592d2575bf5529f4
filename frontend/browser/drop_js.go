package browser

import "syscall/js"

// OnDrop takes the files that are dropped on the page.
func (b *Browser) OnDrop() {
	window.Call("espalierDrop", js.FuncOf(func(_ js.Value, args []js.Value) any {
		name, file := args[0].String(), args[1]
		then(file.Call("arrayBuffer"), func(buffer js.Value) {
			content := bytesOf(buffer)
			b.post(func() { b.handlers.Dropped(name, content, nil) })
		}, func(err error) {
			b.post(func() { b.handlers.Dropped(name, nil, err) })
		})
		return nil
	}))
}
