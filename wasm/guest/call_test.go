package guest

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// doors is a space of n doors; behind the last is a network.
type doors struct {
	n    int
	info spec.SpaceInfo
}

func (d *doors) Info() spec.SpaceInfo { return d.info }

func (d *doors) decision(i int) spec.Decision {
	return spec.Decision{Kind: "door", Name: "door" + string(rune('a'+i))}
}

func (d *doors) Next(prefix spec.Answers) (spec.Step, error) {
	if err := CheckPrefix(d.info, prefix, d.decision); err != nil {
		return spec.Step{}, err
	}
	if len(prefix) == d.n {
		return spec.Step{Done: true}, nil
	}
	q := d.decision(len(prefix))
	return spec.Step{Decision: &q}, nil
}

func (d *doors) Build(answers spec.Answers, task spec.Task) (*spec.Network, error) {
	if len(answers) < d.n {
		return nil, errors.New("there are doors left")
	}
	return &spec.Network{Task: task, Output: "out", Nodes: []spec.Node{{Name: "out", Op: spec.OpDense, Inputs: []string{"input"}, Units: 2}}}, nil
}

type flat struct{ value float64 }

func (f flat) Reward(m spec.Metrics) (spec.Reward, error) {
	return spec.Reward{Reward: f.value + float64(len(m.Epochs)), Parts: []spec.Part{{Name: "value", Value: f.value}}}, nil
}

func testModule() Module {
	return Module{Name: "doors", Version: "1.2.3", Summary: "Doors.",
		Spaces: []SpaceOffer{{Name: "row", Summary: "A row of doors.", Task: spec.TaskImage,
			Params: []spec.Param{Int("doors", 2, 1, 9, "doors in the row"), Bool("locked", false, "whether nobody gets in")},
			Open: func(p Params) (Space, error) {
				if p.Bool("locked") {
					return nil, errors.New("the doors are locked")
				}
				return &doors{p.Int("doors"), spec.SpaceInfo{MaxSteps: p.Int("doors"), Kinds: []spec.Kind{{ID: "door", Type: spec.Choice, Options: []string{"left", "right"}}}}}, nil
			}}},
		Shapers: []ShaperOffer{{Name: "flat", Summary: "The same for all.", Params: []spec.Param{Float("value", 0.5, 0, 1, "the reward")},
			Open: func(p Params) (Shaper, error) { return flat{p.Float("value")}, nil }}},
	}
}

