package spec

import (
	"math"
	"strings"
	"testing"
)

var kindsOfAll = SpaceInfo{Name: "s", Version: "1", Task: TaskImage, MaxSteps: 10, Kinds: []Kind{
	{ID: "size", Type: Choice, Options: []string{"1", "3", "5"}},
	{ID: "skip", Type: AnchorSet},
	{ID: "from", Type: Pointer},
}}

func TestCheck(t *testing.T) {
	ask := func(q Decision) Step { return Step{Decision: &q} }
	for _, test := range []struct {
		name    string
		step    Step
		anchors int
		want    string // "": legal
	}{
		{"choice", ask(Decision{Kind: "size", Name: "a"}), 0, ""},
		{"masked choice", ask(Decision{Kind: "size", Name: "a", Mask: []bool{false, true, false}}), 0, ""},
		{"empty set", ask(Decision{Kind: "skip", Name: "a", Anchor: true}), 0, ""},
		{"set", ask(Decision{Kind: "skip", Name: "a", Candidates: []int{0, 2}}), 3, ""},
		{"pointer", ask(Decision{Kind: "from", Name: "a", Candidates: []int{1}}), 2, ""},
		{"end", Step{Done: true}, 5, ""},
		{"neither", Step{}, 0, "it must have either a decision or done"},
		{"both", Step{Done: true, Decision: &Decision{Kind: "size", Name: "a"}}, 0, "either a decision or done"},
		{"no name", ask(Decision{Kind: "size"}), 0, "the decision's name is empty"},
		{"control character", ask(Decision{Kind: "size", Name: "a\x07"}), 0, "control character"},
		{"unknown kind", ask(Decision{Kind: "width", Name: "a"}), 0, `decision "a": its kind "width" is not among the space's kinds`},
		{"short mask", ask(Decision{Kind: "size", Name: "a", Mask: []bool{true}}), 0, "its mask has 1 entries for 3 options"},
		{"empty choice", ask(Decision{Kind: "size", Name: "a", Mask: make([]bool, 3)}), 0, "its mask forbids every option"},
		{"anchors of a choice", ask(Decision{Kind: "size", Name: "a", Candidates: []int{0}}), 1, "a choice has no anchors"},
		{"masked set", ask(Decision{Kind: "skip", Name: "a", Mask: []bool{true}}), 1, "only a choice has a mask"},
		{"pointer to nothing", ask(Decision{Kind: "from", Name: "a"}), 3, "needs at least one anchor point"},
		{"future anchor", ask(Decision{Kind: "skip", Name: "a", Candidates: []int{0, 3}}), 3, "must ascend within the 3 anchor points so far; 3 does not"},
		{"descending", ask(Decision{Kind: "skip", Name: "a", Candidates: []int{1, 0}}), 3, "; 0 does not"},
		{"twice", ask(Decision{Kind: "skip", Name: "a", Candidates: []int{1, 1}}), 3, "; 1 does not"},
		{"negative", ask(Decision{Kind: "skip", Name: "a", Candidates: []int{-1}}), 3, "; -1 does not"},
		{"long state", Step{Done: true, State: strings.Repeat("s", MaxState+1)}, 0, "its state is longer than 64 bytes"},
	} {
		err := kindsOfAll.Check(test.step, test.anchors)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, err, test.want)
		}
	}
}

func TestCheckAnswer(t *testing.T) {
	size := Decision{Kind: "size", Name: "a", Mask: []bool{true, false, true}}
	skip := Decision{Kind: "skip", Name: "a", Candidates: []int{0, 2, 5}}
	from := Decision{Kind: "from", Name: "a", Candidates: []int{1, 2}}
	for _, test := range []struct {
		q    Decision
		a    Answer
		want string
	}{
		{size, Pick(0), ""}, {size, Pick(2), ""},
		{size, Pick(1), "option 1 is forbidden here"},
		{size, Pick(3), "option 3 does not exist; it has 3 options"},
		{size, Pick(-1), "option -1 does not exist"},
		{size, PickSet(0), "answered by the number of an option"},
		{skip, PickSet(), ""}, {skip, PickSet(0, 5), ""}, {skip, PickSet(0, 2, 5), ""},
		{skip, PickSet(1), "1 is not"}, {skip, PickSet(5, 0), "0 is not"}, {skip, PickSet(2, 2), "2 is not"}, {skip, PickSet(-1), "-1 is not"},
		{skip, Pick(0), "answered by an array of anchor points, not by 0"},
		{from, Pick(1), ""}, {from, Pick(2), ""},
		{from, Pick(0), "anchor point 0 is not among its anchors"},
		{from, PickSet(1), "answered by one anchor point"},
		{Decision{Kind: "x"}, Pick(0), "not among the space's kinds"},
	} {
		err := kindsOfAll.CheckAnswer(test.q, test.a)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s answered by %+v: got %v, want %q", test.q.Kind, test.a, err, test.want)
		}
	}
}

