package report

import (
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// filtered is a network of convolutions with the given numbers of filters, by name.
func filtered(filters map[string]int, names ...string) *spec.Network {
	b := newBuilder(image32)
	last := spec.InputName
	for _, name := range names {
		last = b.conv(name, [2]int{3, 3}, [2]int{1, 1}, filters[name], last)
	}
	return b.classify(last)
}

func TestDiffer(t *testing.T) {
	a := filtered(map[string]int{"one": 8, "two": 16, "three": 8}, "one", "two", "three")
	b := filtered(map[string]int{"one": 8, "two": 24, "four": 8}, "one", "two", "four")
	d := Differ(a, b)
	var names []string
	for _, c := range d.Changes {
		names = append(names, c.Name)
		if c.A == c.B {
			t.Errorf("%s is called a change, and is %q in both", c.Name, c.A)
		}
	}
	if got := strings.Join(names, " "); !strings.HasPrefix(got, "two ") || !strings.Contains(got, "three") || !strings.Contains(got, "four") || strings.Contains(got, "one") {
		t.Errorf("changes: %s", got)
	}
	if n := elements(t, d.A, "rect", "changed"); n < 1 || elements(t, d.A, "rect", "lone") != 1 || elements(t, d.B, "rect", "lone") != 1 {
		t.Errorf("%d boxes of A are changed, and in\n%s\n%s", n, d.A, d.B)
	}
	same := Differ(a, a)
	if len(same.Changes) != 0 || same.A != Figure(a) || same.B != same.A {
		t.Errorf("a network differs from itself in %+v", same.Changes)
	}
}

// TestDifferCells: two cells are compared node by node.
func TestDifferCells(t *testing.T) {
	a, b := language(lstmCell()), language(lstmCell())
	changed := ""
	for i := range b.Nodes {
		if c := b.Nodes[i].Cell; c != nil {
			for j := range c.Nodes {
				if c.Nodes[j].Op == spec.CellAct && changed == "" {
					changed, c.Nodes[j].Func = c.Nodes[j].Name, spec.FuncReLU
				}
			}
		}
	}
	d := Differ(a, b)
	if len(d.Changes) != 1 || d.Changes[0].Name != changed || !strings.Contains(d.Changes[0].B, "relu") {
		t.Errorf("changes %+v, want one of %s", d.Changes, changed)
	}
	if n := elements(t, d.A, "rect", "changed"); n != 1 {
		t.Errorf("%d boxes are marked", n)
	}
}

// TestDifferIllegal: what cannot be drawn is not compared.
func TestDifferIllegal(t *testing.T) {
	a := filtered(map[string]int{"one": 8}, "one")
	for _, bad := range []*spec.Network{nil, {}} {
		if d := Differ(a, bad); len(d.Changes) != 0 || d.A != Figure(a) || d.B != Figure(bad) {
			t.Errorf("changes %+v", d.Changes)
		}
	}
}
