package controller

import (
	"fmt"
	"math"

	"github.com/espalier-nas/espalier/kernels"
)

// Update says what one update of a policy did.
type Update struct {
	// Version is the number of updates after this one.
	Version int
	// Episodes are the IDs of the rollout, in the order of Advantages.
	Episodes   []int
	MeanReward float64
	// BaselineBefore is what the rewards were compared with, Baseline what the
	// next rewards will be compared with.
	BaselineBefore float64
	Baseline       float64
	// Advantages are the rewards minus BaselineBefore.
	Advantages []float64
	// Loss is minus the objective whose gradient was taken.
	Loss float64
	// Entropy is the mean over all steps, in nats.
	Entropy float64
	// GradNorm is the Euclidean norm of the gradient before clipping.
	GradNorm float64
	// WeightsHash is Controller.Hash after the update.
	WeightsHash string
}

// Update applies one rollout: the REINFORCE gradient over its episodes with the
// baseline of earlier rewards, then one ascent step of Adam, then the rewards
// join the baseline, one after the other: b = BaselineDecay b + (1-BaselineDecay) R.
//
// The first rollout has no earlier rewards; its baseline is its own mean. That
// scales the expected gradient by (m-1)/m but does not turn it, while a baseline
// of 0 would push towards whatever happened to be sampled first. With m = 1 the
// first update therefore only sets the baseline, unless entropy is rewarded.
//
// A rollout may include rewards of failed trials. On an error, such as a reward
// or gradient that is not finite, nothing has changed.
func (c *Controller) Update(episodes []Episode, rewards []float64) (Update, error) {
	if len(episodes) == 0 || len(episodes) != len(rewards) {
		return Update{}, fmt.Errorf("controller: update of %d episodes with %d rewards; it needs one reward for each of at least one episode", len(episodes), len(rewards))
	}
	u := Update{Version: c.updates + 1}
	for i, e := range episodes {
		if r := rewards[i]; math.IsNaN(r) || math.IsInf(r, 0) {
			return Update{}, fmt.Errorf("controller: the reward of episode %d is %v; give a failed trial a finite reward", e.ID, r)
		}
		u.Episodes = append(u.Episodes, e.ID)
	}
	c.compare(&u, rewards)
	scores, err := c.Gradient(c.gradient, episodes, u.Advantages)
	if err != nil {
		return Update{}, err
	}
	u.GradNorm = norm(c.gradient)
	if !(u.GradNorm < maxNorm) {
		return Update{}, fmt.Errorf("controller: the gradient of update %d has norm %g; rewards about %g are too large, scale them down", u.Version, u.GradNorm, u.MeanReward)
	}
	steps := 0
	for i, s := range scores {
		u.Loss -= (float64(u.Advantages[i]*s.LogProb) + float64(c.config.EntropyWeight*s.Entropy)) / float64(len(scores))
		u.Entropy += s.Entropy
		steps += len(episodes[i].Steps)
	}
	u.Entropy /= float64(max(steps, 1))

	c.ascend(u.GradNorm)
	c.updates, c.baseline, c.seen = u.Version, u.Baseline, true
	u.WeightsHash = c.Hash()
	return u, nil
}

// compare holds the rewards of a rollout against the baseline and says in u what
// came out: the means, the advantages and the next baseline.
func (c *Controller) compare(u *Update, rewards []float64) {
	for _, r := range rewards {
		u.MeanReward += r / float64(len(rewards))
	}
	u.BaselineBefore = c.baseline
	if !c.seen {
		u.BaselineBefore = u.MeanReward
	}
	u.Baseline = u.BaselineBefore
	for _, r := range rewards {
		u.Advantages = append(u.Advantages, r-u.BaselineBefore)
		if c.seen {
			u.Baseline = float64(c.config.BaselineDecay*u.Baseline) + float64((1-c.config.BaselineDecay)*r)
		}
	}
}

// maxNorm is a gradient norm whose square is still far from float32's largest
// number, beyond which Adam's second moment would be infinite for good.
const maxNorm = 1e15

// ascend takes one Adam step (Kingma & Ba 2015) up c.gradient.
func (c *Controller) ascend(norm float64) {
	scale := -1.0 // kernels.Adam descends
	if c.config.ClipNorm > 0 && norm > c.config.ClipNorm {
		scale = -c.config.ClipNorm / norm
	}
	kernels.Scale(c.gradient, float32(scale))
	n := c.updates + 1
	kernels.Adam(c.weights, c.gradient, c.moments1, c.moments2,
		float32(c.config.LearningRate), float32(c.config.Beta1), float32(c.config.Beta2), float32(c.config.Epsilon), 0,
		float32(1-power(c.config.Beta1, n)), float32(1-power(c.config.Beta2, n)))
}

// norm is the Euclidean norm of x.
func norm(x []float32) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(float64(v) * float64(v))
	}
	return math.Sqrt(sum)
}

// power is x to the n by repeated squaring; math.Pow's bits depend on the
// architecture.
func power(x float64, n int) float64 {
	p := 1.0
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			p *= x
		}
		x *= x
	}
	return p
}
