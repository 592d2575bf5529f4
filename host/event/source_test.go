package event

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

func number(v float64) *float64 { return &v }

// plugin is what a study knew of its space's plugin when it began.
func plugin() Source {
	return Source{Hash: "aa", Bytes: 100, Manifest: &spec.Manifest{ABI: "1.0", Name: "p", Version: "1.0.0",
		Spaces: []spec.Offer{
			{Name: "s", Task: spec.TaskImage, Params: []spec.Param{
				{Name: "layers", Type: spec.ParamInt, Default: spec.Raw("6"), Min: number(1), Max: number(9)},
				{Name: "mode", Type: spec.ParamString, Default: spec.Raw(`"a"`), Options: []string{"a", "b"}},
			}},
			{Name: "old", Task: spec.TaskImage},
		},
		Shapers: []spec.Offer{{Name: "r"}},
	}}
}

func TestChanges(t *testing.T) {
	rebuilt, now := plugin(), plugin()
	rebuilt.Hash = "bb"
	rebuilt.Manifest.Spaces[0].Params[1].Default = spec.Raw(" \"a\"\n")
	now.Bytes, now.Manifest.Version = 120, "2.0.0"
	space := &now.Manifest.Spaces[0]
	space.Task = spec.TaskText
	space.Params[0].Default, space.Params[0].Max = spec.Raw("7"), nil
	space.Params[1] = spec.Param{Name: "width", Type: spec.ParamInt}
	now.Manifest.Spaces[1].Name = "you\x1bng\n"
	now.Manifest.Shapers = nil
	bare := plugin()
	bare.Manifest, bare.Bytes = nil, 0
	for name, c := range map[string]struct {
		now  Source
		want []string
	}{
		"rebuilt": {rebuilt, []string{"its manifest and its size are the same: it was built anew, from other code or by another toolchain"}},
		"unknown": {bare, nil},
		"all": {now, []string{
			"its size in bytes was 100, now it is 120",
			"its version was 1.0.0, now it is 2.0.0",
			"the task of the space s was image, now it is text",
			"the default of the param layers of the space s was 6, now it is 7",
			"what is allowed of the param layers of the space s was at least 1, at most 9, now it is at least 1",
			"the space s's param mode is gone",
			"the space s's param width is new",
			"the space old is gone",
			"the space you·ng· is new",
			"the shaper r is gone",
		}},
	} {
		if got := plugin().Changes(c.now); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestSourceJSON: what a study keeps of a plugin can be read again, and what an
// older study kept, too.
func TestSourceJSON(t *testing.T) {
	b, err := json.Marshal(plugin())
	if err != nil {
		t.Fatal(err)
	}
	var again, older Source
	if err := json.Unmarshal(b, &again); err != nil || len(again.Changes(plugin())) != 1 || again.Manifest.Spaces[0].Params[1].Options[1] != "b" {
		t.Errorf("%s: %v", b, err)
	}
	if err := json.Unmarshal([]byte(`{"plugin":"cnn","hash":"aa","name":"v1"}`), &older); err != nil || older.Manifest != nil {
		t.Errorf("%+v, %v", older, err)
	}
}
