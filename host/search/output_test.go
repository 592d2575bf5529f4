package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/host/event"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// panicking is the error of a plugin that printed something before it failed.
type panicking struct{ output string }

func (panicking) Error() string     { return "the guest panicked" }
func (p panicking) Printed() string { return p.output }

// loud is a space that builds nothing, and a shaper that judges nothing.
type loud struct {
	*toy
	err error
}

func (l loud) Build(context.Context, spec.Answers, spec.Task) (*spec.Network, error) {
	return nil, fmt.Errorf("build: %w", l.err)
}

func (l loud) Reward(context.Context, spec.Metrics) (spec.Reward, error) {
	return spec.Reward{}, fmt.Errorf("shaper: %w", l.err)
}

// TestOutput: what a plugin printed before it made a trial fail is kept, the end
// of it, and the trial's events have it also when the study is resumed between
// them.
func TestOutput(t *testing.T) {
	for _, c := range []struct{ printed, kept string }{
		{"goroutine 1 [running]:\nmain.build()\n", "goroutine 1 [running]:\nmain.build()\n"},
		{"", ""},
		{"\xff", "?"},
		{"begin" + strings.Repeat("é", 4000) + "end", "…" + strings.Repeat("é", (maxOutput-len("…end"))/2) + "end"},
	} {
		config := toyConfig()
		config.Trials = 2
		guest := loud{&toy{1, toyKinds}, panicking{c.printed}}
		spaces, shapers := &Memory{}, &Memory{}
		d := toyDeps(spaces, 1, newOracle(1))
		d.Space = func(context.Context, json.RawMessage) (Space, error) { return guest, nil }
		if _, err := try(t, config, d); !errors.Is(err, ErrAllFailed) {
			t.Fatal(err)
		}
		d = toyDeps(shapers, 1, newOracle(1))
		d.Shaper = guest
		if _, err := try(t, config, d); !errors.Is(err, ErrAllFailed) {
			t.Fatal(err)
		}
		for what, log := range map[string]*Memory{"space": spaces, "shaper": shapers} {
			for e, err := range log.Events() {
				switch {
				case err != nil:
					t.Fatal(err)
				case e.Type == event.TrialDone && e.Done.Output != c.kept:
					t.Errorf("the %s printed %.40q, and %d bytes were kept: %.60q", what, c.printed, len(e.Done.Output), e.Done.Output)
				case e.Type == event.TrialSampled && what == "space" && e.Sampled.Output != c.kept:
					t.Errorf("the sampled trial keeps %.60q", e.Sampled.Output)
				}
			}
		}
	}
	if got := printed(errors.New("no plugin")); got != "" {
		t.Errorf("%q was printed by nobody", got)
	}
}
