// Package mlp is a space of multilayer perceptrons, the first plugin to read. A
// space says what it may ask (Info), asks it (Next) and draws the network
// (Build). The host brings all answers along, so a plugin remembers nothing.
package mlp

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// Module is what the plugin offers: a space, and the params that users may set.
func Module() guest.Module {
	return guest.Module{Name: "mlp", Version: "1.0.0", Summary: "Multilayer perceptrons.", Spaces: []guest.SpaceOffer{{
		Name: "layers", Summary: "Width, dropout and activation of each hidden layer.", Task: spec.TaskImage, Open: open,
		Params: []spec.Param{
			guest.Int("layers", 3, 1, 32, "the most hidden layers that a network may have"),
			guest.Ints("widths", []int{0, 32, 64, 128, 256}, 0, 4096, "widths to choose from; 0 leaves the layer out"),
			guest.Ints("dropouts", []int{0, 10, 25}, 0, 90, "rates of dropout to choose from, in percent"),
		}}}}
}

type space struct {
	values [2][]int // of the options of width and dropout
	info   spec.SpaceInfo
}

// open makes the space for given params, of three kinds of decisions. What the
// policy learns about a kind in one layer, it knows in all.
func open(p guest.Params) (guest.Space, error) {
	s := &space{values: [2][]int{p.Ints("widths"), p.Ints("dropouts")}}
	s.info = spec.SpaceInfo{Name: "layers", Task: spec.TaskImage, MaxSteps: 3 * p.Int("layers"), Kinds: []spec.Kind{
		{ID: "width", Type: spec.Choice}, {ID: "dropout", Type: spec.Choice},
		{ID: "activation", Type: spec.Choice, Options: []string{"relu", "tanh", "sigmoid"}}}}
	for i, values := range s.values {
		for _, v := range values {
			s.info.Kinds[i].Options = append(s.info.Kinds[i].Options, strconv.Itoa(v))
		}
	}
	return s, s.info.Validate() // refuses an empty list, and a value named twice
}

func (s *space) Info() spec.SpaceInfo { return s.info }

// decision is the i-th of an episode: three for each layer.
func (s *space) decision(i int) spec.Decision {
	kind := s.info.Kinds[i%3].ID
	return spec.Decision{Kind: kind, Name: "layer" + strconv.Itoa(i/3+1) + "/" + kind}
}

// Next asks what comes after the answers, none at first. That depends on how
// many there are, says State, so the host may remember it, and Any: on no more.
func (s *space) Next(answers spec.Answers) (spec.Step, error) {
	err := guest.CheckPrefix(s.info, answers, s.decision)
	if err != nil || len(answers) == s.info.MaxSteps {
		return spec.Step{Done: err == nil}, err
	}
	q := s.decision(len(answers))
	return spec.Step{Decision: &q, State: strconv.Itoa(len(answers)), Any: true}, nil
}

// Build draws the network of a whole episode, each node reading the one before.
func (s *space) Build(answers spec.Answers, task spec.Task) (*spec.Network, error) {
	if step, err := s.Next(answers); err != nil {
		return nil, err
	} else if !step.Done {
		return nil, guest.BadPrefix(len(answers), "the episode is not over")
	} else if task.Type != spec.TaskImage {
		return nil, guest.Unsupported("the networks are for images")
	}
	nodes := []spec.Node{{Name: "flatten", Op: spec.OpFlatten, Inputs: []string{spec.InputName}}}
	add := func(node spec.Node) {
		node.Inputs = []string{nodes[len(nodes)-1].Name}
		nodes = append(nodes, node)
	}
	for i := 0; i < len(answers); i += 3 {
		if width := s.values[0][answers[i].Index]; width > 0 {
			layer := "layer" + strconv.Itoa(i/3+1)
			add(spec.Node{Name: layer, Op: spec.OpDense, Units: width, Bias: true})
			add(spec.Node{Name: layer + "/act", Op: spec.OpActivation, Func: spec.Func(s.info.Kinds[2].Options[answers[i+2].Index])})
			add(spec.Node{Name: layer + "/dropout", Op: spec.OpDropout, Rate: float64(s.values[1][answers[i+1].Index]) / 100})
		}
	}
	add(spec.Node{Name: "logits", Op: spec.OpDense, Units: task.Classes, Bias: true})
	return &spec.Network{Task: task, Nodes: nodes, Output: "logits"}, nil
}
