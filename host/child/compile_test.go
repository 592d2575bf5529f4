package child

import (
	"fmt"
	"strings"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// steps lists what a program does, with a star where it works in place, and a
// dash before it where the layer before does it, if only in evaluation.
func steps(p *Program) string {
	var list []string
	for _, s := range p.steps {
		name := strings.TrimPrefix(fmt.Sprintf("%T", s.layer), "*child.")
		if b, ok := s.layer.(*batchNorm); ok && b.relu {
			name += "+relu"
		}
		if s.inputs[0].value == s.output.value {
			name += "*"
		}
		if isEarly(s.layer) {
			name = "-" + name
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

func isEarly(l layer) bool {
	switch l := l.(type) {
	case *batchNorm:
		return l.early
	case *activation:
		return l.early
	}
	return false
}

// TestFusion: what is fused, done in place or not done at all, and what is not
// since somebody else reads what is between.
func TestFusion(t *testing.T) {
	c := convNode(4, 3, 3)
	wide := with(c, func(n *spec.Node) { n.Stride = [2]int{2, 2} })
	large := convNode(48, 3, 3) // by Winograd's method
	concat := spec.Node{Op: spec.OpConcat}
	drop := spec.Node{Op: spec.OpDropout, Rate: 0.5}
	inner := spec.Node{Op: spec.OpDense, Units: 3}
	end := []spec.Node{flatten, {Op: spec.OpDense, Units: 2}}
	for _, test := range []struct {
		nodes               []spec.Node
		training, inference string
	}{
		{[]spec.Node{c, norm, relu}, "conv -batchNorm+relu", "conv -batchNorm+relu*"},
		{[]spec.Node{c, relu}, "conv -activation*", "conv -activation*"},
		{[]spec.Node{c, relu, norm}, "conv -activation* batchNorm", "conv -activation* batchNorm*"},
		{[]spec.Node{inner, relu}, "dense -activation*", "dense -activation*"},
		{[]spec.Node{inner, norm, relu}, "dense -batchNorm+relu", "dense -batchNorm+relu*"},
		{[]spec.Node{c, relu, actNode(spec.FuncTanh)}, "conv -activation* activation", "conv -activation* activation*"},
		{[]spec.Node{c, actNode(spec.FuncSin)}, "conv activation", "conv activation*"},
		{[]spec.Node{c, norm, actNode(spec.FuncTanh)}, "conv -batchNorm activation*", "conv -batchNorm* activation*"},
		{[]spec.Node{c, norm, relu, relu}, "conv -batchNorm+relu activation*", "conv -batchNorm+relu* activation*"},
		{[]spec.Node{relu, c}, "activation conv", "activation conv"},
		{[]spec.Node{c, drop}, "conv dropout", "conv"},
		{[]spec.Node{c, actNode(spec.FuncIdentity)}, "conv", "conv"},
		{
			[]spec.Node{from("c", c, "input"), from("n", norm, "c"), from("r", relu, "n"), from("j", spec.Node{Op: spec.OpAdd}, "n", "r")},
			"conv -batchNorm activation add", "conv -batchNorm* activation add",
		},
		{
			[]spec.Node{from("c", c, "input"), from("n", norm, "c"), from("r", relu, "n"), from("j", spec.Node{Op: spec.OpAdd}, "c", "r")},
			"conv batchNorm+relu add", "conv batchNorm+relu add",
		},
		{
			[]spec.Node{from("c", c, "input"), from("j", concat, "c", "input"), from("d", c, "j"), from("k", concat, "d", "j"), c},
			"conv conv conv", "conv conv conv",
		},
		{
			[]spec.Node{from("c", c, "input"), from("j", concat, "c", "input"), from("k", concat, "j", "c"), relu},
			"conv concat activation*", "conv concat activation*",
		},
		{
			[]spec.Node{from("c", c, "input"), from("j", concat, "c", "input"), from("p", wide, "j"), from("k", concat, "p", "j"), c},
			"conv conv conv", "conv conv conv",
		},
		{
			[]spec.Node{from("c", c, "input"), from("p", wide, "c"), from("k", concat, "p", "c"), from("g", global, "k")},
			"conv conv globalPool", "conv conv globalPool",
		},
		{
			[]spec.Node{from("c", large, "input"), from("p", wide, "c"), from("k", concat, "p", "c"), from("d", large, "k")},
			"conv conv concat conv", "conv conv concat conv",
		},
	} {
		for _, mode := range []struct {
			inference bool
			want      string
		}{{false, test.training}, {true, test.inference}} {
			rest := end
			if test.nodes[len(test.nodes)-1].Op == spec.OpGlobalAvgPool {
				rest = end[1:]
			}
			net := network(4, 4, 1, 2, append(append([]spec.Node(nil), test.nodes...), rest...)...)
			p, err := Compile(net, 2, Options{BatchNorm: testNorm, Inference: mode.inference})
			if err != nil {
				t.Fatal(err)
			}
			if got := steps(p); got != mode.want+" dense" {
				t.Errorf("inference %v: %s, want %s dense", mode.inference, got, mode.want)
			}
		}
	}
}

// TestInit: weights have the variance 2/fan-in, and a seed its own weights.
func TestInit(t *testing.T) {
	net := network(4, 4, 8, 2, with(convNode(200, 3, 3), func(n *spec.Node) { n.Groups, n.Bias = 2, true }), norm, relu, flatten, denseNode(2))
	p, err := Compile(net, 1, Options{BatchNorm: testNorm})
	if err != nil {
		t.Fatal(err)
	}
	p.Init(1)
	first := p.Weights()
	for _, q := range p.params {
		sum, squares := 0.0, 0.0
		for _, v := range q.value {
			sum += float64(v)
			squares += float64(v) * float64(v)
		}
		n := float64(len(q.value))
		mean, square := sum/n, squares/n
		wantMean, wantSquare := 0.0, 0.0
		switch {
		case strings.HasSuffix(q.name, ".gamma") || strings.HasSuffix(q.name, ".variance"):
			wantMean, wantSquare = 1, 1
		case q.name == "n0.weight":
			wantSquare = 2.0 / (3 * 3 * 4)
		case q.name == "n4.weight":
			wantSquare = 2.0 / (4 * 4 * 200)
		}
		near(t, q.name, []float32{float32(mean), float32(square / max(wantSquare, 1e-9))}, []float64{wantMean, min(wantSquare*1e9, 1)}, 0.05)
	}
	p.Init(2)
	if p.Weights().Hash() == first.Hash() {
		t.Error("two seeds give the same weights")
	}
	p.Init(1)
	if p.Weights().Hash() != first.Hash() {
		t.Error("one seed gives two sets of weights")
	}
}
