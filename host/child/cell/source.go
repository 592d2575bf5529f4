package cell

import "github.com/espalier-nas/espalier/kernels"

// source is a vector that linear nodes read, with their weights.
type source struct {
	isX   bool
	rows  int     // width of the vector
	stage int     // in which its products are done; those of x come before
	parts []slice // of the vector, into which its gradient is divided: x is one, others are the slices
	runs  []run
}

// run is a range of slots that read a source.
type run struct {
	first, slots int
	weights      []int // of each slot, an index of the parameters

	// forward has the weights (rows, slots x units) of each slice; backward has the same transposed, of each slice and
	// each part of the source.
	forward  []*kernels.Packed
	backward [][]*kernels.Packed
}

// gather lists the sources of a graph and their runs.
func gather(g *graph, o Options, slices []slice) []source {
	all := make([]source, len(g.sources))
	for i, v := range g.sources {
		s := source{isX: g.values[v].op == fromX, rows: o.Units, parts: slices}
		switch {
		case s.isX:
			s.rows, s.parts = o.In, []slice{{0, o.In}}
		case g.values[v].elementwise():
			s.stage = g.values[v].stage + 1
		}
		end := -1 // of the last run
		for j := range g.slots {
			lin := g.slots[j].reads(i)
			if lin == nil {
				continue
			}
			if j != end {
				s.runs = append(s.runs, run{first: j})
			}
			r := &s.runs[len(s.runs)-1]
			r.slots++
			r.weights = append(r.weights, lin.weight)
			end = j + 1
		}
		all[i] = s
	}
	return all
}
