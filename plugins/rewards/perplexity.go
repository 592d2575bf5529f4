package rewards

import (
	"math"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// perplexity is the shaper of that name under given params.
type perplexity struct {
	lastK     int
	c, failed float64
}

func openPerplexity(p guest.Params) (guest.Shaper, error) {
	return &perplexity{lastK: p.Int("last_k"), c: p.Float("c"), failed: p.Float("failed")}, nil
}

// Reward is c / exp(loss)^2. A loss below 0 is no cross-entropy and counts as
// not measured.
func (s *perplexity) Reward(m spec.Metrics) (spec.Reward, error) {
	least, epoch := math.Inf(1), 0
	for _, e := range last(m.Epochs, s.lastK) {
		if loss := e.ValidLoss; loss >= 0 && loss < least {
			least, epoch = loss, e.Epoch
		}
	}
	if m.Failed || math.IsInf(least, 1) {
		return withoutResult(s.failed), nil
	}
	return spec.Reward{Reward: s.c * exp(-2*least), Parts: []spec.Part{
		{Name: "perplexity", Value: exp(least)},
		{Name: "epoch", Value: float64(epoch)},
	}}, nil
}

// exp is e^x with the same bits on every machine, which math.Exp does not give:
// no product is fused with the sum after it. What is too large for a float64 is
// the largest. With k the integer nearest to x/ln 2, e^x = 2^k e^r, where e^r is
// its Taylor polynomial: |r| is at most 0.35, so that the first term left out is
// below 2^-59.
func exp(x float64) float64 {
	const ln2High, ln2Low = 6.93147180369123816490e-01, 1.90821492927058770002e-10 // the high part has 32 bits
	if x > 709.78 {
		return math.MaxFloat64
	}
	if x < -746 {
		return 0
	}
	k := math.Floor(float64(x*math.Log2E) + 0.5)
	r := x - float64(k*ln2High) - float64(k*ln2Low)
	sum := 1.0
	for n := 14.0; n > 0; n-- {
		sum = 1 + float64(sum*r)/n
	}
	return math.Ldexp(sum, int(k))
}
