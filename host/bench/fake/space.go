package fake

import (
	"context"

	"github.com/espalier-nas/espalier/host/bench"
	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// native is a space of a plugin without the sandbox.
type native struct{ guest.Space }

func (n native) Next(_ context.Context, _ spec.Step, prefix spec.Answers) (spec.Step, error) {
	return n.Space.Next(prefix)
}

func (n native) Build(_ context.Context, answers spec.Answers, task spec.Task) (*spec.Network, error) {
	return n.Space.Build(answers, task)
}

// Opener opens spaces of a plugin that is linked in, so that tests do not depend
// on what has been bundled.
func Opener(m guest.Module) bench.Opener {
	return func(_ context.Context, name, params string) (bench.Space, error) {
		s, err := m.Space(name, spec.Raw(params))
		if err != nil {
			return nil, err
		}
		return native{s}, nil
	}
}
