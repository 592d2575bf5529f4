package declared

import (
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// built builds the network of an episode that takes the last option of a choice
// and all anchor points, or the last.
func built(t *testing.T, document string, task spec.Task) *spec.Network {
	t.Helper()
	s := mustOpen(t, document, task.Type)
	answers, err := guest.Walk(s, func(q spec.Decision, k spec.Kind) spec.Answer {
		switch k.Type {
		case spec.AnchorSet:
			return spec.PickSet(q.Candidates...)
		case spec.Pointer:
			return spec.Pick(q.Candidates[len(q.Candidates)-1])
		}
		return spec.Pick(len(k.Options) - 1)
	})
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.Build(answers, task)
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Validate(); err != nil {
		t.Fatal(err)
	}
	return n
}

const asks = `{"kinds":{"k":[2,6],"p":"pointer","s":"anchors"},"decisions":["k",{"repeat":3,"as":"l","do":[{"ask":"k","as":"j"},"p"]}],"network":`

// TestRepairs checks, node by node, what is made of networks that do not fit.
func TestRepairs(t *testing.T) {
	image := tasks[spec.TaskImage]
	for _, test := range []struct{ name, network, want string }{
		{"add fits maps to the smallest and to the channels of the first",
			`[{"op":"conv2d","name":"a"},{"op":"maxpool","name":"b"},{"op":"conv2d","filters":8},{"op":"add","input":["last","a","b"]}]`,
			`a(input) b(a) conv2d(b) fit(a) fit2(fit) norm(fit2) fit3(b) norm2(fit3) add(conv2d norm norm2) pool(add) logits(pool)`},
		{"add fits odd sizes, too",
			`[{"op":"conv2d","name":"a","kernel":[4,1],"padding":"valid"},{"op":"add","input":["last","input"]}]`,
			`a(input) fit(input) add(a fit) pool(add) logits(pool)`},
		{"one value needs no node", `["conv2d",{"op":"add","input":["last","last"]},"concat"]`, `conv2d(input) pool(conv2d) logits(pool)`},
		{"several inputs are concatenated", `[{"op":"conv2d","name":"a"},"conv2d",{"op":"batchnorm","input":["a","last","start"]}]`,
			`a(input) conv2d(a) concat(a conv2d input) batchnorm(concat) pool(batchnorm) logits(pool)`},
		{"the first pointer reads what the first iteration did",
			`["conv2d",{"each":"l","do":[{"op":"batchnorm","input":"$p"}]}]`,
			`conv2d(input) l1/batchnorm(conv2d) l2/batchnorm(l1/batchnorm) l3/batchnorm(l2/batchnorm) pool(l3/batchnorm) logits(pool)`},
		{"unread outputs are joined", `[{"each":"l","output":"unread","do":[{"op":"activation","input":"input"}]}]`,
			`l1/activation(input) l2/activation(input) l3/activation(input) ls/concat(l1/activation l2/activation l3/activation) pool(ls/concat) logits(pool)`},
		{"copies have names of their own", `[{"repeat":2,"do":["batchnorm","batchnorm"]}]`,
			`copy1/batchnorm(input) copy1/batchnorm2(copy1/batchnorm) copy2/batchnorm(copy1/batchnorm2) copy2/batchnorm2(copy2/batchnorm) pool(copy2/batchnorm2) logits(pool)`},
		{"a node that was left out is passed by", `[{"op":"batchnorm","name":"a","if":{"k":2}},"conv2d",{"op":"activation","input":"a"}]`,
			`conv2d(input) activation(conv2d) pool(activation) logits(pool)`},
		{"vectors are added by a dense layer", `["flatten",{"op":"dense","units":4,"name":"a"},{"op":"dense","units":5},{"op":"add","input":["last","a"]}]`,
			`flatten(input) a(flatten) dense(a) fit(a) add(dense fit) logits(add)`},
	} {
		n := built(t, asks+test.network+"}", image)
		if got := strings.ReplaceAll(describe(n), "\n", " "); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

// TestAttributes checks numbers: expressions, ranges, and groups that divide.
func TestAttributes(t *testing.T) {
	n := built(t, asks+`[
		{"op":"conv2d","filters":"$k * 2","kernel":[5,"$k/2"],"stride":2,"dilation":2,"bias":true},
		{"op":"conv2d","filters":"in / 2","groups":4,"kernel":1},
		{"op":"conv2d","groups":"depthwise"},
		{"op":"maxpool","kernel":3,"padding":"valid"},
		{"op":"avgpool","kernel":8,"stride":1,"padding":"valid"},
		{"op":"conv2d","filters":"$k * $k * $k * $k * $k * $k"}]}`, tasks[spec.TaskImage])
	want := []spec.Node{
		{Filters: 12, Kernel: [2]int{5, 3}, Stride: [2]int{2, 2}, Dilation: [2]int{2, 2}, Groups: 1, Bias: true, Padding: spec.Same},
		{Filters: 6, Kernel: [2]int{1, 1}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 2, Padding: spec.Same},
		{Filters: 6, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 6, Padding: spec.Same},
		{Kernel: [2]int{3, 3}, Stride: [2]int{3, 3}, Padding: spec.Valid},
		{Kernel: [2]int{8, 8}, Stride: [2]int{1, 1}, Padding: spec.Same}, // 2 by 2 is too small for it
		{Filters: 4096, Kernel: [2]int{3, 3}, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1, Padding: spec.Same},
	}
	for i, w := range want {
		g := n.Nodes[i]
		if g.Filters != w.Filters || g.Kernel != w.Kernel || g.Stride != w.Stride || g.Dilation != w.Dilation || g.Groups != w.Groups || g.Bias != w.Bias || g.Padding != w.Padding {
			t.Errorf("%s is %+v\nwant %+v", g.Name, g, w)
		}
	}
}

// TestBeyondNumbers: a product of options that is no number is taken for 0, which
// leaves the default in its place.
func TestBeyondNumbers(t *testing.T) {
	n := built(t, `{"kinds":{"k":[1e308],"z":[0]},"decisions":["k","z"],"network":[{"op":"conv2d","filters":"$k * $k * $z"},{"op":"dropout","rate":"$k * $k * $z"},{"op":"dropout","rate":"1 / 4"}]}`, tasks[spec.TaskImage])
	if n.Nodes[0].Filters != 3 || n.Nodes[1].Rate != 0.25 {
		t.Errorf("%+v", n.Nodes)
	}
}

// TestCells: the three cells are what their equations say, by their counts.
func TestCells(t *testing.T) {
	for name, gates := range map[string]int64{"rnn": 1, "gru": 3, "lstm": 4} {
		plan, err := cellOf(name).Infer(5, 7)
		if err != nil {
			t.Fatal(err)
		}
		states := 1
		if name == "lstm" {
			states = 2
		}
		if want := gates * (5*7 + 7*7 + 7); plan.Params != want || len(plan.States) != states || len(plan.Nodes) != len(cellOf(name).Nodes) {
			t.Errorf("%s has %d parameters, want %d; %d states", name, plan.Params, want, len(plan.States))
		}
	}
}
