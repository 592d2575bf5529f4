package declared

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestProblems changes one place of an example, and reads what is said.
func TestProblems(t *testing.T) {
	for _, test := range []struct{ old, new, want string }{
		{`"filters": [4, 8, 16],`, `"filters": [4, 8, 16]`, `line 7: json: kinds.filters: expected ',' or '}', found a string`},
		{`"kinds"`, `"kind"`, `line 4, kind: unknown member "kind"; did you mean "kinds"?; line 1: the member kinds is missing`},
		{`"summary"`, `"sumary"`, `line 3, sumary: unknown member "sumary"; did you mean "summary"?`},
		{`"name": "chain"`, `"task": "video"`, `line 2, task: unknown task "video"; known are image`},
		{`"name": "chain"`, `"task": "text"`, `line 2, task: unknown task "text"; known are image`},
		{`[1, 3, 5]`, `[]`, `line 7, kinds.kernel: a kind has 1 to 256 options`},
		{`[1, 3, 5]`, `[1, 3, 1]`, `kind "kernel": two options have the label "1"`},
		{`[1, 3, 5]`, `[1, [3]]`, `line 7, kinds.kernel[1]: an option is a number or a word`},
		{`[1, 3, 5]`, `"ancors"`, `line 7, kinds.kernel: unknown type "ancors"; did you mean "anchors"?`},
		{`"kernel": [1`, `"Kernel": [1`, `line 7, kinds.Kernel: the name "Kernel" is reserved or not one`},
		{`      "filters",`, `      "filtres",`, `line 13, decisions[1].do[0]: there is no kind "filtres"; did you mean "filters"?`},
		{`      "filters",`, `      "filters", "filters",`, `line 13, decisions[1].do[1]: the name "filters" is taken; give another with "as"`},
		{`      "filters",`, `      7,`, `line 13, decisions[1].do[0]: expected an object, found a number`},
		{`"unless": {"kernel": 1}`, `"unless": {"kernal": 1}`, `line 15, decisions[1].do[2].unless.kernal: nothing has been asked here that is named "kernal"; did you mean "kernel"?`},
		{`"unless": {"kernel": 1}`, `"unless": {"kernel": [1, 2]}`, `line 15, decisions[1].do[2].unless.kernel[1]: unknown option "2"; did you mean "1"?`},
		{`"else": 1`, `"else": 3`, `line 15, decisions[1].do[2].else: unknown option "3"; did you mean "1"?`},
		{`"else": 1`, `"only": []`, `line 15, decisions[1].do[2].only: name at least one option`},
		{`"$depth"`, `"$dept"`, `line 12, decisions[1].repeat: nothing has been asked here that is named "dept"; did you mean "depth"?`},
		{`"$depth"`, `100`, `line 12, decisions[1].repeat: a repeat has 0 to 64 iterations`},
		{`"$depth"`, `2.5`, `line 12, decisions[1].repeat: a repeat has 0 to 64 iterations; write a whole number`},
		{`"depth": [1, 2, 3, 4]`, `"depth": [-1, 2]`, `line 12, decisions[1].repeat: a repeat has 0 to 64 iterations`},
		{`"$depth"`, `"$depth * 2"`, `line 12, decisions[1].repeat: a repeat has 0 to 64 iterations; write a whole number, or one decision as $name`},
		{`"as": "layer"`, `"as": "in"`, `the name "in" is reserved`},
		{`"as": "layer", `, ``, `line 12, decisions[1]: the member as is missing`},
		{`"unless": {"kernel": 1}`, `"unless": {"kernel": []}`, `line 15, decisions[1].do[2].unless.kernel: name at least one option`},
		{`"filters": "$filters"`, `"filters": [8]`, `line 20, network[0].do[0].filters: write one number`},
		{`"each": "layer"`, `"each": "layers"`, `line 19, network[0].each: no decisions are repeated here as "layers"; did you mean "layer"?`},
		{`"op": "conv"`, `"op": "convolution"`, `line 20, network[0].do[0]: unknown op "convolution"; known are conv, conv2d, maxpool`},
		{`"op": "conv"`, `"op": "dense"`, `unknown member "filters"; known are op, name, input, if, unless, units, bias`},
		{`"kernel": "$kernel"`, `"krnel": "$kernel"`, `line 20, network[0].do[0].krnel: unknown member "krnel"; did you mean "kernel"?`},
		{`"kernel": "$kernel"`, `"kernel": "$depth2"`, `nothing has been asked here that is named "depth2"; did you mean "depth"?`},
		{`"kernel": "$kernel"`, `"kernel": 33`, `line 20, network[0].do[0].kernel: kernel must be in 1..32`},
		{`"kernel": "$kernel"`, `"kernel": [3, 3, 3]`, `write one number, or [height, width]`},
		{`"kernel": "$kernel"`, `"kernel": "3 +"`, `cannot read "3 +"`},
		{`"kernel": "$kernel"`, `"func": "rleu"`, `unknown func "rleu"; did you mean "relu"?`},
		{`"kernel": "$kernel"`, `"func": "$kernel"`, `unknown func "1"; known are identity, relu`},
		{`"kernel": "$kernel"`, `"input": "conv1"`, `no node before this one is named "conv1"; known are last, start, input`},
		{`"kernel": "$kernel"`, `"input": "$kernel"`, `$kernel is not a decision about anchor points`},
		{`"op": "conv", "filters": "$filters", "kernel": "$kernel", "stride": "$stride"`, `"op": "recurrent"`, `line 20, network[0].do[0]: recurrent takes a sequence: the output of an embedding`},
	} {
		text := strings.Replace(exampleImage, test.old, test.new, 1)
		if text == exampleImage {
			t.Fatalf("%s is not in the example", test.old)
		}
		_, err := open(text, spec.TaskImage)
		var f *spec.Fault
		if !errors.As(err, &f) || f.Code != spec.CodeBadParams || !strings.Contains(f.Msg, test.want) {
			t.Errorf("%s instead of %s: %v\nwant %s", test.new, test.old, err, test.want)
		}
	}
}

