// Package wasm holds the sources of the SDK for plugins in Go, so that a program
// without a repository beside it can write them into an author's folder.
package wasm

import (
	"embed"
	"io/fs"
	"strings"
)

// The patterns name files, since tests are left out; so is what only a host
// reads, the JSON Schema.
//
//go:embed guest/call.go guest/doc.go guest/export_wasip1.go guest/fault.go guest/log.go guest/log_native.go
//go:embed guest/module.go guest/params.go guest/walk.go
//go:embed spec/cell.go spec/cell_infer.go spec/cell_json.go spec/check.go spec/decision.go spec/decision_json.go
//go:embed spec/doc.go spec/graph.go spec/id.go spec/infer.go spec/limits.go spec/manifest.go spec/marshal.go
//go:embed spec/member.go spec/metrics.go spec/metrics_json.go spec/network.go spec/network_json.go spec/op.go
//go:embed spec/plugin.go spec/plugin_json.go spec/problem.go spec/shape.go spec/suggest.go spec/window.go
//go:embed spec/wire/decoder.go spec/wire/doc.go spec/wire/encoder.go spec/wire/error.go spec/wire/float.go
//go:embed spec/wire/loop.go spec/wire/number.go spec/wire/text.go
var sources embed.FS

// SDK returns the sources of packages guest, spec and wire, each in its folder
// below this one.
func SDK() fs.FS { return sources }

// ABI returns the page of ABI 1, which is the documentation of package guest from
// the heading Module on, as plain text.
func ABI() string {
	text, _ := sources.ReadFile("guest/doc.go") // embedded, and a test reads it
	_, page, _ := strings.Cut(string(text), "// # Module\n")
	page, _, _ = strings.Cut("// # Module\n"+page, "\npackage guest")
	lines := strings.Split(page, "\n")
	for i, line := range lines {
		line = strings.TrimPrefix(strings.TrimPrefix(line, "//"), " ")
		lines[i] = strings.ReplaceAll(line, "\t", "    ")
	}
	return strings.Join(lines, "\n") + "\n"
}
