package sandbox

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/espalier-nas/espalier/wasm/spec"
	"github.com/espalier-nas/espalier/wasm/spec/wire"
)

// Shaper is a reward shaper of a plugin under given params. Its methods may be
// called by several goroutines.
type Shaper struct {
	module *Module
	name   string
	params []byte
	info   spec.ShaperInfo
}

// Shaper asks the module for a reward shaper. Params is a JSON object, or
// empty for none.
func (m *Module) Shaper(ctx context.Context, name string, params json.RawMessage) (*Shaper, error) {
	p := &Shaper{module: m, name: name}
	var err error
	if p.params, err = m.object(name, params); err != nil {
		return nil, err
	}
	q := m.describe(p.subject)
	answer, err := m.ask(ctx, q, &p.info)
	if err != nil {
		return nil, err
	}
	err = p.info.Validate()
	if err == nil && p.info.Name != name {
		err = fmt.Errorf("it describes the shaper %q when asked for %q%s", p.info.Name, name, offered(m.manifest.Shapers))
	}
	if err != nil {
		return nil, m.breach(q, answer, err)
	}
	return p, nil
}

// Info describes the shaper; its slices must not be changed.
func (p *Shaper) Info() spec.ShaperInfo { return p.info }

func (p *Shaper) subject(e *wire.Encoder) {
	e.Key("shaper").Text(p.name)
	e.Key("params").Raw(p.params)
}

// Reward judges a trial. The reward is valid.
func (p *Shaper) Reward(ctx context.Context, metrics spec.Metrics) (spec.Reward, error) {
	m := p.module
	q := m.request(spec.OpCodeReward, "reward", m.options.Limits.Fuel.Reward, func(e *wire.Encoder) {
		p.subject(e)
		metrics.Encode(e.Key("metrics"))
	})
	var r spec.Reward
	answer, err := m.ask(ctx, q, &r)
	if err != nil {
		return spec.Reward{}, err
	}
	if err := r.Validate(); err != nil {
		return spec.Reward{}, m.breach(q, answer, err)
	}
	return r, nil
}
