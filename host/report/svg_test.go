package report

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// goldenFile compares a picture with testdata/name.
func goldenFile(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; run the test with -update", err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run with -update to accept)", file)
	}
}

// count parses a picture as XML and counts its elements; class selects.
func elements(t *testing.T, picture, name, class string) int {
	t.Helper()
	n := 0
	for d := xml.NewDecoder(strings.NewReader(picture)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return n
		}
		if err != nil {
			t.Fatalf("not well formed: %v in\n%s", err, picture)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != name {
			continue
		}
		got := ""
		for _, a := range start.Attr {
			if a.Name.Local == "class" {
				got = a.Value
			}
		}
		if class == "" || got == class {
			n++
		}
	}
}

func TestSVG(t *testing.T) {
	for name, c := range map[string]struct {
		net         *spec.Network
		boxes, arcs int
	}{
		"svg-found.svg":    {found(), 18, 51}, // of its 66 reads, 15 are of the layer above
		"svg-residual.svg": {residual(), 13, 3},
		"svg-nascell.svg":  {language(nasCell()), 0, 0},
	} {
		got := SVG(c.net)
		goldenFile(t, name, got)
		if n := elements(t, got, "rect", ""); c.boxes > 0 && n != c.boxes {
			t.Errorf("%s: %d boxes, want %d", name, n, c.boxes)
		}
		if n := elements(t, got, "path", "skip"); n != c.arcs {
			t.Errorf("%s: %d arcs, want %d", name, n, c.arcs)
		}
		if again := SVG(c.net); again != got {
			t.Errorf("%s: drawn differently the second time", name)
		}
	}
}

// TestSVGCell: each matrix product of the found cell is a box, and so is each
// use of a previous state outside of one.
func TestSVGCell(t *testing.T) {
	cell := nasCell()
	with := elements(t, SVG(language(cell)), "rect", "")
	layers := 5 // input, embedding, its dropout, the recurrent layer, the logits
	sources := 1
	if want := layers - 1 + len(cell.Nodes) + sources + len(cell.States); with != want {
		t.Errorf("%d boxes, want %d", with, want)
	}
}

// TestSVGHostile: names cannot write markup, and what is no network is said.
func TestSVGHostile(t *testing.T) {
	b := newBuilder(image32)
	net := b.classify(b.conv(`<script>"&'`, [2]int{3, 3}, [2]int{1, 1}, 4, spec.InputName))
	if got := SVG(net); strings.Contains(got, "<script") || elements(t, got, "text", "name") != 4 {
		t.Errorf("drawn as\n%s", got)
	}
	net.Output = "nowhere"
	for _, bad := range []*spec.Network{nil, {}, net} {
		if got := SVG(bad); elements(t, got, "rect", "") != 0 || elements(t, got, "text", "faint") != 1 {
			t.Errorf("drawn as\n%s", got)
		}
	}
}

// TestSVGFarDown: what lies far below the top is as exactly in its place.
func TestSVGFarDown(t *testing.T) {
	p := &picture{screen: Screen{Unicode: true}}
	p.text("name", 16, 200_018.5, "last")
	if got := p.body.String(); !strings.Contains(got, `y="200018.5"`) {
		t.Error(got)
	}
}
