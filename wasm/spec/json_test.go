package spec

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
)

// everyOp is a network that need not make sense but sets every attribute.
func everyOp() Network {
	return Network{
		Task: Task{Type: TaskText, Input: []int{35}, Classes: 100},
		Nodes: []Node{
			{Name: "conv", Op: OpConv2D, Inputs: []string{"input"}, Filters: 8, Kernel: [2]int{3, 5}, Stride: [2]int{2, 1}, Dilation: [2]int{1, 2}, Padding: Valid, Groups: 2, Bias: true},
			{Name: "act", Op: OpActivation, Inputs: []string{"conv"}, Func: FuncSin},
			{Name: "drop", Op: OpDropout, Inputs: []string{"act"}, Rate: 0.25, Variational: true},
			{Name: "embed", Op: OpEmbedding, Inputs: []string{"input"}, Units: 16, Vocabulary: 100},
			{Name: "rnn", Op: OpRecurrent, Inputs: []string{"embed"}, Units: 16, Rate: 0.5, Variational: true, Layers: 2, Cell: lstm()},
			{Name: "out", Op: OpDense, Inputs: []string{"rnn"}, Units: 100, Tied: "embed"},
		},
		Output: "out",
	}
}

func TestRoundTrip(t *testing.T) {
	low, high := -1.5, 8.0
	for _, v := range []any{
		Kind{ID: "filters", Type: Choice, Options: []string{"24", "36"}},
		Decision{Kind: "filters", Name: "layer1/filters", Mask: []bool{true, false}},
		Decision{Kind: "skip", Name: "layer3/skip", Anchor: true, Candidates: []int{0, 2}},
		Pick(3), PickSet(0, 2, 5), PickSet(),
		Answers{Pick(0), PickSet(), PickSet(1)},
		Step{Done: true},
		Step{Decision: &Decision{Kind: "skip", Name: "s"}, State: "7", Any: true},
		everyOp(), *lstm(),
		Epoch{Epoch: 1, TrainLoss: 2.3, TrainAccuracy: 0.1, ValidLoss: 2.2, ValidAccuracy: 0.125, Seconds: 0.5},
		Metrics{Epochs: []Epoch{{Epoch: 1}}, Params: 4201630, MACs: 4300000000, LatencySeconds: 0.001},
		Metrics{Failed: true, Reason: "loss became NaN"},
		Reward{Reward: 0.75, Parts: []Part{{"z", 1}, {"accuracy", 0.9}}},
		Manifest{ABI: "1.0", Name: "cnn", Version: "1.2.3", Summary: "s", Spaces: []Offer{{Name: "v1", Summary: "t", Task: TaskImage, Params: []Param{
			{Name: "layers", Type: ParamInt, Default: Raw("15"), Summary: "depth", Min: &low, Max: &high},
			{Name: "mode", Type: ParamString, Default: Raw(`"a"`), Options: []string{"a", "b"}}}}}, Shapers: []Offer{{Name: "r"}}},
		SpaceInfo{Name: "v1", Version: "1", Task: TaskImage, MaxSteps: 60, Kinds: []Kind{{ID: "skip", Type: AnchorSet}}, Params: Raw(`{"layers":15}`)},
		ShaperInfo{Name: "accuracy", Version: "1", Params: Raw(`{"power":3}`)},
		Task{Type: TaskImage, Input: []int{32, 32, 3}, Classes: 10},
		Fault{Code: CodeBadPrefix, Msg: "m", At: 3}, Fault{Code: CodeInternal, At: -1},
	} {
		data, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%T: %v", v, err)
			continue
		}
		back := reflect.New(reflect.TypeOf(v))
		if err := json.Unmarshal(data, back.Interface()); err != nil {
			t.Errorf("%T: %v in %s", v, err, data)
		} else if !reflect.DeepEqual(back.Elem().Interface(), v) {
			t.Errorf("%T: %s read back as %+v", v, data, back.Elem())
		}
	}
}

// TestWireForm pins the JSON that guests in other languages read and write.
func TestWireForm(t *testing.T) {
	for _, test := range []struct {
		v    any
		want string
	}{
		{Answers{Pick(2), PickSet(0, 3), PickSet()}, `[2,[0,3],[]]`},
		{Answers(nil), `[]`},
		{Step{Done: true}, `{"done":true}`},
		{Step{Decision: &Decision{Kind: "skip", Name: "layer3/skip", Anchor: true, Candidates: []int{0, 1}}, State: "9", Any: true},
			`{"decision":{"kind":"skip","name":"layer3/skip","anchor":true,"anchors":[0,1]},"state":"9","any":true}`},
		{Epoch{Epoch: 2, TrainLoss: math.NaN(), ValidLoss: math.Inf(1), ValidAccuracy: 0.5}, `{"epoch":2,"train_accuracy":0,"valid_accuracy":0.5}`},
		{Metrics{Failed: true, Reason: "r"}, `{"epochs":[],"params":0,"macs":0,"failed":true,"reason":"r"}`},
		{Reward{Reward: 1, Parts: []Part{{"b", 2}, {"a", 3}}}, `{"reward":1,"parts":{"b":2,"a":3}}`},
		{Node{Name: "c", Op: OpConv2D, Inputs: []string{"input"}, Filters: 36, Kernel: [2]int{3, 7}}, `{"name":"c","op":"conv2d","inputs":["input"],"filters":36,"kernel":[3,7]}`},
		{Network{Task: Task{TaskImage, []int{8, 8, 1}, 2}, Output: "c"}, `{"version":1,"task":{"type":"image","input":[8,8,1],"classes":2},"nodes":[],"output":"c"}`},
	} {
		got, err := json.Marshal(test.v)
		if err != nil || string(got) != test.want {
			t.Errorf("got  %s, %v\nwant %s", got, err, test.want)
		}
	}
}

func TestDecodeForgivesAndRefuses(t *testing.T) {
	var q Decision
	if err := json.Unmarshal([]byte(`{"kind":"k","name":"n","mask":null,"future":{"x":[1]}}`), &q); err != nil || q.Kind != "k" || q.Mask != nil {
		t.Errorf("unknown and null members: %+v, %v", q, err)
	}
	var e Epoch
	if err := json.Unmarshal([]byte(`{"epoch":1,"train_loss":null}`), &e); err != nil || !math.IsNaN(e.TrainLoss) || !math.IsNaN(e.ValidAccuracy) {
		t.Errorf("absent measurements: %+v, %v", e, err)
	}
	for _, test := range []struct {
		into any
		in   string
	}{
		{new(Network), `{"version":2,"nodes":[]}`},
		{new(Node), `{"kernel":[3]}`},
		{new(Node), `{"kernel":[3,3,3]}`},
		{new(Node), `{"kernel":3}`},
		{new(Answer), `"1"`},
		{new(Answer), `1.0`},
		{new(Answers), `[[0.5]]`},
		{new(Step), `{"decision":[]}`},
	} {
		if err := json.Unmarshal([]byte(test.in), test.into); err == nil {
			t.Errorf("%s was accepted as %T", test.in, test.into)
		}
	}
}
