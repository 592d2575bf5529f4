package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// shaper checks a reward shaper under all settings of its params.
func (c *checker) shaper(ctx context.Context, o spec.Offer) {
	played := &Played{Shaper: o.Name}
	for i, params := range c.settings(o) {
		if c.over(ctx) || c.hopeless() {
			return
		}
		t := c.target(target{shaper: o.Name}, i, params)
		if c.skips(t) {
			continue
		}
		random := c.random(t)
		if t.full {
			c.refusesParams(ctx, "R03", o, t, spec.OpCodeReward, "metrics", &spec.Metrics{})
		}
		played.Settings++
		if !c.described(ctx, o, t, played) {
			c.progress(random, "shaper "+o.Name)
			continue
		}
		if t.full {
			metrics := metricsOf(len(oddMetrics), c.rng(t, len(oddMetrics), "metrics"))
			c.defaults(ctx, "R02", o, t, spec.OpCodeReward, "metrics", &metrics)
		}
		c.judges(ctx, t, len(oddMetrics)+random, played)
	}
	c.verdict.Played = append(c.verdict.Played, *played)
}

// described checks R01 and R02, and tells whether there is a shaper.
func (c *checker) described(ctx context.Context, o spec.Offer, t target, played *Played) bool {
	var info spec.ShaperInfo
	r := c.ask(ctx, spec.OpCodeDescribe, t.payload(), &info)
	c.tested("R01")
	if !r.ok() {
		c.refusedParams("R01", "R02", t, r, played)
		return false
	}
	version := c.module.Manifest().Version
	err := info.Validate()
	switch {
	case err != nil:
	case info.Name != o.Name:
		err = fmt.Errorf("it describes the shaper %q", info.Name)
	case info.Version != "" && info.Version != version:
		err = fmt.Errorf("it says version %q, the manifest %q", info.Version, version)
	}
	if err != nil {
		c.find("R01", t, r, "%v", err)
		return false
	}
	c.understood("R02", o, t, r, info.Params)
	return true
}

// longPayload is a size in bytes beyond which a guest may fail that hands out a
// buffer of fixed size.
const longPayload = 4 << 10

// judges has metrics judged, checking R04 to R06.
func (c *checker) judges(ctx context.Context, t target, metrics int, played *Played) {
	c.lastWalk = max(c.lastWalk, metrics-1)
	seen, judged := map[float64]bool{}, 0
	var last reply
	for n := range metrics {
		if c.over(ctx) || c.hopeless() {
			return
		}
		if n >= len(oddMetrics) {
			c.progress(1, "shaper "+t.shaper)
		}
		if !c.plays(n) {
			continue
		}
		m := metricsOf(n, c.rng(t, n, "metrics"))
		var reward spec.Reward
		r := c.ask(ctx, spec.OpCodeReward, t.payload("metrics", &m), &reward)
		played.Walks++
		c.tested("R04")
		switch {
		case r.ok():
		case r.fault != nil && r.fault.Code == spec.CodeUnsupported && !t.standard:
			continue // such as a latency that was not measured, and now counts
		default:
			f := Finding{Code: "R04", Walks: []int{n}, Problem: fmt.Sprintf("no reward, after a payload of %d bytes: %s", len(r.sent), r.outcome())}
			if r.fault != nil && len(r.sent) > longPayload {
				f.Fix = "if payloads this long are not understood: esp_alloc has to give as many bytes as it is asked for, which nothing else takes before esp_free"
			}
			c.record(f, t, r)
			continue
		}
		if math.IsNaN(reward.Reward) || math.IsInf(reward.Reward, 0) {
			c.findIn("R04", t, []int{n}, r, "the reward is absent or null, which is how not-a-number and infinity are written")
			continue
		}
		c.parts(t, n, r, reward)
		seen[reward.Reward] = true
		judged++
		last = r
	}
	if t.full && len(c.o.Only) == 0 && judged > 1 {
		c.tested("R06")
		if len(seen) == 1 {
			c.find("R06", t, last, "all %d metrics get the same reward", judged)
		}
	}
}

// parts checks R05.
func (c *checker) parts(t target, n int, r reply, reward spec.Reward) {
	c.tested("R05")
	if err := reward.Validate(); err != nil {
		c.findIn("R05", t, []int{n}, r, "%v", err)
		return
	}
	var answer struct {
		OK struct{ Parts map[string]any }
	}
	if err := json.Unmarshal(r.got, &answer); err != nil {
		return // what package spec reads and encoding/json does not is no matter here
	}
	for _, name := range slices.Sorted(maps.Keys(answer.OK.Parts)) {
		if answer.OK.Parts[name] == nil {
			c.findIn("R05", t, []int{n}, r, "the part %s is null, which is how not-a-number and infinity are written", wire.Quote(name))
		}
	}
}

// oddMetrics are what a trial may have measured at worst; random ones follow.
var oddMetrics = []spec.Metrics{
	{},
	{Failed: true, Reason: "node \"conv\\1\": {\n\t[é 😀] <0>\x01"},
	{Epochs: []spec.Epoch{{Epoch: 1, TrainLoss: nan, TrainAccuracy: nan, ValidLoss: nan, ValidAccuracy: nan}}, Params: 1000, MACs: 1000},
	{Epochs: []spec.Epoch{{}}},
	{Epochs: []spec.Epoch{{Epoch: 1}}, Params: 1, MACs: 1},
	{Epochs: []spec.Epoch{{Epoch: 1, TrainAccuracy: 1, ValidAccuracy: 1, Seconds: 1}}, Params: 1, MACs: 1, LatencySeconds: 1e-9},
	{Epochs: []spec.Epoch{{Epoch: 1, TrainLoss: 1e300, ValidLoss: 1e300}}, Params: 1e9, MACs: 1e13, LatencySeconds: 1e6},
	{Epochs: []spec.Epoch{{Epoch: 1, TrainLoss: 5e-324, ValidLoss: 5e-324, ValidAccuracy: 5e-324}}, Params: 1, MACs: 1, LatencySeconds: 5e-324},
	{Epochs: []spec.Epoch{{Epoch: 1, ValidLoss: 2, ValidAccuracy: 0.5}, {Epoch: 2, TrainLoss: nan, TrainAccuracy: nan, ValidLoss: nan, ValidAccuracy: nan}}, Failed: true, Reason: "it took too long"},
	{Epochs: make([]spec.Epoch, 200), Params: 5000, MACs: 5000},
}

var nan = math.NaN()

// metricsOf are the metrics of a number.
func metricsOf(n int, rng *rand.Rand) spec.Metrics {
	if n < len(oddMetrics) {
		return oddMetrics[n]
	}
	m := spec.Metrics{Params: rng.Int64N(1e8), MACs: rng.Int64N(1e10)}
	if rng.IntN(2) == 0 {
		m.LatencySeconds = rng.Float64()
	}
	if rng.IntN(8) == 0 {
		m.Failed, m.Reason = true, "the loss is not a number"
	}
	maybe := func(v float64) float64 {
		switch rng.IntN(12) {
		case 0:
			return nan
		case 1:
			return 0
		}
		return v
	}
	for i := range rng.IntN(12) {
		m.Epochs = append(m.Epochs, spec.Epoch{Epoch: i + 1, TrainLoss: maybe(rng.ExpFloat64()), TrainAccuracy: maybe(rng.Float64()),
			ValidLoss: maybe(rng.ExpFloat64()), ValidAccuracy: maybe(rng.Float64()), Seconds: rng.Float64()})
	}
	return m
}