func TestSpaceInfoValidate(t *testing.T) {
	if err := kindsOfAll.Validate(); err != nil {
		t.Error(err)
	}
	for name, test := range map[string]struct {
		edit func(i *SpaceInfo)
		want string
	}{
		"name":          {func(i *SpaceInfo) { i.Name = "" }, "the name is empty"},
		"version":       {func(i *SpaceInfo) { i.Version = "1\x1b[2J" }, "the version has a control character"},
		"task":          {func(i *SpaceInfo) { i.Task = "sound" }, `unknown task "sound"`},
		"no steps":      {func(i *SpaceInfo) { i.MaxSteps = 0 }, "max_steps is 0; it must be in 1..10000"},
		"many steps":    {func(i *SpaceInfo) { i.MaxSteps = 10001 }, "max_steps is 10001"},
		"no kinds":      {func(i *SpaceInfo) { i.Kinds = nil }, "the number of kinds is 0"},
		"kind twice":    {func(i *SpaceInfo) { i.Kinds[1].ID = "size" }, `two kinds have the id "size"`},
		"unknown type":  {func(i *SpaceInfo) { i.Kinds[1].Type = "set" }, `kind "skip": unknown type "set"; it is choice, anchors or pointer`},
		"options":       {func(i *SpaceInfo) { i.Kinds[1].Options = []string{"a"} }, `kind "skip": only a choice has options`},
		"no options":    {func(i *SpaceInfo) { i.Kinds[0].Options = nil }, `kind "size": the number of options is 0`},
		"label twice":   {func(i *SpaceInfo) { i.Kinds[0].Options[1] = "1" }, `two options have the label "1"`},
		"empty label":   {func(i *SpaceInfo) { i.Kinds[0].Options[1] = "" }, `the label of an option is empty`},
		"empty kind id": {func(i *SpaceInfo) { i.Kinds[0].ID = "" }, `the id is empty`},
	} {
		i := kindsOfAll
		i.Kinds = nil
		for _, k := range kindsOfAll.Kinds {
			k.Options = append([]string(nil), k.Options...)
			i.Kinds = append(i.Kinds, k)
		}
		test.edit(&i)
		if err := i.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
	if _, ok := kindsOfAll.Kind("width"); ok {
		t.Error("a kind that is not there was found")
	}
}

func TestShaperInfoValidate(t *testing.T) {
	for want, i := range map[string]ShaperInfo{
		"":                          {Name: "accuracy"},
		"the name is empty":         {Version: "1.0"},
		"the version is longer":     {Name: "accuracy", Version: strings.Repeat("1", MaxName+1)},
		"the name has a control":    {Name: "a\u009b"},
		"the version has a control": {Name: "a", Version: "1\n"},
	} {
		if err := i.Validate(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", i, err, want)
		}
	}
}

func TestRewardValidate(t *testing.T) {
	for want, r := range map[string]Reward{
		"":                               {Reward: -1, Parts: []Part{{"accuracy", math.NaN()}, {"size", 2}}},
		"absent or not a finite":         {Reward: math.Inf(-1)},
		"the name of a part is empty":    {Parts: []Part{{"", 1}}},
		"the name of a part has a contr": {Parts: []Part{{"size", 1}, {"\x1b]0;owned\a", 1}}},
		"longer than 128":                {Parts: []Part{{strings.Repeat("p", MaxName+1), 1}}},
	} {
		if err := r.Validate(); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", r, err, want)
		}
	}
}
