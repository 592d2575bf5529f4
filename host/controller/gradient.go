package controller

import (
	"errors"
	"fmt"
	"slices"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Score is what the policy thinks of an episode's answers.
type Score struct {
	LogProb float64 // nats
	Entropy float64 // nats, summed over the steps
}

// Gradient sets dst, of length Size, to the gradient with respect to the weights
// of
//
//	(1/m) Σ_k [ advantages_k log P(answers_k) + EntropyWeight Σ_t H_t ]
//
// over the m episodes and returns their scores. It changes no state, so it may
// run beside Sample and other Gradients. It returns an error for an episode
// whose steps are not legal for the controller's kinds.
func (c *Controller) Gradient(dst []float32, episodes []Episode, advantages []float64) ([]Score, error) {
	if len(dst) != c.layout.size {
		panic("controller: the gradient's length is not the number of weights")
	}
	if len(episodes) != len(advantages) {
		panic("controller: episodes and advantages differ in number")
	}
	for i := range episodes {
		if err := c.check(&episodes[i]); err != nil {
			return nil, err
		}
	}
	t := c.tapes.Get().(*tape)
	defer c.tapes.Put(t)
	scores := make([]Score, len(episodes))
	t.score(episodes, scores, func(i int, d *spec.Decision, a spec.Answer, r *row) {
		r.du = len(t.du)
		t.du = extend(t.du, r.du+len(t.dist.raw))
		t.dist.gradient(t.du[r.du:], a, r.candidates,
			advantages[i]/float64(len(episodes)), c.config.EntropyWeight/float64(len(episodes)))
	})
	clear(dst)
	t.backward(dst, len(episodes))
	return scores, nil
}

// check reports the first step or answer of an episode that is not legal.
func (c *Controller) check(e *Episode) error {
	if len(e.Steps) != len(e.Answers) {
		return fmt.Errorf("controller: episode %d has %d steps but %d answers", e.ID, len(e.Steps), len(e.Answers))
	}
	anchors := 0
	for i, s := range e.Steps {
		d := s.Decision
		if d == nil {
			return fmt.Errorf("controller: episode %d: %w", e.ID, &StepError{Step: i, Err: errors.New("it is not a decision")})
		}
		err := c.info.Check(s, anchors)
		if err == nil {
			err = c.info.CheckAnswer(*d, e.Answers[i])
		}
		if err != nil {
			return fmt.Errorf("controller: episode %d: %w", e.ID, &StepError{Step: i, Decision: d.Name, Err: err})
		}
		if d.Anchor {
			anchors++
		}
	}
	return nil
}

// score runs the forward pass over given answers. It calls each for every row
// while t.dist is the row's distribution; i is the episode's index.
func (t *tape) score(episodes []Episode, scores []Score, each func(i int, d *spec.Decision, a spec.Answer, r *row)) {
	order := make([]int, len(episodes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return len(episodes[b].Steps) - len(episodes[a].Steps)
	})
	t.reset(len(episodes))
	n := len(order)
	for step := 0; ; step++ {
		for n > 0 && len(episodes[order[n-1]].Steps) <= step {
			n--
		}
		if n == 0 {
			return
		}
		at := t.advance(n)
		for r := at; r < at+n; r++ {
			i := order[r-at]
			d, a := episodes[i].Steps[step].Decision, episodes[i].Answers[step]
			t.ask(r, d)
			t.answer(r, d, a)
			scores[i].LogProb += t.dist.logProb(a, t.rows[r].candidates)
			scores[i].Entropy += t.dist.entropy
			each(i, d, a, &t.rows[r])
		}
	}
}

// backward adds to dweights the gradient that t.du implies, for a tape of a
// batch of n episodes. The tape's activations are used up.
func (t *tape) backward(dweights []float32, n int) {
	if len(t.rows) == 0 {
		return
	}
	size := len(t.rows) * t.units()
	t.dtop = zeroed(t.dtop, size)
	for i := range t.layout.attentions {
		t.dkeys[i] = zeroed(t.dkeys[i], size)
		t.dqueries[i] = zeroed(t.dqueries[i], size)
	}
	for l := range t.layers {
		t.layers[l].start(n)
	}
	end := len(t.rows)
	for s := len(t.steps) - 1; s >= 0; s-- {
		at := t.steps[s]
		for r := at; r < end; r++ {
			t.headBackward(r, dweights)
		}
		t.layersBackward(at, end-at)
		for r := at; r < end; r++ {
			t.inputBackward(r, dweights)
		}
		end = at
	}
	for l := range t.layers {
		t.layers[l].finish(t.scratch, dweights, len(t.rows))
	}
	h, rows := t.units(), len(t.rows)
	for i, k := range t.layout.attentions {
		b := &t.layout.kinds[k]
		kernels.Gemm(t.scratch, true, false, h, h, rows, 1, t.top, h, t.dkeys[i], h, 1, b.previous.of(dweights), h)
		kernels.Gemm(t.scratch, true, false, h, h, rows, 1, t.top, h, t.dqueries[i], h, 1, b.current.of(dweights), h)
	}
}

// headBackward carries row r's logit gradients into its hidden state and, for
// attention, into the keys of earlier anchors. Later rows are done, so the
// gradient of the row's own key is complete too.
func (t *tape) headBackward(r int, dweights []float32) {
	row := &t.rows[r]
	k := row.kind
	h, dh := t.at(t.top, r), t.at(t.dtop, r)
	if k.kind.Type == spec.Choice {
		dbias := k.bias.of(dweights)
		for i, du := range t.du[row.du : row.du+len(dbias)] {
			dbias[i] += du
			kernels.AddScaled(k.softmax.row(dweights, i), du, h)
			kernels.AddScaled(dh, du, k.softmax.row(t.weights, i))
		}
	} else {
		t.mix(r)
		v, dv := k.v.of(t.weights), k.v.of(dweights)
		dquery := t.at(t.dqueries[k.attention], r)
		for i, j := range row.candidates {
			du := t.du[row.du+i]
			m, dkey := t.at(t.mixed, i), t.at(t.dkeys[k.attention], t.anchor(r, j))
			kernels.AddScaled(dv, du, m)
			for x := range m {
				d := float32(float32(du*v[x]) * (1 - float32(m[x]*m[x])))
				dkey[x] += d
				dquery[x] += d
			}
		}
		addMatVec(dh, k.current.of(t.weights), dquery)
	}
	if !row.anchor {
		return
	}
	for i, k := range t.layout.attentions {
		addMatVec(dh, t.layout.kinds[k].previous.of(t.weights), t.at(t.dkeys[i], r))
	}
}

// layersBackward goes through the LSTM's layers, from the top, for n rows.
func (t *tape) layersBackward(at, n int) {
	before := -1
	if r := t.rows[at]; r.before >= 0 {
		before = r.before
	}
	h := t.units()
	dh := t.dtop[at*h : (at+n)*h]
	for l := len(t.layers) - 1; l >= 0; l-- {
		layer := &t.layers[l]
		layer.backward(t.scratch, t.weights, at, before, n, dh)
		if l > 0 {
			dh = resize(t.below, n*h)
			for i := range n {
				copy(t.at(dh, i), layer.dx(i))
			}
			t.below = dh
		}
	}
}

// inputBackward carries the gradient of row r's input to where it came from.
func (t *tape) inputBackward(r int, dweights []float32) {
	row := &t.rows[r]
	dx := t.layers[0].dx(row.episode)
	if row.before < 0 {
		kernels.Add(t.layout.first.of(dweights), dx)
		return
	}
	last := &t.rows[row.before]
	switch last.kind.kind.Type {
	case spec.Choice:
		kernels.Add(last.kind.embedding.row(dweights, last.answer.Index), dx)
	case spec.Pointer:
		kernels.Add(t.at(t.dtop, t.anchor(r, last.answer.Index)), dx)
	case spec.AnchorSet:
		chosen := last.answer.Anchors
		if len(chosen) == 0 {
			kernels.Add(last.kind.none.of(dweights), dx)
			return
		}
		for _, j := range chosen {
			kernels.AddScaled(t.at(t.dtop, t.anchor(r, j)), 1/float32(len(chosen)), dx)
		}
	}
}
