package report

import (
	"fmt"
	"slices"
	"strings"
)

// wiring is the picture of which layers read which: one cell a layer.
type wiring struct {
	cells  []cell
	legend string
	lanes  int
}

var laneStyles = []style{cyan, green, yellow, magenta, blue}

func laneStyle(i int) style { return laneStyles[i%len(laneStyles)] }

// matrix draws a wire down from each layer's number to the last layer that
// reads it, with a dot where it is read:
//
//	0
//	● 1
//	│ ● 2
//	● ● ● 3
func (s Screen) matrix(layers []layer) wiring {
	g := s.glyphs()
	last := lastReaders(layers)
	w := wiring{cells: make([]cell, len(layers)), lanes: len(layers)}
	for i, l := range layers {
		for j := range i {
			text, st := " ", plain
			switch {
			case slices.Contains(l.reads, j):
				text, st = g.tap, laneStyle(j)
			case i < last[j]:
				text, st = g.wire, dim
			}
			w.cells[i] = append(w.cells[i], span{text + " ", st})
		}
		if last[i] > 0 {
			w.cells[i] = append(w.cells[i], span{fmt.Sprint(i), laneStyle(i)})
		}
	}
	w.legend = g.tap + " reads the layer whose number tops the column"
	return w
}

// rails draws a trunk from each layer to the next, and beside it an arc for
// each layer that is read further down:
//
//	●
//	●─╮
//	● │
//	●─╯
//
// Of more than most lanes it draws nothing and only counts them.
func (s Screen) rails(layers []layer, most int) wiring {
	g := s.glyphs()
	last := lastReaders(layers)
	lane, lanes := assignLanes(layers, last)
	if lanes > most {
		return wiring{lanes: lanes}
	}
	w := wiring{cells: make([]cell, len(layers)), lanes: lanes}
	lone := false
	for i, l := range layers {
		node := g.node
		if i > 0 && !slices.Contains(l.reads, i-1) {
			node, lone = g.lone, true
		}
		picture := cell{{node, bold}}
		reach := -1 // the rightmost lane that this layer touches
		at := make([]int, lanes)
		for x := range at {
			at[x] = -1 // the layer whose output runs in this lane here
		}
		for j := range i + 1 {
			if x := lane[j]; x >= 0 && i <= last[j] {
				at[x] = j
				if j == i || arrives(l, i, j) {
					reach = max(reach, x)
				}
			}
		}
		for x, j := range at {
			gap := span{" ", plain}
			if x <= reach {
				gap = span{g.horizontal, dim}
			}
			mark, st := s.rail(i, j, arrives(l, i, j), x == reach, last)
			if j < 0 && x < reach {
				mark, st = g.horizontal, dim
			}
			picture = append(picture, gap, span{mark, st})
		}
		w.cells[i] = picture
	}
	if lone {
		w.legend = g.lone + " does not read the line above"
	}
	return w
}

// arrives says that layer i reads layer j by its lane, not by the trunk.
func arrives(l layer, i, j int) bool { return j < i-1 && slices.Contains(l.reads, j) }

// rail is the mark of layer i in the lane of layer j; edge says that nothing
// of i lies further right.
func (s Screen) rail(i, j int, arrives, edge bool, last []int) (string, style) {
	g := s.glyphs()
	pick := func(through, atEdge string) (string, style) {
		if edge {
			return atEdge, laneStyle(j)
		}
		return through, laneStyle(j)
	}
	switch {
	case j < 0:
		return " ", plain
	case i == j:
		return pick(g.startThrough, g.start)
	case !arrives:
		return g.wire, laneStyle(j)
	case i == last[j]:
		return pick(g.endThrough, g.endLast)
	}
	return pick(g.tapThrough, g.tapLast)
}

// lastReaders is, for each layer, the last one that reads it, 0 if none does.
func lastReaders(layers []layer) []int {
	last := make([]int, len(layers))
	for i, l := range layers {
		for _, j := range l.reads {
			last[j] = max(last[j], i)
		}
	}
	return last
}

// assignLanes gives each layer that is read beyond the next line the first
// lane that is free from its line on; -1 to the others.
func assignLanes(layers []layer, last []int) (lane []int, lanes int) {
	lane = make([]int, len(layers))
	var busy []int // the line up to which each lane is taken
	for j := range layers {
		lane[j] = -1
		if last[j] < j+2 {
			continue
		}
		x := slices.IndexFunc(busy, func(until int) bool { return until < j })
		if x < 0 {
			x = len(busy)
			busy = append(busy, 0)
		}
		busy[x], lane[j] = last[j], x
	}
	return lane, len(busy)
}

// list names the layers that each layer reads by number: 1 3–9.
func (s Screen) list(layers []layer) wiring {
	w := wiring{cells: make([]cell, len(layers))}
	for i, l := range layers {
		var parts []string
		for from := 0; from < len(l.reads); {
			to := from
			for to+1 < len(l.reads) && l.reads[to+1] == l.reads[to]+1 {
				to++
			}
			switch to - from {
			case 0:
				parts = append(parts, fmt.Sprint(l.reads[from]))
			case 1:
				parts = append(parts, fmt.Sprint(l.reads[from]), fmt.Sprint(l.reads[to]))
			default:
				parts = append(parts, fmt.Sprint(l.reads[from])+s.glyphs().dash+fmt.Sprint(l.reads[to]))
			}
			from = to + 1
		}
		w.cells[i] = textCell(strings.Join(parts, " "))
	}
	return w
}
