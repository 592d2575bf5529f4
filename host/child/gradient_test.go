package child

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// TestOperations checks every operation in every shape that it can take, each
// before a convolution and after one, so that it both yields and passes on
// gradients.
func TestOperations(t *testing.T) {
	window := func(op spec.Op, h, w int, f func(n *spec.Node)) spec.Node {
		return with(spec.Node{Op: op, Kernel: [2]int{h, w}, Filters: map[spec.Op]int{spec.OpConv2D: 6}[op]}, f)
	}
	stride := func(h, w int) func(n *spec.Node) { return func(n *spec.Node) { n.Stride = [2]int{h, w} } }
	valid := func(h, w int) func(n *spec.Node) {
		return func(n *spec.Node) { n.Padding, n.Stride = spec.Valid, [2]int{h, w} }
	}
	plain := func(*spec.Node) {}
	ops := map[string]spec.Node{
		"conv 1x1":          window(spec.OpConv2D, 1, 1, plain),
		"conv 3x3":          window(spec.OpConv2D, 3, 3, plain),
		"conv even 2x4":     window(spec.OpConv2D, 2, 4, plain),
		"conv 7x1 > map":    window(spec.OpConv2D, 7, 1, plain),
		"conv bias":         window(spec.OpConv2D, 3, 1, func(n *spec.Node) { n.Bias = true }),
		"conv stride 2x3":   window(spec.OpConv2D, 3, 5, stride(2, 3)),
		"conv 1x1 stride 3": window(spec.OpConv2D, 1, 1, stride(3, 3)),
		"conv valid":        window(spec.OpConv2D, 3, 2, valid(1, 1)),
		"conv valid stride": window(spec.OpConv2D, 2, 3, valid(2, 3)),
		"conv dilation":     window(spec.OpConv2D, 3, 3, func(n *spec.Node) { n.Dilation = [2]int{2, 3} }),
		"conv all": window(spec.OpConv2D, 3, 2, func(n *spec.Node) {
			n.Dilation, n.Stride, n.Groups, n.Padding, n.Bias = [2]int{2, 1}, [2]int{1, 2}, 3, spec.Valid, true
		}),
		"conv groups":       window(spec.OpConv2D, 3, 3, func(n *spec.Node) { n.Groups = 2 }),
		"conv depthwise":    window(spec.OpConv2D, 3, 3, func(n *spec.Node) { n.Groups = 6 }),
		"batchnorm":         norm,
		"relu":              relu,
		"tanh":              actNode(spec.FuncTanh),
		"sigmoid":           actNode(spec.FuncSigmoid),
		"sin":               actNode(spec.FuncSin),
		"identity":          actNode(spec.FuncIdentity),
		"maxpool 2x2":       window(spec.OpMaxPool, 2, 2, stride(2, 2)),
		"maxpool 3x2 over":  window(spec.OpMaxPool, 3, 2, stride(1, 2)),
		"maxpool valid":     window(spec.OpMaxPool, 2, 3, valid(2, 1)),
		"avgpool 2x2":       window(spec.OpAvgPool, 2, 2, stride(2, 2)),
		"avgpool 3x3 over":  window(spec.OpAvgPool, 3, 3, stride(2, 1)),
		"avgpool valid":     window(spec.OpAvgPool, 3, 2, valid(1, 2)),
		"dense on a map":    denseNode(5),
		"dense without":     {Op: spec.OpDense, Units: 4},
		"dropout":           {Op: spec.OpDropout, Rate: 0.3},
		"dropout off":       {Op: spec.OpDropout},
		"concat with self":  {Op: spec.OpConcat, Inputs: []string{"front", "front"}},
		"add with self":     {Op: spec.OpAdd, Inputs: []string{"front", "front"}},
		"product with self": {Op: spec.OpElemMult, Inputs: []string{"front", "front", "front"}},
		"mean with self":    {Op: spec.OpMean, Inputs: []string{"front", "front"}},
		"drop-path":         {Op: spec.OpMean, Inputs: []string{"front", "front", "front"}, Rate: 0.4},
		"one minus":         {Op: spec.OpOneMinus},
		"pad":               {Op: spec.OpPad, Filters: 11},
		"pad by nothing":    {Op: spec.OpPad, Filters: 6},
		"concat with input": {Op: spec.OpConcat, Inputs: []string{"input", "front"}},
	}
	everyLevel(t, func(t *testing.T) {
		for name, op := range ops {
			t.Run(name, func(t *testing.T) {
				front := with(convNode(6, 3, 3), func(n *spec.Node) { n.Name = "front" })
				for seed, net := range []*spec.Network{
					network(7, 5, 3, 3, front, op, convNode(4, 3, 3), global, denseNode(3)),
					network(6, 9, 6, 3, with(convNode(6, 2, 2), func(n *spec.Node) { n.Name, n.Bias = "front", true }), norm, relu, op, flatten, denseNode(3)),
				} {
					newExample(t, net, 4, 3, Options{}, uint64(seed)).check(t)
				}
			})
		}
	})
}

