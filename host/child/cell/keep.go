package cell

import "slices"

// keeping decides which values of a step stay in memory, and where.
type keeping struct {
	*graph
	homes  [][]place // of each value that is stored: the first is read, the others are copies; empty: it passes
	needed []bool    // values that backward reads or computes again; of slots, the pre-activations
	kept   int       // places (N, U) for values beside slots and states
}

// keep places the values that are a state's next one or y, that a product or a later stage reads, or that backward needs
// and cannot cheaply compute again.
func keep(g *graph, inference bool) *keeping {
	k := &keeping{graph: g, homes: make([][]place, len(g.values)), needed: make([]bool, len(g.values))}
	saved := make([]bool, len(g.values))
	for v := range g.values {
		saved[v] = g.values[v].elementwise() && (slices.Contains(g.sources, v) || g.crosses(v))
		for _, s := range g.stateOf(v) {
			k.homes[v] = append(k.homes[v], place{atNext, s})
			saved[v] = saved[v] || g.values[v].elementwise()
		}
	}
	if !inference {
		for v := range g.values {
			for _, u := range g.reads(v, saved) {
				k.need(u, saved)
			}
		}
	}
	taken := make([]bool, len(g.slots))
	for v := range g.values {
		switch {
		case !saved[v] || len(k.homes[v]) > 0:
		case !inference && !slices.Contains(g.sources, v) && k.inSlot(v, taken):
		default:
			k.homes[v] = []place{{atKept, k.kept}}
			k.kept++
		}
	}
	y := g.next[g.output]
	k.homes[y] = append(k.homes[y], place{atY, 0})
	return k
}

// crosses reports whether an elementwise value of a later stage reads v.
func (g *graph) crosses(v int) bool {
	for i := range g.values {
		if w := &g.values[i]; w.stage > g.values[v].stage && slices.Contains(w.in, v) {
			return true
		}
	}
	return false
}

// reads returns the values from which the gradients of v's operands are computed. saved values are in memory anyway.
func (g *graph) reads(v int, saved []bool) []int {
	value := &g.values[v]
	switch value.op {
	case multiplied, larger, sine:
		return value.in
	case relu:
		if !saved[v] {
			return value.in // its sign is that of relu
		}
		return []int{v}
	case tanh, sigmoid:
		return []int{v}
	}
	return nil
}

// need makes sure that backward can read v.
func (k *keeping) need(v int, saved []bool) {
	if k.needed[v] {
		return
	}
	k.needed[v] = true
	value := &k.values[v]
	switch {
	case saved[v]:
	case value.op == tanh, value.op == sigmoid, value.op == sine:
		saved[v] = true
	default:
		for _, u := range value.in {
			k.need(u, saved)
		}
	}
}

// inSlot gives v the place of a slot that nobody reads after v has been computed, if there is one: best, the one it is
// computed from.
func (k *keeping) inSlot(v int, taken []bool) bool {
	value := &k.values[v]
	for _, all := range []bool{false, true} {
		for i := range k.values[:v] {
			s := &k.values[i]
			if s.op != fromSlot || taken[s.index] || k.needed[i] || s.stage > value.stage || len(k.homes[i]) > 0 {
				continue
			}
			if (all || slices.Contains(value.in, i)) && !k.readAfter(i, v) {
				taken[s.index] = true
				k.homes[v] = []place{{atSlot, s.index}}
				return true
			}
		}
	}
	return false
}

// readAfter reports whether a value that is computed after v reads slot value s.
func (k *keeping) readAfter(s, v int) bool {
	for i := range k.values {
		w := &k.values[i]
		if later := w.stage > k.values[v].stage || w.stage == k.values[v].stage && i > v; later && slices.Contains(w.in, s) {
			return true
		}
	}
	return false
}
