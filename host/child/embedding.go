package child

import (
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// embedding looks tokens up in a table (V, C): tokens are (T, N), y is
// (T, N, C). The gradient of a row is the sum over the positions of its token,
// in their order.
//
// A window has few of a vocabulary's tokens, so nothing is done for the other
// rows: rows lists those whose gradient may not be 0, and unless a dense layer
// shares the table, only they are cleared.
type embedding struct {
	program *Program
	out     *tensor
	table   *param

	rows  []int32 // tokens of the last backward, each once
	first []int32 // by token: the first position of the window that has it, or -1
	next  []int32 // by position: the next one with the same token, or -1

	apply, forget, learn *sweep // steps; rows
}

func (c *compiler) embedding(n *spec.Node, out *tensor) *step {
	p := c.program
	l := &embedding{program: p, out: out}
	l.table = c.weight(n.Name, n.Units, n.Vocabulary, n.Units)
	l.table.gradient = scattered
	c.tables[n.Name] = l.table
	l.apply, l.forget, l.learn = p.sweep(l.applyTo), p.sweep(l.forgetRows), p.sweep(l.learnRows)
	p.scattered = append(p.scattered, l)
	if !c.options.Inference {
		p.holders = append(p.holders, l)
	}
	return &step{layer: l, output: out, learns: true}
}

// bytes is the memory of the lists, which only training needs.
func (l *embedding) bytes() int64 {
	positions := min(l.table.shape[0], l.out.positions(l.program.batch))
	return 4 * int64(positions+l.table.shape[0]+l.out.positions(l.program.batch))
}

func (l *embedding) allocate() {
	vocabulary, positions := l.table.shape[0], l.out.positions(l.program.batch)
	l.rows = make([]int32, 0, min(vocabulary, positions))
	l.first, l.next = make([]int32, vocabulary), make([]int32, positions)
	for i := range l.first {
		l.first[i] = -1
	}
}

func (l *embedding) forward(n int, _ bool) { l.apply.run(n, l.out.size()) }

func (l *embedding) backward(n int) {
	if l.table.gradient == scattered {
		l.forget.run(len(l.rows), l.out.channels)
	}
	tokens := l.program.Tokens(n)
	l.rows = l.rows[:0]
	for i := len(tokens) - 1; i >= 0; i-- {
		token := tokens[i]
		l.next[i] = l.first[token]
		if l.first[token] < 0 {
			l.rows = append(l.rows, token)
		}
		l.first[token] = int32(i)
	}
	l.learn.run(len(l.rows), 2*l.out.channels)
	for _, token := range l.rows {
		l.first[token] = -1
	}
}

func (l *embedding) row(x []float32, token int32) []float32 {
	c := l.out.channels
	return x[int(token)*c:][:c]
}

func (l *embedding) applyTo(_ *kernels.Scratch, _, from, to int) {
	y, c := l.out.x(from, to), l.out.channels
	for i, token := range l.program.tokens[l.out.positions(from):l.out.positions(to)] {
		copy(y[i*c:], l.row(l.table.value, token))
	}
}

func (l *embedding) forgetRows(_ *kernels.Scratch, _, from, to int) {
	for _, token := range l.rows[from:to] {
		clear(l.row(l.table.grad, token))
	}
}

func (l *embedding) learnRows(_ *kernels.Scratch, _, from, to int) {
	dy, c := l.out.dx(0, l.program.batch), l.out.channels
	for _, token := range l.rows[from:to] {
		d := l.row(l.table.grad, token)
		for i := l.first[token]; i >= 0; i = l.next[i] {
			kernels.Add(d, dy[int(i)*c:][:c])
		}
	}
}
