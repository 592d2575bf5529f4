package conformance

import (
	"context"
	"fmt"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// space checks a search space under all settings of its params.
func (c *checker) space(ctx context.Context, o spec.Offer) {
	played := &Played{Space: o.Name}
	for i, params := range c.settings(o) {
		if c.over(ctx) || c.hopeless() {
			return
		}
		t := c.target(target{space: o.Name}, i, params)
		if c.skips(t) {
			continue
		}
		p := c.open(ctx, o, t, played)
		random := c.random(t)
		if t.full {
			c.refusesParams(ctx, "S03", o, t, spec.OpCodeNext, "prefix", &spec.Answers{})
		}
		played.Settings++
		if p == nil {
			c.progress(random, "space "+o.Name)
			continue
		}
		if t.full {
			c.defaults(ctx, "S02", o, t, spec.OpCodeNext, "prefix", &spec.Answers{})
		}
		p.play(ctx, random)
	}
	c.verdict.Played = append(c.verdict.Played, *played)
}

// open asks for the description of a space and returns what can play it, or nil
// if that is refused or makes no sense.
func (c *checker) open(ctx context.Context, o spec.Offer, t target, played *Played) *player {
	var info spec.SpaceInfo
	r := c.ask(ctx, spec.OpCodeDescribe, t.payload(), &info)
	c.tested("S01")
	if !r.ok() {
		c.refusedParams("S01", "S02", t, r, played)
		return nil
	}
	version := c.module.Manifest().Version
	err := info.Validate()
	switch most := c.o.Sandbox.Limits.Steps; {
	case err != nil:
	case info.Name != o.Name:
		err = fmt.Errorf("it describes the space %q", info.Name)
	case info.Version != "" && info.Version != version:
		err = fmt.Errorf("it says version %q, the manifest %q", info.Version, version)
	case info.Task != o.Task:
		err = fmt.Errorf("it says that its task is %q, the manifest %q", info.Task, o.Task)
	case info.MaxSteps > most:
		err = fmt.Errorf("max_steps is %d; at most %d are allowed", info.MaxSteps, most)
	}
	if err != nil {
		c.find("S01", t, r, "%v", err)
		return nil
	}
	c.understood("S02", o, t, r, info.Params)
	return newPlayer(c, t, info, played)
}
