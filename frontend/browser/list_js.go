package browser

import (
	"syscall/js"

	"github.com/espalier-nas/espalier/frontend/ui"
)

// Rows fills the list in an element.
func (b *Browser) Rows(id string, rows ui.Rows) {
	h, ok := b.host(id, func(h *host) {
		h.value.Set("espalierWindow", h.function(func(args []js.Value) {
			first, count := args[0].Int(), args[1].Int()
			b.post(func() { b.handlers.Window(id, first, count) })
		}))
		h.value.Set("espalierActivate", h.function(func(args []js.Value) {
			key := args[0].String()
			b.post(func() { b.handlers.Row(id, key) })
		}))
		h.value.Set("espalierHover", h.function(func(args []js.Value) {
			key := args[0].String()
			b.post(func() { b.handlers.Hover(id, key) })
		}))
	})
	if !ok {
		return
	}
	var cells []any
	classes, keys := make([]any, len(rows.Keys)), make([]any, len(rows.Keys))
	for i, row := range rows.Cells {
		for _, text := range row {
			cells = append(cells, text)
		}
		classes[i], keys[i] = rows.Class[i], rows.Keys[i]
	}
	titles, numeric := make([]any, rows.Columns), make([]any, rows.Columns)
	for i := range titles {
		titles[i], numeric[i] = rows.Titles[i], rows.Numeric[i]
	}
	window.Call("espalierList", h.value, rows.Total, rows.First, titles, numeric, cells, classes, keys)
}