// TestFirstOperation checks operations that read the network's input, whose
// gradient nobody wants.
func TestFirstOperation(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		newExample(t, network(5, 6, 2, 3, flatten, denseNode(3)), 3, 3, Options{}, 1).check(t)
		// Batch normalisation of a single row: its variance is 0.
		newExample(t, network(2, 2, 2, 3, flatten, denseNode(4), norm, relu, denseNode(3)), 3, 1, Options{}, 1).check(t)
		for i, first := range []spec.Node{convNode(4, 3, 3), norm, relu, denseNode(3), {Op: spec.OpMaxPool, Kernel: [2]int{2, 2}}} {
			newExample(t, network(5, 6, 2, 3, first, flatten, denseNode(3)), 3, 3, Options{}, uint64(i)).check(t)
		}
	})
}

// TestJoins checks concatenations of maps of different sizes, sums, and values
// that many read.
func TestJoins(t *testing.T) {
	half := func(n spec.Node, h, w int) spec.Node { n.Stride = [2]int{h, w}; return n }
	nets := map[string]*spec.Network{
		"sizes": network(8, 7, 2, 3,
			from("a", convNode(3, 3, 3), "input"),
			from("b", half(convNode(4, 3, 3), 2, 2), "a"),
			from("c", half(convNode(2, 1, 1), 3, 1), "a"),
			from("d", spec.Node{Op: spec.OpConcat}, "b", "a", "input", "c"),
			from("e", norm, "d"), relu, convNode(4, 2, 2), global, denseNode(3)),
		"parts": network(6, 5, 2, 3,
			from("a", convNode(3, 3, 3), "input"),
			from("b", norm, "a"),
			from("c", relu, "b"),
			from("d", spec.Node{Op: spec.OpConcat}, "c", "input", "c", "a"), // read by two, c and a in others too
			from("e", convNode(4, 3, 3), "d"),
			from("f", convNode(4, 2, 1), "d"),
			from("g", actNode(spec.FuncIdentity), "d"),
			from("h", spec.Node{Op: spec.OpDropout, Rate: 0.3}, "e"),
			from("i", relu, "f"),
			from("j", spec.Node{Op: spec.OpConcat}, "g", "h", "i", "b"), // nested, by way of an alias
			from("k", half(convNode(4, 3, 2), 2, 1), "j"),
			from("l", spec.Node{Op: spec.OpConcat}, "k", "j"), // of two sizes
			from("m", convNode(3, 2, 2), "l"),
			global, denseNode(3)),
		"parts for Winograd": network(8, 7, 2, 3,
			from("a", convNode(9, 3, 3), "input"),
			from("b", relu, "a"),
			from("c", spec.Node{Op: spec.OpConcat}, "b", "input", "a", "b"),
			from("d", with(convNode(8, 3, 5), func(n *spec.Node) { n.Bias = true }), "c"),
			from("e", norm, "d"),
			from("f", spec.Node{Op: spec.OpConcat}, "c", "e"),
			from("g", convNode(8, 7, 1), "f"),
			from("h", relu, "g"),
			from("i", with(convNode(10, 1, 3), func(n *spec.Node) { n.Padding = spec.Valid }), "h"),
			from("j", half(convNode(8, 3, 3), 2, 3), "f"),
			from("k", spec.Node{Op: spec.OpConcat}, "i", "j", "f"), // of several sizes, and yet whole
			from("l", convNode(9, 3, 3), "k"),
			from("m", spec.Node{Op: spec.OpConcat}, "j", "l", "i"), // of several sizes
			global, denseNode(3)),
		"not in parts": network(6, 5, 2, 3,
			from("a", convNode(3, 3, 3), "input"),
			from("b", spec.Node{Op: spec.OpConcat}, "a", "input", "a"), // read by a group, a pool and a convolution
			from("c", with(convNode(4, 3, 3), func(n *spec.Node) { n.Groups = 2 }), "b"),
			from("d", convNode(2, 3, 3), "b"),
			from("e", spec.Node{Op: spec.OpConcat}, "b", "c", "d"),
			from("f", convNode(2, 3, 3), "e"),
			from("g", spec.Node{Op: spec.OpMaxPool, Kernel: [2]int{2, 2}}, "b"),
			from("h", spec.Node{Op: spec.OpConcat}, "f", "g"),
			from("i", flatten, "h"),
			denseNode(3)),
		"gates": network(6, 5, 2, 3, // as in a highway network
			from("x", convNode(4, 3, 3), "input"),
			from("h", with(convNode(4, 3, 3), func(n *spec.Node) { n.Bias = true }), "x"),
			from("i", relu, "h"),
			from("z", convNode(4, 1, 1), "x"),
			from("t", actNode(spec.FuncSigmoid), "z"),
			from("c", spec.Node{Op: spec.OpOneMinus}, "t"),
			from("a", spec.Node{Op: spec.OpElemMult}, "t", "i"),
			from("b", spec.Node{Op: spec.OpElemMult}, "c", "x"),
			from("y", spec.Node{Op: spec.OpAdd}, "a", "b"),
			from("w", spec.Node{Op: spec.OpElemMult}, "y", "c", "x", "i"),
			from("r", relu, "w"),
			global, denseNode(3)),
		"fractal": network(6, 5, 2, 3,
			from("a", convNode(4, 3, 3), "input"),
			from("b", convNode(4, 3, 3), "input"),
			from("c", spec.Node{Op: spec.OpMean, Rate: 0.5}, "a", "b"),
			from("d", norm, "c"), // overwrites nothing that others read
			from("e", relu, "d"),
			from("f", convNode(2, 3, 3), "e"),
			from("g", spec.Node{Op: spec.OpPad, Filters: 4}, "f"),
			from("h", spec.Node{Op: spec.OpMean}, "g", "c", "a", "e"),
			from("i", spec.Node{Op: spec.OpMean, Rate: 0.3}, "h", "g", "a"),
			global, denseNode(3)),
		"padded input": network(6, 5, 2, 3,
			from("a", spec.Node{Op: spec.OpPad, Filters: 5}, "input"),
			from("b", spec.Node{Op: spec.OpOneMinus}, "a"),
			from("c", convNode(5, 3, 3), "input"),
			from("d", spec.Node{Op: spec.OpMean, Rate: 0.4}, "a", "c", "b"),
			from("e", spec.Node{Op: spec.OpElemMult}, "a", "d"),
			from("f", spec.Node{Op: spec.OpConcat}, "e", "a", "input"),
			from("g", convNode(3, 3, 3), "f"),
			global, denseNode(3)),
		"fan-out": network(6, 6, 1, 4,
			from("a", convNode(4, 3, 3), "input"),
			from("b", norm, "a"),
			from("c", relu, "b"),
			from("d", actNode(spec.FuncTanh), "b"),
			from("e", spec.Node{Op: spec.OpAdd}, "a", "b", "c", "d"),
			from("f", relu, "a"),
			from("g", spec.Node{Op: spec.OpConcat}, "e", "f", "c"),
			global, denseNode(4)),
		"dead ends": network(6, 6, 1, 2,
			from("a", convNode(4, 3, 3), "input"),
			from("dead", convNode(5, 3, 3), "a"),
			from("dead too", norm, "dead"),
			from("b", relu, "a"),
			from("c", global, "b"), denseNode(2)),
	}
	everyLevel(t, func(t *testing.T) {
		for name, net := range nets {
			t.Run(name, func(t *testing.T) { newExample(t, net, 3, 3, Options{winograd: true}, 5).check(t) })
		}
	})
}

func TestRandomNetworks(t *testing.T) {
	everyLevel(t, func(t *testing.T) {
		for seed := range uint64(50) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				net := randomNet(rand.New(rand.NewPCG(seed, 7)))
				newExample(t, net, 4, 2+int(seed%3), Options{}, seed).check(t)
			})
		}
	})
}
