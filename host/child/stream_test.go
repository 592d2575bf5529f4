package child

import (
	"slices"
	"testing"
)

// TestStates: the states are copies, by the names of layers and states, and are
// those that the next window begins with.
func TestStates(t *testing.T) {
	net := textNetwork(7, embeddingNode(7, 3), recurrentNode("lstm", 4, 2, 0), denseNode(7))
	p, err := Compile(net, 5, Options{Streams: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.Init(1)
	p.Forward(5, true)
	states := p.States()
	layer := net.Nodes[1].Name
	var names []string
	for _, q := range states {
		names = append(names, q.Name)
		if !slices.Equal(q.Shape, []int{2, 4}) || len(q.Data) != 8 || slices.Max(q.Data) == 0 {
			t.Errorf("%s is %v %v", q.Name, q.Shape, q.Data)
		}
	}
	if want := []string{layer + ".0.h", layer + ".0.c", layer + ".1.h", layer + ".1.c"}; !slices.Equal(names, want) {
		t.Errorf("states %q, want %q", names, want)
	}
	first := states[0].Data[0]
	p.ClearStates()
	if after := p.States()[0].Data; slices.Max(after) != 0 || slices.Min(after) != 0 || states[0].Data[0] != first {
		t.Error("what was copied changes with the states, or they were not cleared")
	}
}
