package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// Difference is in what two networks differ: as two figures, in which the layers
// and the nodes of cells that differ have the class "changed", and those that
// the other network lacks the class "lone"; and as a list.
type Difference struct {
	A, B    string
	Changes []Change
}

// Change is a layer, or a node of a cell, that is not the same in both networks.
// A or B is empty where that network has none such.
type Change struct {
	Name string // as in A, or in B where A has none such
	A, B string
}

// Differ compares two networks. Layers are paired in their order, so that as
// many as possible are the same or at least have the same name. A network that
// is not legal is drawn as Figure draws it, and nothing is compared.
func Differ(a, b *spec.Network) Difference {
	pa, pb := parts(a), parts(b)
	if pa == nil || pb == nil {
		return Difference{A: Figure(a), B: Figure(b)}
	}
	inA, inB := map[string]string{}, map[string]string{}
	var d Difference
	for _, pair := range align(pa, pb) {
		switch {
		case pair.b == nil:
			inA[pair.a.key] = "lone"
			d.Changes = append(d.Changes, Change{Name: pair.a.name, A: pair.a.text})
		case pair.a == nil:
			inB[pair.b.key] = "lone"
			d.Changes = append(d.Changes, Change{Name: pair.b.name, B: pair.b.text})
		case pair.a.text != pair.b.text:
			inA[pair.a.key], inB[pair.b.key] = "changed", "changed"
			d.Changes = append(d.Changes, Change{Name: pair.a.name, A: pair.a.text, B: pair.b.text})
		}
	}
	d.A, d.B = svg(a, "", inA), svg(b, "", inB)
	return d
}

// part is a layer or a node of a cell, as it is compared.
type part struct {
	key  string // unique in the network; see layerKey and twigKey
	name string
	text string // what it does, and what it reads
}

func layerKey(name string) string       { return "layer " + name }
func twigKey(cell int, n string) string { return fmt.Sprintf("cell %d %s", cell, n) }

// parts are those of a legal network, nil of another.
func parts(net *spec.Network) []part {
	if net == nil {
		return nil
	}
	plan, err := net.Infer()
	if err != nil {
		return nil
	}
	s := Screen{Unicode: true}
	d := drawing{screen: s, layers: s.layers(net, plan)}
	d.describe()
	var list []part
	for i, l := range d.layers {
		var reads []string
		for _, j := range l.reads {
			reads = append(reads, d.layers[j].name)
		}
		text := layerText(d, i)
		if len(reads) > 0 {
			text += "; reads " + strings.Join(reads, ", ")
		}
		list = append(list, part{key: layerKey(l.name), name: l.name, text: text})
	}
	for i, u := range cellUses(net, plan) {
		for j := range u.cell.Nodes {
			n := &u.cell.Nodes[j]
			text := string(n.Op)
			if n.Op == spec.CellAct {
				text = string(n.Func)
			}
			list = append(list, part{key: twigKey(i, n.Name), name: s.clean(n.Name), text: s.clean(text + " of " + strings.Join(n.Inputs, ", "))})
		}
	}
	return list
}

// pair is a part of both networks, or of one.
type pair struct{ a, b *part }

// align pairs the parts of two networks in their order, with the most sameness:
// 3 for a pair that is the same in all, 2 for the same text, 1 for the same
// name, 0 for a pair that is not made.
func align(a, b []part) []pair {
	// What is the same at both ends is paired first: most of two networks of one
	// study is, and the table below takes memory in proportion to both lengths.
	var pairs, last []pair
	for len(a) > 0 && len(b) > 0 && sameness(a[0], b[0]) == 3 {
		pairs = append(pairs, pair{&a[0], &b[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && sameness(a[len(a)-1], b[len(b)-1]) == 3 {
		last = append(last, pair{&a[len(a)-1], &b[len(b)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	slices.Reverse(last)
	return slices.Concat(pairs, alignRest(a, b), last)
}

// alignRest is align, whatever the ends are.
func alignRest(a, b []part) []pair {
	most := make([][]int, len(a)+1) // sameness of a[i:] and b[j:]
	for i := range most {
		most[i] = make([]int, len(b)+1)
	}
	for i, p := range slices.Backward(a) {
		for j, q := range slices.Backward(b) {
			most[i][j] = max(most[i+1][j], most[i][j+1])
			if s := sameness(p, q); s > 0 {
				most[i][j] = max(most[i][j], most[i+1][j+1]+s)
			}
		}
	}
	var pairs []pair
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		s := sameness(a[i], b[j])
		switch {
		case s > 0 && most[i][j] == most[i+1][j+1]+s:
			pairs = append(pairs, pair{&a[i], &b[j]})
			i, j = i+1, j+1
		case most[i][j] == most[i+1][j]:
			pairs = append(pairs, pair{a: &a[i]})
			i++
		default:
			pairs = append(pairs, pair{b: &b[j]})
			j++
		}
	}
	for ; i < len(a); i++ {
		pairs = append(pairs, pair{a: &a[i]})
	}
	for ; j < len(b); j++ {
		pairs = append(pairs, pair{b: &b[j]})
	}
	return pairs
}

func sameness(a, b part) int {
	s := 0
	if a.text == b.text {
		s = 2
	}
	if a.name == b.name {
		s++
	}
	return s
}
