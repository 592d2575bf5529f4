package house

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/espalier-nas/espalier"

// portable are the host packages that also run in a browser tab.
var portable = []string{
	"host/data", "host/child", "host/child/cell", "host/controller", "host/strategy", "host/search", "host/event",
	"host/conformance", "host/report", "host/policy",
}

// wrappers names, for each third-party module, the only folders that may
// import it. Tests may use what is listed under testOnly anywhere.
var wrappers = map[string][]string{
	"github.com/klauspost/cpuid/v2":     {"kernels"},
	"github.com/tetratelabs/wazero":     {"wasm/sandbox"},
	"gonum.org/v1/gonum":                {"host/report"},
	"github.com/gofrs/flock":            {"host/journal"},
	"github.com/spf13/cobra":            {"host/cmd/espalier"},
	"github.com/spf13/pflag":            {"host/cmd/espalier"},
	"github.com/schollz/progressbar/v3": {"host/terminal"},
	"github.com/mattn/go-isatty":        {"host/terminal"},
	"golang.org/x/term":                 {"host/terminal"},
	"github.com/gorilla/websocket":      {"host/server"},
	"github.com/klauspost/compress":     {"host/server"},
	"github.com/andybalholm/brotli":     {"host/server/page"},
	"github.com/vugu/vugu":              {"frontend", "frontend/ui"},
	"github.com/vugu/vjson":             {"frontend/ui"},
	"github.com/rogpeppe/go-internal":   nil,
	"github.com/chromedp/chromedp":      nil,
	"github.com/chromedp/cdproto":       nil,
	"github.com/mmcloughlin/avo":        nil,
}

var testOnly = []string{
	"github.com/rogpeppe/go-internal", "github.com/tetratelabs/wazero", "gonum.org/v1/gonum", "github.com/gorilla/websocket",
	"github.com/chromedp/chromedp", "github.com/chromedp/cdproto",
}

// modules are the folders that are modules of their own, so that what they
// import burdens nobody who uses the project: the generator of assembly, and the
// comparison of matrix products with other libraries, which takes cgo.
var modules = []string{"kernels/bench", "kernels/gen"}

// source is one parsed Go file.
type source struct {
	dir     string // slash-separated, relative to the root
	name    string
	test    bool
	imports []string
}

// sources parses the imports of every Go file of the main module, whatever its
// build constraints.
func sources(t *testing.T) []source {
	t.Helper()
	root := root(t)
	var all []source
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, file)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			hidden := strings.HasPrefix(d.Name(), ".") && rel != "."
			if hidden || d.Name() == "testdata" || d.Name() == "node_modules" || slices.Contains(modules, rel) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		s := source{dir: path.Dir(rel), name: path.Base(rel), test: strings.HasSuffix(rel, "_test.go")}
		for _, spec := range parsed.Imports {
			p, _ := strconv.Unquote(spec.Path.Value)
			s.imports = append(s.imports, p)
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d Go files found under %s: the walk is broken", len(all), root)
	}
	return all
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFloors(t *testing.T) {
	for _, s := range sources(t) {
		for _, imp := range s.imports {
			if why := forbidden(s, imp); why != "" {
				t.Errorf("%s/%s imports %s: %s", s.dir, s.name, imp, why)
			}
		}
	}
}

// forbidden says why the file s may not import imp, or "".
func forbidden(s source, imp string) string {
	if local, ok := strings.CutPrefix(imp, module+"/"); ok {
		return forbiddenLocal(s, local)
	}
	if first, _, _ := strings.Cut(imp, "/"); !strings.Contains(first, ".") {
		return forbiddenStd(s, imp)
	}
	for mod, dirs := range wrappers {
		if !within(imp, mod) {
			continue
		}
		if s.test && slices.Contains(testOnly, mod) || anyWithin(s.dir, dirs) {
			return ""
		}
		return "it is wrapped by " + strings.Join(dirs, ", ")
	}
	return "it is not among the project's dependencies"
}

