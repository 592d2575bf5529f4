package controller

import (
	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// tape is a forward pass over one or more episodes, step by step, with all that
// the backward pass needs. Step t of a batch takes consecutive rows, one for
// each episode that is longer than t; row i of a step belongs to episode i, so
// episodes go from long to short. A tape serves one goroutine and is reused.
type tape struct {
	layout  *layout
	weights []float32
	scratch *kernels.Scratch

	steps   []int   // first row of each step
	rows    []row   // (N)
	anchors [][]int // of each episode, the rows that announced its anchor points

	layers  []lstm
	top     []float32   // (N, H): the top layer's hidden states
	keys    [][]float32 // of each attention kind, (N, H): P h at rows that announce an anchor
	queries []float32   // (N, H): Q h at rows with an anchors or pointer decision
	mixed   []float32   // (K, H): tanh(P h_j + Q h) of one decision
	below   []float32   // (B, H): hidden states, or their gradients, between layers

	dist distribution

	// of the backward pass
	du       []float32   // gradients of the raw logits, row after row
	dtop     []float32   // (N, H)
	dkeys    [][]float32 // of each attention kind, (N, H)
	dqueries [][]float32 // of each attention kind, (N, H)
}

// row is one decision of one episode.
type row struct {
	episode    int
	before     int // row of the episode's previous decision, or -1
	kind       *kindBlocks
	answer     spec.Answer
	anchor     bool  // the row announced an anchor point
	candidates []int // of an anchors or pointer decision; nil for a choice
	du         int   // offset of its gradients in tape.du
}

func newTape(c *Controller) *tape {
	t := &tape{
		layout:  c.layout,
		weights: c.weights,
		scratch: kernels.NewScratch(),
		dist:    distribution{temperature: c.config.Temperature, clip: c.config.LogitClip},
	}
	for _, b := range c.layout.layers {
		t.layers = append(t.layers, lstm{blocks: b})
	}
	n := len(c.layout.attentions)
	t.keys, t.dkeys, t.dqueries = make([][]float32, n), make([][]float32, n), make([][]float32, n)
	return t
}

// reset prepares the tape for a batch of n episodes.
func (t *tape) reset(n int) {
	t.steps, t.rows, t.du = t.steps[:0], t.rows[:0], t.du[:0]
	t.anchors = extend(t.anchors, n)
	for i := range t.anchors {
		t.anchors[i] = t.anchors[i][:0]
	}
}

func (t *tape) units() int { return t.layers[0].width() }

// at returns row r of an (N, H) matrix.
func (t *tape) at(m []float32, r int) []float32 {
	h := t.units()
	return m[r*h : (r+1)*h]
}

// anchor returns the row that announced anchor point j of row r's episode.
func (t *tape) anchor(r, j int) int { return t.anchors[t.rows[r].episode][j] }

// advance runs the LSTM one step for the first n episodes and returns the first
// of their rows. All rows of the step before have been answered.
func (t *tape) advance(n int) int {
	at, before := len(t.rows), -1
	if len(t.steps) > 0 {
		before = t.steps[len(t.steps)-1]
	}
	t.steps = append(t.steps, at)
	t.top = extend(t.top, (at+n)*t.units())
	t.below = resize(t.below, n*t.units())
	for l := range t.layers {
		t.layers[l].grow(at + n)
	}
	for i := range n {
		r := row{episode: i, before: -1}
		if before >= 0 {
			r.before = before + i
		}
		t.rows = append(t.rows, r)
		t.readInput(at + i)
	}
	last := len(t.layers) - 1
	for l := range t.layers {
		layer := &t.layers[l]
		for i := range n {
			hidden := layer.hidden(at + i)
			switch {
			case before < 0:
				clear(hidden)
			case l < last:
				copy(hidden, t.layers[l+1].x(before+i))
			default:
				copy(hidden, t.at(t.top, before+i))
			}
		}
		if l == last {
			layer.forward(t.scratch, t.weights, at, before, n, t.top[at*t.units():])
			break
		}
		layer.forward(t.scratch, t.weights, at, before, n, t.below)
		for i := range n {
			copy(t.layers[l+1].x(at+i), t.at(t.below, i))
		}
	}
	return at
}

// readInput writes row r's input vector, which the answer before it decides.
func (t *tape) readInput(r int) {
	x := t.layers[0].x(r)
	if t.rows[r].before < 0 {
		copy(x, t.layout.first.of(t.weights))
		return
	}
	last := &t.rows[t.rows[r].before]
	switch last.kind.kind.Type {
	case spec.Choice:
		copy(x, last.kind.embedding.row(t.weights, last.answer.Index))
	case spec.Pointer:
		copy(x, t.at(t.top, t.anchor(r, last.answer.Index)))
	case spec.AnchorSet:
		chosen := last.answer.Anchors
		if len(chosen) == 0 {
			copy(x, last.kind.none.of(t.weights))
			return
		}
		clear(x)
		for _, j := range chosen {
			kernels.Add(x, t.at(t.top, t.anchor(r, j)))
		}
		kernels.Scale(x, 1/float32(len(chosen)))
	}
}

// ask computes the distribution of row r's decision into t.dist.
func (t *tape) ask(r int, d *spec.Decision) {
	row := &t.rows[r]
	k := &t.layout.kinds[t.layout.byID[d.Kind]]
	row.kind = k
	h := t.at(t.top, r)
	if k.kind.Type == spec.Choice {
		t.dist.resize(len(k.kind.Options), false, d.Mask)
		bias := k.bias.of(t.weights)
		for i := range t.dist.raw {
			t.dist.raw[i] = kernels.Dot(k.softmax.row(t.weights, i), h) + bias[i]
		}
	} else {
		row.candidates = d.Candidates
		t.dist.resize(len(d.Candidates), k.kind.Type == spec.AnchorSet, nil)
		t.queries = extend(t.queries, len(t.rows)*t.units())
		vecMat(t.at(t.queries, r), h, k.current.of(t.weights))
		t.mix(r)
		for i := range t.dist.raw {
			t.dist.raw[i] = kernels.Dot(k.v.of(t.weights), t.at(t.mixed, i))
		}
	}
	t.dist.compute()
}

// mix computes tanh(P h_j + Q h) for row r's candidates j into t.mixed.
func (t *tape) mix(r int) {
	row := &t.rows[r]
	t.mixed = resize(t.mixed, len(row.candidates)*t.units())
	for i, j := range row.candidates {
		m := t.at(t.mixed, i)
		copy(m, t.at(t.queries, r))
		kernels.Add(m, t.at(t.keys[row.kind.attention], t.anchor(r, j)))
	}
	kernels.Tanh(t.mixed, t.mixed)
}

// answer records the answer to row r's decision and its anchor point, if any.
func (t *tape) answer(r int, d *spec.Decision, a spec.Answer) {
	row := &t.rows[r]
	row.answer, row.anchor = a, d.Anchor
	if !row.anchor {
		return
	}
	t.anchors[row.episode] = append(t.anchors[row.episode], r)
	for i, k := range t.layout.attentions {
		t.keys[i] = extend(t.keys[i], len(t.rows)*t.units())
		vecMat(t.at(t.keys[i], r), t.at(t.top, r), t.layout.kinds[k].previous.of(t.weights))
	}
}
