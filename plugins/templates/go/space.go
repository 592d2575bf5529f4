package main

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

const maxLayers = 16

// What a layer can be. The labels of the options are shown to people; an answer
// is the position of an option.
var (
	filters = []int{4, 8, 16}
	kernels = []int{1, 3, 5}
)

// The kinds of decision, in the order in which a layer asks them. Decisions of
// one kind share what the controller learns, so a kind has the same options
// wherever it is asked.
var kinds = []spec.Kind{
	{ID: "filters", Type: spec.Choice, Options: labels(filters)},
	{ID: "kernel", Type: spec.Choice, Options: labels(kernels)},
	{ID: "reads", Type: spec.AnchorSet}, // any of the earlier anchor points
}

func labels(values []int) (list []string) {
	for _, v := range values {
		list = append(list, strconv.Itoa(v))
	}
	return list
}

// stack is the space under given params.
type stack struct{ layers int }

func openStack(p guest.Params) (guest.Space, error) { return stack{p.Int("layers")}, nil }

// Info describes the space before anything is asked.
func (s stack) Info() spec.SpaceInfo {
	return spec.SpaceInfo{MaxSteps: s.layers * len(kinds), Kinds: kinds}
}

// decision is the i-th question of an episode.
func (s stack) decision(i int) spec.Decision {
	layer, kind := i/len(kinds), kinds[i%len(kinds)]
	q := spec.Decision{Kind: kind.ID, Name: "layer" + strconv.Itoa(layer+1) + "/" + kind.ID}
	if kind.Type == spec.AnchorSet {
		q.Anchor = true // this layer is the next anchor point, so that later layers can pick it
		for earlier := range layer - 1 {
			q.Candidates = append(q.Candidates, earlier)
		}
	}
	return q
}

// Next asks the question that follows the answers so far, or ends the episode.
func (s stack) Next(prefix spec.Answers) (spec.Step, error) {
	if err := guest.CheckPrefix(s.Info(), prefix, s.decision); err != nil {
		return spec.Step{}, err
	}
	if len(prefix) == s.Info().MaxSteps {
		return spec.Step{Done: true}, nil
	}
	q := s.decision(len(prefix))
	// State and Any are promises that let the host save calls: what follows
	// depends on the position alone, and not on the answer to this question.
	return spec.Step{Decision: &q, State: strconv.Itoa(len(prefix)), Any: true}, nil
}

// Build turns the answers of a whole episode into a network. Every layer is a
// convolution, batch normalization and ReLU; the first halves the image.
func (s stack) Build(answers spec.Answers, task spec.Task) (*spec.Network, error) {
	if err := guest.CheckPrefix(s.Info(), answers, s.decision); err != nil {
		return nil, err
	}
	if len(answers) < s.Info().MaxSteps {
		return nil, guest.BadPrefix(len(answers), "the episode is not over")
	}
	n := &spec.Network{Task: task}
	last := spec.InputName // what the next layer reads
	for layer := range s.layers {
		name := "layer" + strconv.Itoa(layer+1)
		picked := answers[layer*len(kinds):]
		if earlier := picked[2].Anchors; len(earlier) > 0 {
			join := add(n, name+"/join", spec.OpConcat, last)
			for _, anchor := range earlier {
				join.Inputs = append(join.Inputs, "layer"+strconv.Itoa(anchor+1)+"/relu")
			}
			last = join.Name
		}
		conv := add(n, name+"/conv", spec.OpConv2D, last)
		conv.Filters = filters[picked[0].Index]
		k := kernels[picked[1].Index]
		conv.Kernel = [2]int{k, k}
		if layer == 0 {
			conv.Stride = [2]int{2, 2}
		}
		add(n, name+"/norm", spec.OpBatchNorm, name+"/conv")
		add(n, name+"/relu", spec.OpActivation, name+"/norm").Func = spec.FuncReLU
		last = name + "/relu"
	}
	add(n, "pool", spec.OpGlobalAvgPool, last)
	logits := add(n, "logits", spec.OpDense, "pool")
	logits.Units, logits.Bias = task.Classes, true
	n.Output = logits.Name
	return n, nil
}

// add adds a node to the network. The pointer is good until the next one is
// added.
func add(n *spec.Network, name string, op spec.Op, inputs ...string) *spec.Node {
	n.Nodes = append(n.Nodes, spec.Node{Name: name, Op: op, Inputs: inputs})
	return &n.Nodes[len(n.Nodes)-1]
}