func forbiddenStd(s source, imp string) string {
	switch {
	case imp == "syscall/js" && !strings.HasSuffix(s.name, "_js.go") && floor(s.dir) != "frontend":
		return "syscall/js belongs into *_js.go files"
	case imp == "C":
		return "the project is built without cgo"
	case !s.test && slices.Contains(portable, s.dir) && slices.Contains([]string{"os/exec", "net", "net/http", "syscall"}, imp):
		return "the package also runs in a browser tab"
	case !s.test && floor(s.dir) == "frontend" && slices.Contains([]string{"net/http", "crypto/tls", "regexp", "text/template", "html/template"}, imp):
		return "it would make the page half a megabyte larger"
	case !s.test && within(s.dir, "wasm/spec") && slices.Contains([]string{"fmt", "encoding/json", "reflect"}, imp):
		return "it would make every guest larger than 2 MB"
	case !s.test && s.dir == "wasm/guest" && slices.Contains([]string{"fmt", "encoding/json", "reflect"}, imp):
		return "it would make every guest larger than 2 MB"
	}
	return ""
}

func forbiddenLocal(s source, local string) string {
	from, to := floor(s.dir), floor(local)
	switch {
	case s.test && to != "frontend":
		return "" // tests may hold one floor against another
	case from == "kernels" && to != "kernels":
		return "kernels is the ground floor"
	case from == "wasm" && to != "wasm":
		return "wasm stands on nothing of the project"
	case from == "plugins":
		return forbiddenPlugin(s.dir, local)
	case from == "host" && to == "plugins" && !((local == "plugins/bundled" || local == "plugins/templates") && within(s.dir, "host/cmd")):
		return "only a command may know the bundled plugins and the templates; everything else meets plugins through the sandbox"
	case from == "host" && to == "frontend":
		return "the page stands on the host"
	case slices.Contains(portable, s.dir) && to == "host" && !slices.Contains(portable, local):
		return "a portable package cannot stand on a native one"
	case from == "frontend" && to == "host" && !slices.Contains(portable, local):
		return "the page may use the portable host packages only"
	}
	return ""
}

// forbiddenPlugin: a plugin knows the vocabulary, the SDK and itself.
func forbiddenPlugin(dir, local string) string {
	own := strings.Join(strings.Split(dir, "/")[:2], "/")
	if within(local, "wasm/spec") || local == "wasm/guest" || within(local, own) {
		return ""
	}
	if dir == "plugins/templates" && local == "wasm" {
		return "" // the sources of the SDK, which a new plugin in Go takes with it
	}
	return "a plugin may import wasm/spec and wasm/guest only, never another plugin or the host"
}

func floor(dir string) string {
	first, _, _ := strings.Cut(dir, "/")
	return first
}

func within(p, prefix string) bool { return p == prefix || strings.HasPrefix(p, prefix+"/") }

func anyWithin(p string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return within(p, prefix) })
}

// TestFloorsRefuse feeds the rules one breach of each kind, so that a rule
// that has gone blind is noticed.
func TestFloorsRefuse(t *testing.T) {
	breaches := []struct{ dir, file, imp string }{
		{"kernels", "gemm.go", module + "/wasm/spec"},
		{"wasm/sandbox", "call.go", module + "/host/data"},
		{"wasm/spec", "network.go", "encoding/json"},
		{"wasm/guest", "call.go", "fmt"},
		{"wasm/guest", "call.go", "github.com/tetratelabs/wazero"},
		{"plugins/cnn", "space.go", module + "/plugins/rewards"},
		{"plugins/cnn/guest", "main.go", module + "/host/data"},
		{"host/search", "runner.go", module + "/host/journal"},
		{"host/search", "runner.go", "os/exec"},
		{"host/search", "runner.go", module + "/plugins/cnn"},
		{"host/report", "draw.go", module + "/plugins/bundled"},
		{"host/report", "draw.go", "github.com/spf13/cobra"},
		{"host/data", "cifar.go", "syscall/js"},
		{"host/data", "cifar.go", "C"},
		{"host/data", "cifar.go", "github.com/stranger/thing"},
		{"frontend/ui", "page.go", module + "/host/journal"},
	}
	for _, b := range breaches {
		if forbidden(source{dir: b.dir, name: b.file}, b.imp) == "" {
			t.Errorf("%s/%s may import %s", b.dir, b.file, b.imp)
		}
	}
}
