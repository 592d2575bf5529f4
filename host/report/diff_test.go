package report

import (
	"math/rand/v2"
	"runtime"
	"strconv"
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

// TestAlignEnds: that the same ends are paired first costs no sameness, and lets
// two long networks that differ in one layer be compared without a large table.
func TestAlignEnds(t *testing.T) {
	total := func(pairs []pair) (sum, parts int) {
		for _, p := range pairs {
			if p.a != nil && p.b != nil {
				sum, parts = sum+sameness(*p.a, *p.b), parts+1
			}
			parts++
		}
		return sum, parts
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		lists := make([][]part, 2)
		for i := range lists {
			for range r.IntN(9) {
				lists[i] = append(lists[i], part{name: strconv.Itoa(r.IntN(3)), text: strconv.Itoa(r.IntN(2))})
			}
		}
		sum, parts := total(align(lists[0], lists[1]))
		if want, _ := total(alignRest(lists[0], lists[1])); sum != want || parts != len(lists[0])+len(lists[1]) {
			t.Fatalf("%v: sameness %d of %d parts, want %d of %d", lists, sum, parts, want, len(lists[0])+len(lists[1]))
		}
	}
	long := make([]part, spec.MaxNodes)
	for i := range long {
		long[i].name = strconv.Itoa(i)
	}
	other := append([]part(nil), long...)
	other[2000].text = "another"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sum, _ := total(align(long, other))
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; sum != 3*len(long)-2 || took > 4<<20 {
		t.Errorf("sameness %d, %d bytes were taken", sum, took)
	}
}
