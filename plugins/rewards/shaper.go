package rewards

import (
	"math"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// quantities are what the accuracy can be traded against.
var quantities = [...]struct {
	name, summary string
	of            func(m *spec.Metrics) float64
}{
	{"latency", "seconds of one forward pass of one example", func(m *spec.Metrics) float64 { return m.LatencySeconds }},
	{"params", "learned numbers", func(m *spec.Metrics) float64 { return float64(m.Params) }},
	{"macs", "multiply-accumulates of one forward pass of one example", func(m *spec.Metrics) float64 { return float64(m.MACs) }},
}

// shaper is accuracy or tradeoff under given params: accuracy has no terms.
type shaper struct {
	lastK  int
	power  float64
	failed float64
	terms  []term
}

// term is the factor of one quantity.
type term struct {
	quantity            int
	target, under, over float64
}

func open(p guest.Params) (guest.Shaper, error) {
	s := &shaper{lastK: p.Int("last_k"), power: p.Float("power"), failed: p.Float("failed")}
	for i := range quantities {
		name := quantities[i].name
		if p.Has(name+"_target") && p.Float(name+"_target") > 0 {
			s.terms = append(s.terms, term{i, p.Float(name + "_target"), p.Float(name + "_under"), p.Float(name + "_over")})
		}
	}
	return s, nil
}

func (s *shaper) Reward(m spec.Metrics) (spec.Reward, error) {
	best, epoch := s.best(m.Epochs)
	if best > 1 {
		return spec.Reward{}, guest.Unsupported("a validation accuracy is above 1; accuracies are fractions from 0 to 1")
	}
	if m.Failed || best < 0 {
		return withoutResult(s.failed), nil
	}
	reward := math.Pow(best, s.power)
	parts := []spec.Part{{Name: "accuracy", Value: best}, {Name: "epoch", Value: float64(epoch)}, {Name: "accuracy_term", Value: reward}}
	for _, t := range s.terms {
		x := quantities[t.quantity].of(&m)
		if !(x > 0) && t.quantity == 0 {
			return spec.Reward{}, guest.Unsupported("the latency was not measured; let the study measure it, or set latency_target to 0")
		}
		f := t.factor(x)
		reward *= f
		parts = append(parts, spec.Part{Name: quantities[t.quantity].name + "_factor", Value: f})
	}
	return spec.Reward{Reward: reward, Parts: parts}, nil
}

// withoutResult is the reward of a trial that failed.
func withoutResult(reward float64) spec.Reward {
	return spec.Reward{Reward: reward, Parts: []spec.Part{{Name: "failed", Value: reward}}}
}

// last returns the last k epochs, all if there are fewer.
func last(epochs []spec.Epoch, k int) []spec.Epoch { return epochs[max(0, len(epochs)-k):] }

// best returns the highest validation accuracy of the last epochs, and its
// epoch; it is -1 if none was measured.
func (s *shaper) best(epochs []spec.Epoch) (best float64, epoch int) {
	best = -1
	for _, e := range last(epochs, s.lastK) {
		if a := e.ValidAccuracy; a-a == 0 && a >= 0 && a > best {
			best, epoch = a, e.Epoch
		}
	}
	return best, epoch
}

// factor is (x/target)^w. The ratio is kept within a million either way, so
// that the reward is finite whatever was measured.
func (t term) factor(x float64) float64 {
	ratio := min(max(x/t.target, 1e-6), 1e6)
	if ratio <= 1 {
		return math.Pow(ratio, t.under)
	}
	return math.Pow(ratio, t.over)
}
