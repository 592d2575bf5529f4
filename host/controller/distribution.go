package controller

import (
	"math/rand/v2"
	"slices"

	"github.com/espalier-nas/espalier/kernels"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// distribution is what the policy thinks of one decision with K options or
// candidates. Its buffers are reused from decision to decision.
type distribution struct {
	temperature, clip float64

	set     bool   // independent Bernoullis rather than a softmax
	mask    []bool // softmax only; empty allows all
	raw     []float32
	logits  []float32 // after temperature and clipping
	exps    []float32
	probs   []float64 // of each option; of each candidate being in the set
	logs    []float64 // log probs
	logNots []float64 // log (1-probs), set only
	entropy float64   // nats
}

// resize prepares for K raw logits, which the caller then writes.
func (d *distribution) resize(k int, set bool, mask []bool) {
	d.set, d.mask = set, mask
	d.raw = resize(d.raw, k)
	d.logits = resize(d.logits, k)
	d.exps = resize(d.exps, k)
	d.probs = resize(d.probs, k)
	d.logs = resize(d.logs, k)
	d.logNots = resize(d.logNots, k)
}

func (d *distribution) allowed(i int) bool { return len(d.mask) == 0 || d.mask[i] }

// compute turns the raw logits into probabilities and the entropy.
func (d *distribution) compute() {
	copy(d.logits, d.raw)
	if d.temperature != 1 {
		kernels.Scale(d.logits, float32(1/d.temperature))
	}
	if d.clip > 0 {
		kernels.Tanh(d.logits, d.logits)
		kernels.Scale(d.logits, float32(d.clip))
	}
	d.entropy = 0
	if d.set {
		d.bernoulli()
	} else {
		d.softmax()
	}
}

// softmax: log p_i = z_i - max z - log Σ exp(z_j - max z), H = -Σ p log p.
func (d *distribution) softmax() {
	first := true
	var largest float32
	for i, z := range d.logits {
		if d.allowed(i) && (first || z > largest) {
			first, largest = false, z
		}
	}
	for i, z := range d.logits {
		d.exps[i] = 0
		if d.allowed(i) {
			d.exps[i] = z - largest
		}
	}
	kernels.Exp(d.exps, d.exps)
	sum := 0.0
	for i := range d.exps {
		if d.allowed(i) {
			sum += float64(d.exps[i])
		} else {
			d.exps[i] = 0
		}
	}
	logSum := kernels.Log(sum)
	for i, z := range d.logits {
		d.probs[i] = float64(d.exps[i]) / sum
		d.logs[i] = float64(z-largest) - logSum
		if d.allowed(i) {
			d.entropy -= float64(d.probs[i] * d.logs[i])
		}
	}
}

// bernoulli: p = σ(z), log p = min(z, 0) - log(1+exp(-|z|)), log(1-p) = log p - z.
func (d *distribution) bernoulli() {
	for i, z := range d.logits {
		d.exps[i] = min(z, -z)
	}
	kernels.Exp(d.exps, d.exps)
	for i, z := range d.logits {
		e := float64(d.exps[i])
		logSum := kernels.Log(1 + e)
		p, q := 1/(1+e), e/(1+e)
		d.logs[i], d.logNots[i] = -logSum, float64(-z)-logSum
		if z < 0 {
			p, q = q, p
			d.logs[i], d.logNots[i] = float64(z)-logSum, -logSum
		}
		d.probs[i] = p
		d.entropy -= float64(p*d.logs[i]) + float64(q*d.logNots[i])
	}
}

// sample draws one number from rng for a softmax, and one for each candidate of
// a set. candidates maps a position to its anchor point; nil: the position
// itself is the answer.
func (d *distribution) sample(rng *rand.Rand, candidates []int) spec.Answer {
	if d.set {
		var chosen []int
		for i, p := range d.probs {
			if rng.Float64() < p {
				chosen = append(chosen, candidates[i])
			}
		}
		return spec.PickSet(chosen...)
	}
	u := rng.Float64()
	picked := 0
	for i, p := range d.probs {
		if p == 0 {
			continue
		}
		picked = i
		if u -= p; u < 0 {
			break
		}
	}
	if candidates != nil {
		picked = candidates[picked]
	}
	return spec.Pick(picked)
}

// position of an answer among the candidates, or the option itself.
func position(index int, candidates []int) int {
	if candidates == nil {
		return index
	}
	i, _ := slices.BinarySearch(candidates, index)
	return i
}

// logProb returns the log-probability in nats of a legal answer.
func (d *distribution) logProb(a spec.Answer, candidates []int) float64 {
	if !d.set {
		return d.logs[position(a.Index, candidates)]
	}
	sum, next := 0.0, 0
	for i, c := range candidates {
		if next < len(a.Anchors) && a.Anchors[next] == c {
			sum += d.logs[i]
			next++
		} else {
			sum += d.logNots[i]
		}
	}
	return sum
}

// gradient writes to du, for each raw logit u, the derivative of
// advantage·log P(a) + entropyWeight·H:
//
//	softmax    dz_i = advantage ([i = a] - p_i) - entropyWeight p_i (log p_i + H)
//	bernoulli  dz_i = advantage ([i in a] - p_i) - entropyWeight z_i p_i (1 - p_i)
//	           du_i = dz_i clip (1 - tanh²) / temperature, tanh = z_i/clip
func (d *distribution) gradient(du []float32, a spec.Answer, candidates []int, advantage, entropyWeight float64) {
	chosen, next := 0, 0
	if !d.set {
		chosen = position(a.Index, candidates)
	}
	for i, p := range d.probs {
		hit := 0.0
		var dH float64
		if d.set {
			if next < len(a.Anchors) && a.Anchors[next] == candidates[i] {
				hit = 1
				next++
			}
			dH = -float64(d.logits[i]) * p * (1 - p)
		} else {
			if i == chosen {
				hit = 1
			}
			dH = -p * (d.logs[i] + d.entropy)
		}
		g := float64(advantage*(hit-p)) + float64(entropyWeight*dH)
		if d.clip > 0 {
			t := float64(d.logits[i]) / d.clip
			g *= d.clip * (1 - float64(t*t))
		}
		du[i] = float32(g / d.temperature)
		if !d.set && !d.allowed(i) {
			du[i] = 0
		}
	}
}