// TestCall pins the JSON of every operation of ABI 1, good and bad.
func TestCall(t *testing.T) {
	for _, test := range []struct {
		op       int
		in, want string
	}{
		{spec.OpCodeDescribe, `{}`, `{"ok":{"manifest":{"abi":"1.0","name":"doors","version":"1.2.3","summary":"Doors.",` +
			`"spaces":[{"name":"row","summary":"A row of doors.","task":"image","params":[{"name":"doors","type":"int","default":2,"summary":"doors in the row","min":1,"max":9},{"name":"locked","type":"bool","default":false,"summary":"whether nobody gets in"}]}],` +
			`"shapers":[{"name":"flat","summary":"The same for all.","params":[{"name":"value","type":"float","default":0.5,"summary":"the reward","min":0,"max":1}]}]}}}`},
		{spec.OpCodeDescribe, `{"space":"row","params":{"doors":3}}`, `{"ok":{"name":"row","version":"1.2.3","task":"image","max_steps":3,` +
			`"kinds":[{"id":"door","type":"choice","options":["left","right"]}],"params":{"doors":3,"locked":false}}}`},
		{spec.OpCodeDescribe, `{"shaper":"flat"}`, `{"ok":{"name":"flat","version":"1.2.3","params":{"value":0.5}}}`},
		{spec.OpCodeNext, `{"space":"row","params":{},"prefix":[1],"future":[{}]}`, `{"ok":{"decision":{"kind":"door","name":"doorb"}}}`},
		{spec.OpCodeNext, `{"space":"row","prefix":[1,0]}`, `{"ok":{"done":true}}`},
		{spec.OpCodeBuild, `{"space":"row","params":null,"prefix":[1,0],"task":{"type":"image","input":[4,4,1],"classes":2}}`,
			`{"ok":{"network":{"version":1,"task":{"type":"image","input":[4,4,1],"classes":2},"nodes":[{"name":"out","op":"dense","inputs":["input"],"units":2}],"output":"out"}}}`},
		{spec.OpCodeReward, `{"shaper":"flat","metrics":{"epochs":[{"epoch":1}],"params":1,"macs":2}}`, `{"ok":{"reward":1.5,"parts":{"value":0.5}}}`},

		{spec.OpCodeNext, `{"space":"row","prefix":[2]}`, `{"err":{"code":"bad_prefix","msg":"answer: decision \"doora\": option 2 does not exist; it has 2 options","at":0}}`},
		{spec.OpCodeNext, `{"space":"row","prefix":[1,0,1]}`, `{"err":{"code":"bad_prefix","msg":"the episode ends after 2 answers","at":2}}`},
		{spec.OpCodeNext, `{"space":"row","prefix":[1,"0"]}`, `{"err":{"code":"bad_prefix","msg":"payload: json: prefix[1]: expected an integer, found a string (byte 27)","at":1}}`},
		{spec.OpCodeNext, `{"space":"row","prefix":7}`, `{"err":{"code":"bad_prefix","msg":"payload: json: prefix: expected an array, found a number (byte 24)","at":0}}`},
		{spec.OpCodeNext, `{"space":"rwo","prefix":[]}`, `{"err":{"code":"unsupported","msg":"there is no space \"rwo\"; did you mean \"row\"?"}}`},
		{spec.OpCodeNext, `{"prefix":[]}`, `{"err":{"code":"unsupported","msg":"there is no space \"\"; the module has: row"}}`},
		{spec.OpCodeNext, `{"space":"row","params":{"doors":0},"prefix":[]}`, `{"err":{"code":"bad_params","msg":"param \"doors\" is 0; it must be of type int, at least 1, at most 9"}}`},
		{spec.OpCodeNext, `{"space":"row","params":{"locked":true}}`, `{"err":{"code":"bad_params","msg":"the doors are locked"}}`},
		{spec.OpCodeBuild, `{"space":"row","prefix":[1],"task":{"type":"image","input":[4,4,1],"classes":2}}`, `{"err":{"code":"internal","msg":"there are doors left"}}`},
		{spec.OpCodeBuild, `{"space":"row","prefix":[1,0],"task":{"type":"image","input":[4,4],"classes":2}}`,
			`{"err":{"code":"unsupported","msg":"the space is for tasks of type image with an input of the shape (height, width, channels)"}}`},
		{spec.OpCodeBuild, `{"space":"row","prefix":[1,0],"task":{"type":"text","input":[4,4,1],"classes":2}}`,
			`{"err":{"code":"unsupported","msg":"the space is for tasks of type image with an input of the shape (height, width, channels)"}}`},
		{spec.OpCodeBuild, `{"space":"row","prefix":[1,0]}`,
			`{"err":{"code":"unsupported","msg":"the space is for tasks of type image with an input of the shape (height, width, channels)"}}`},
		{spec.OpCodeReward, `{"shaper":"round","metrics":{}}`, `{"err":{"code":"unsupported","msg":"there is no shaper \"round\"; the module has: flat"}}`},
		{spec.OpCodeReward, `{"shaper":"flat","metrics":{"epochs":3}}`, `{"err":{"code":"unsupported","msg":"payload: json: metrics.epochs: expected an array, found a number (byte 37)"}}`},
		{spec.OpCodeNext, ``, `{"err":{"code":"unsupported","msg":"payload: json: expected an object, found the end (byte 0)"}}`},
		{spec.OpCodeNext, `{`, `{"err":{"code":"unsupported","msg":"payload: json: expected a name in quotes, found the end (byte 1)"}}`},
		{0, `{}`, `{"err":{"code":"unsupported","msg":"unknown operation 0"}}`},
		{5, `{}`, `{"err":{"code":"unsupported","msg":"unknown operation 5"}}`},
	} {
		m := testModule()
		if got := string(m.Call(test.op, []byte(test.in))); got != test.want {
			t.Errorf("%d %s\ngot  %s\nwant %s", test.op, test.in, got, test.want)
		}
	}
}

