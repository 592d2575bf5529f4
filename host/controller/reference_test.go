package controller

import (
	"math"
	"os"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// reference is the policy of the package doc, written out naively in float64,
// one episode at a time.
type reference struct {
	config Config
	kinds  map[string]spec.Kind
	w      map[string][][]float64 // by block name
}

func newReference(c *Controller) *reference {
	r := &reference{config: c.config, kinds: map[string]spec.Kind{}, w: map[string][][]float64{}}
	for _, k := range c.info.Kinds {
		r.kinds[k.ID] = k
	}
	for _, b := range c.layout.blocks {
		m := make([][]float64, b.rows)
		for i := range m {
			for _, v := range b.row(c.weights, i) {
				m[i] = append(m[i], float64(v))
			}
		}
		r.w[b.name] = m
	}
	return r
}

func times(x []float64, w [][]float64) []float64 { // x W
	y := make([]float64, len(w[0]))
	for i := range x {
		for j := range y {
			y[j] += x[i] * w[i][j]
		}
	}
	return y
}

func inner(x, y []float64) float64 {
	s := 0.0
	for i := range x {
		s += x[i] * y[i]
	}
	return s
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// step is one time step of the LSTM; state holds h and c of each layer.
func (r *reference) step(x []float64, h, c [][]float64) []float64 {
	units := r.config.Units
	for l := range r.config.Layers {
		name := string(rune('0' + l))
		gates := times(append(append([]float64{}, x...), h[l]...), r.w["lstm"+name+"/weights"])
		next, cell := make([]float64, units), make([]float64, units)
		for j := range units {
			gate := func(g int) float64 { return gates[g*units+j] + r.w["lstm"+name+"/bias"][0][g*units+j] }
			cell[j] = logistic(gate(1))*c[l][j] + logistic(gate(0))*math.Tanh(gate(3))
			next[j] = logistic(gate(2)) * math.Tanh(cell[j])
		}
		h[l], c[l], x = next, cell, next
	}
	return x
}

func (r *reference) shape(u float64) float64 {
	u /= r.config.Temperature
	if r.config.LogitClip > 0 {
		u = r.config.LogitClip * math.Tanh(u)
	}
	return u
}

// episode returns each step's log-probability and entropy.
func (r *reference) episode(e Episode) (logs, entropies []float64) {
	h, c := make([][]float64, r.config.Layers), make([][]float64, r.config.Layers)
	for l := range h {
		h[l], c[l] = make([]float64, r.config.Units), make([]float64, r.config.Units)
	}
	x := r.w["first"][0]
	var anchors [][]float64
	for i, s := range e.Steps {
		d, a := s.Decision, e.Answers[i]
		top := r.step(x, h, c)
		attend := func(j int) float64 {
			p, q := times(anchors[j], r.w[d.Kind+"/previous"]), times(top, r.w[d.Kind+"/current"])
			u := 0.0
			for k := range p {
				u += r.w[d.Kind+"/v"][0][k] * math.Tanh(p[k]+q[k])
			}
			return r.shape(u)
		}
		var log, entropy float64
		switch r.kinds[d.Kind].Type {
		case spec.Choice:
			var z []float64
			for o, row := range r.w[d.Kind+"/softmax"] {
				z = append(z, r.shape(inner(row, top)+r.w[d.Kind+"/bias"][0][o]))
				if d.Mask != nil && !d.Mask[o] {
					z[o] = math.Inf(-1)
				}
			}
			log, entropy = categorical(z, a.Index)
			x = r.w[d.Kind+"/embedding"][a.Index]
		case spec.Pointer:
			var z []float64
			chosen := -1
			for k, j := range d.Candidates {
				z = append(z, attend(j))
				if j == a.Index {
					chosen = k
				}
			}
			log, entropy = categorical(z, chosen)
			x = anchors[a.Index]
		case spec.AnchorSet:
			in := map[int]bool{}
			mean := make([]float64, r.config.Units)
			for _, j := range a.Anchors {
				in[j] = true
				for k := range mean {
					mean[k] += anchors[j][k] / float64(len(a.Anchors))
				}
			}
			for _, j := range d.Candidates {
				p := logistic(attend(j))
				entropy -= p*math.Log(p) + (1-p)*math.Log(1-p)
				if !in[j] {
					p = 1 - p
				}
				log += math.Log(p)
			}
			if x = mean; len(in) == 0 {
				x = r.w[d.Kind+"/none"][0]
			}
		}
		if d.Anchor {
			anchors = append(anchors, top)
		}
		logs, entropies = append(logs, log), append(entropies, entropy)
	}
	return logs, entropies
}

func categorical(z []float64, chosen int) (log, entropy float64) {
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(v)
	}
	for _, v := range z {
		if p := math.Exp(v) / sum; p > 0 {
			entropy -= p * math.Log(p)
		}
	}
	return z[chosen] - math.Log(sum), entropy
}

func (r *reference) logProb(e Episode) float64 {
	logs, _ := r.episode(e)
	return total(logs)
}

// objective is what Controller.Gradient is the gradient of.
func (r *reference) objective(episodes []Episode, advantages []float64) float64 {
	sum := 0.0
	for i, e := range episodes {
		logs, entropies := r.episode(e)
		sum += advantages[i]*total(logs) + r.config.EntropyWeight*total(entropies)
	}
	return sum / float64(len(episodes))
}

func total(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s
}

// some is how sparsely the long tests take central differences: all weights with
// ESPALIER_LONG=1, else every sixth.
func some() int {
	if os.Getenv("ESPALIER_LONG") == "1" {
		return 1
	}
	return 6
}

// differences is the central difference of f with respect to every so-many-th
// weight of each block, in the order of the controller's layout; the others are
// NaN.
func (r *reference) differences(l *layout, every int, f func() float64) []float64 {
	const step = 1e-5
	var g []float64
	for _, b := range l.blocks {
		for i, row := range r.w[b.name] {
			for j, old := range row {
				if (i*b.cols+j)%every != 0 {
					g = append(g, math.NaN())
					continue
				}
				row[j] = old + step
				up := f()
				row[j] = old - step
				g = append(g, (up-f())/(2*step))
				row[j] = old
			}
		}
	}
	return g
}