// TestLimits: what could grow without end is refused before it does.
func TestLimits(t *testing.T) {
	const rest = `"kinds":{"k":[1,64]},"network":["flatten"],"decisions":`
	for decisions, want := range map[string]string{
		strings.Repeat(`[`, 65):               "nested more than 64 deep",
		`[]}` + strings.Repeat(" ", maxBytes): "longer than 32 KiB",
		`[]}`:                                 "nothing is asked",
		`["k",{"repeat":"$k","as":"a","do":[{"repeat":"$k","as":"b","do":[{"ask":"k","as":"c"}]}]}]}`:                                                             "too many repeats",
		`["k"` + strings.Repeat(`,{"repeat":64,"as":"a","do":[]}`, 3) + strings.Repeat(`,{"repeat":64,"as":"b","do":[{"repeat":64,"as":"c","do":[]}]}`, 1) + `]}`: "too many repeats",
		`[{"repeat":64,"as":"a","do":[` + sixteen() + `]}]}`:                                                                                                      "more than 1000 decisions",
		`["k"` + strings.Repeat(`,"$q"`, 5000) + `]}`:                                                                                                             "and 4994 more",
	} {
		_, err := open("{"+rest+decisions, spec.TaskImage)
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 4096 {
			t.Errorf("%.60s: %v\nwant %s", decisions, err, want)
		}
	}
}

// sixteen are as many decisions.
func sixteen() string {
	var list []string
	for i := range 16 {
		list = append(list, `{"ask":"k","as":"k`+strconv.Itoa(i)+`"}`)
	}
	return strings.Join(list, ",")
}

func TestRefusals(t *testing.T) {
	s := mustOpen(t, exampleImage, spec.TaskImage)
	for _, test := range []struct {
		answers spec.Answers
		task    spec.TaskType
		code    string
		at      int
	}{
		{spec.Answers{spec.Pick(4)}, spec.TaskImage, spec.CodeBadPrefix, 0},
		{spec.Answers{spec.Pick(0), spec.PickSet(0)}, spec.TaskImage, spec.CodeBadPrefix, 1},
		{spec.Answers{spec.Pick(0), spec.Pick(0)}, spec.TaskImage, spec.CodeBadPrefix, 2},
		{spec.Answers{spec.Pick(0), spec.Pick(0), spec.Pick(0), spec.Pick(0)}, spec.TaskImage, spec.CodeBadPrefix, 3},
		{spec.Answers{spec.Pick(0), spec.Pick(0), spec.Pick(0)}, spec.TaskText, spec.CodeUnsupported, -1},
	} {
		var f *spec.Fault
		if _, err := s.Build(test.answers, tasks[test.task]); !errors.As(err, &f) || f.Code != test.code || f.At != test.at {
			t.Errorf("%v: %v, want %s at %d", test.answers, err, test.code, test.at)
		}
	}
}
