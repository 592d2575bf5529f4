package spec

// graph is a list of nodes, each the positions of its inputs. A negative
// position is a source outside of the graph.
type graph [][]int

// order returns the nodes that roots need, roots included, each after its
// inputs, in the order of a depth-first search; it does not depend on how the
// nodes are listed. If they run in a circle it returns instead a cycle, as a
// path whose first node is also its last.
func (g graph) order(roots ...int) (order, cycle []int) {
	s := search{graph: g, state: make([]visit, len(g))}
	for _, r := range roots {
		if s.cycle == nil {
			s.visit(r)
		}
	}
	if s.cycle != nil {
		return nil, s.cycle
	}
	return s.order, nil
}

type visit uint8

const (
	unseen visit = iota
	open         // its inputs are being visited
	closed
)

type search struct {
	graph        graph
	state        []visit
	path         []int // the open nodes
	order, cycle []int
}

func (s *search) visit(v int) {
	if v < 0 || s.state[v] == closed || s.cycle != nil {
		return
	}
	s.path = append(s.path, v)
	if s.state[v] == open {
		start := 0
		for s.path[start] != v {
			start++
		}
		s.cycle = append([]int(nil), s.path[start:]...)
		return
	}
	s.state[v] = open
	for _, in := range s.graph[v] {
		s.visit(in)
	}
	s.path = s.path[:len(s.path)-1]
	s.state[v] = closed
	s.order = append(s.order, v)
}

// endsOfCycle is how many nodes of a cycle are named at either end of it.
const endsOfCycle = 8

// cyclePath names the nodes of a cycle, each before those that read it; the
// middle of a long one is left out.
func cyclePath(cycle []int, name func(int) string) string {
	path := name(cycle[len(cycle)-1])
	for i := len(cycle) - 2; i >= 0; i-- {
		switch left := len(cycle) - endsOfCycle - 1 - i; {
		case left < 0 || i < endsOfCycle:
			path += " -> " + name(cycle[i])
		case left == 0:
			path += " -> ..."
		}
	}
	return path
}

// all returns the positions of the first n nodes.
func all(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}
