package child

// Tokens is where the caller puts the ids of the tokens of the first n steps of
// a window, (n, N), before every Forward of a text network.
func (p *Program) Tokens(n int) []int32 { return p.tokens[:n*p.streams] }

// ClearStates sets the states that recurrent layers carry from window to window
// to 0, as they are after Compile.
func (p *Program) ClearStates() {
	for _, l := range p.recurrent {
		for _, state := range l.cell.States() {
			clear(state)
		}
	}
}

// States copies the states that recurrent layers carry to the next window, each
// (N, U), by the names of their layer and themselves: "layer1.h".
func (p *Program) States() []Tensor {
	var list []Tensor
	for _, l := range p.recurrent {
		for i, state := range l.cell.States() {
			list = append(list, Tensor{l.states[i], []int{p.streams, l.out.channels}, append([]float32(nil), state...)})
		}
	}
	return list
}