func TestRegister(t *testing.T) {
	defer func(before *Module) { registered = before }(registered)
	registered = nil
	if got := string(Call(spec.OpCodeDescribe, []byte(`{}`))); !strings.Contains(got, `"code":"internal"`) || !strings.Contains(got, "guest.Register") {
		t.Errorf("without a module: %s", got)
	}
	Register(testModule())
	m := testModule()
	if got, want := string(Call(spec.OpCodeDescribe, []byte(`{}`))), string(m.Call(spec.OpCodeDescribe, []byte(`{}`))); got != want {
		t.Errorf("registered: %s\nthe module itself: %s", got, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("a second module was registered")
		}
	}()
	Register(testModule())
}

// FuzzCall sends any payload to any operation: the answer is an envelope with
// either ok or err.
func FuzzCall(f *testing.F) {
	f.Add(1, []byte(`{"space":"row"}`))
	f.Add(2, []byte(`{"space":"row","params":{"doors":1},"prefix":[1,[0]]}`))
	f.Add(3, []byte(`{"space":"row","prefix":[1,0],"task":{"type":"image","input":[4,4,1],"classes":2}}`))
	f.Add(4, []byte(`{"shaper":"flat","metrics":{"epochs":[{"epoch":1,"valid_accuracy":0.5}]}}`))
	f.Fuzz(func(t *testing.T, op int, payload []byte) {
		m := testModule()
		var envelope struct {
			OK  json.RawMessage
			Err *spec.Fault
		}
		answer := m.Call(op, payload)
		if err := json.Unmarshal(answer, &envelope); err != nil {
			t.Fatalf("%s: %v", answer, err)
		}
		if (envelope.OK == nil) == (envelope.Err == nil) {
			t.Fatalf("%s has not exactly one of ok and err", answer)
		}
		if e := envelope.Err; e != nil && (e.Code == "" || e.Msg == "" || (e.Code == spec.CodeBadPrefix) != (e.At >= 0)) {
			t.Fatalf("%s is no good error", answer)
		}
	})
}

func TestWalk(t *testing.T) {
	m := testModule()
	s, err := m.Space("row", spec.Raw(`{"doors":4}`))
	if err != nil {
		t.Fatal(err)
	}
	right := func(spec.Decision, spec.Kind) spec.Answer { return spec.Pick(1) }
	if answers, err := Walk(s, right); err != nil || len(answers) != 4 || answers[3].Index != 1 {
		t.Errorf("walked %v, %v", answers, err)
	}
	if _, err := Walk(s, func(spec.Decision, spec.Kind) spec.Answer { return spec.Pick(2) }); err == nil {
		t.Error("an answer that does not exist was taken")
	}
	endless := &doors{9, s.Info()}
	endless.info.MaxSteps = 3
	if _, err := Walk(loose{endless}, right); err == nil || !strings.Contains(err.Error(), "max_steps = 3") {
		t.Errorf("an endless episode: %v", err)
	}
	if _, err := Walk(stutter{&doors{9, s.Info()}}, right); err == nil || !strings.Contains(err.Error(), `have the name "again"`) {
		t.Errorf("a name that comes twice: %v", err)
	}
	if _, err := Walk(loose{&doors{9, spec.SpaceInfo{MaxSteps: 9}}}, right); err == nil || !strings.Contains(err.Error(), "not among the space's kinds") {
		t.Errorf("a kind that is not declared: %v", err)
	}
}

// loose asks without looking at the prefix.
type loose struct{ *doors }

func (l loose) Next(prefix spec.Answers) (spec.Step, error) {
	q := l.decision(len(prefix))
	return spec.Step{Decision: &q}, nil
}

// stutter asks every decision under one name.
type stutter struct{ *doors }

func (s stutter) Next(prefix spec.Answers) (spec.Step, error) {
	q := s.decision(len(prefix))
	q.Name = "again"
	return spec.Step{Decision: &q}, nil
}
