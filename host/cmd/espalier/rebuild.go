package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/espalier-nas/espalier/host/report"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// fitTask makes a network one for the task. A language model takes the width of
// its embedding table and of its logits from the vocabulary, and the length of
// its window from the recipe; the width of its layers stays. A network for
// images has to suit as it is.
func fitTask(network *spec.Network, task spec.Task) (*spec.Network, error) {
	switch is := network.Task; {
	case is.Type != task.Type:
		return nil, fmt.Errorf("the network is for the task %s, the data for %s", is.Type, task.Type)
	case is.Type == spec.TaskImage && (!slices.Equal(is.Input, task.Input) || is.Classes != task.Classes):
		return nil, fmt.Errorf("the network takes images of %v and tells %d classes apart, those of the data are %v of %d classes", is.Input, is.Classes, task.Input, task.Classes)
	case is.Type == spec.TaskImage:
		return network, nil
	}
	n := copyOf(network)
	n.Task = task
	for i := range n.Nodes {
		node := &n.Nodes[i]
		switch {
		case node.Op == spec.OpEmbedding:
			node.Vocabulary = task.Classes
		case node.Op == spec.OpDense && node.Name == n.Output:
			node.Units = task.Classes
		}
	}
	return n, n.Validate()
}

// languageModelOf is the small language model of Zaremba et al. (2014), two
// layers of 200 units without dropout, with a cell of its own, for a vocabulary
// that fitTask will replace.
func languageModelOf(cell *spec.Cell) *spec.Network {
	const units, vocabulary = 200, 2
	return &spec.Network{Task: spec.Task{Type: spec.TaskText, Input: []int{1}, Classes: vocabulary}, Output: "logits", Nodes: []spec.Node{
		{Name: "embedding", Op: spec.OpEmbedding, Inputs: []string{spec.InputName}, Units: units, Vocabulary: vocabulary},
		{Name: "layer1", Op: spec.OpRecurrent, Inputs: []string{"embedding"}, Units: units, Cell: cell},
		{Name: "layer2", Op: spec.OpRecurrent, Inputs: []string{"layer1"}, Units: units, Cell: cell},
		{Name: "logits", Op: spec.OpDense, Inputs: []string{"layer2"}, Units: vocabulary, Bias: true},
	}}
}

// copyOf is a network whose nodes can be changed. Their cells are shared.
func copyOf(network *spec.Network) *spec.Network {
	n := *network
	n.Nodes = slices.Clone(n.Nodes)
	return &n
}

// withCell puts a cell in the place of every recurrent node's.
func withCell(network *spec.Network, cell *spec.Cell) *spec.Network {
	n := copyOf(network)
	for i := range n.Nodes {
		if n.Nodes[i].Op == spec.OpRecurrent {
			n.Nodes[i].Cell = cell
		}
	}
	return n
}

// layerWidth is the width of the recurrent layers.
func layerWidth(network *spec.Network) (int, error) {
	width := 0
	for _, node := range network.Nodes {
		if node.Op != spec.OpRecurrent {
			continue
		}
		if width != 0 && node.Units != width {
			return 0, errors.New("its recurrent layers differ in width, so none can be chosen for all")
		}
		width = node.Units
	}
	if width == 0 {
		return 0, errors.New("it has no recurrent layer")
	}
	return width, nil
}

// widened gives the recurrent layers another width, and the embedding the given
// one.
func widened(network *spec.Network, units, embedding int) *spec.Network {
	n := copyOf(network)
	for i := range n.Nodes {
		switch n.Nodes[i].Op {
		case spec.OpRecurrent:
			n.Nodes[i].Units = units
		case spec.OpEmbedding:
			n.Nodes[i].Units = embedding
		}
	}
	return n
}

// sizeTolerance is how far from the wanted one the number of parameters may be.
const sizeTolerance = 0.02

// sized gives a language model the width that brings its parameters nearest to
// a number. Where whole widths are too coarse for that, the embedding takes
// another width than the layers, unless it is tied to the logits.
func sized(network *spec.Network, want int64) (*spec.Network, error) {
	if _, err := layerWidth(network); err != nil {
		return nil, err
	}
	tied := slices.ContainsFunc(network.Nodes, func(n spec.Node) bool { return n.Tied != "" })
	units := nearest(want, func(units int) *spec.Network { return widened(network, units, units) })
	n := widened(network, units, units)
	if off(n, want) > sizeTolerance && !tied {
		embedding := nearest(want, func(embedding int) *spec.Network { return widened(network, units, embedding) })
		n = widened(network, units, embedding)
	}
	plan, err := n.Infer()
	if err != nil {
		return nil, err
	}
	if off(n, want) > sizeTolerance {
		return nil, fmt.Errorf("no width brings it within %s of %s parameters; the nearest has %s",
			report.Percent(sizeTolerance), report.Grouped(want), report.Grouped(plan.Params))
	}
	return n, nil
}

// off is the relative distance of a network's parameters from a number.
func off(network *spec.Network, want int64) float64 {
	difference := countParams(network) - want
	return float64(max(difference, -difference)) / float64(want)
}

// nearest is the width whose network has the number of parameters nearest to
// want. They grow with the width.
func nearest(want int64, at func(width int) *spec.Network) int {
	low, high := 1, spec.MaxChannels
	for low < high {
		middle := (low + high + 1) / 2
		if countParams(at(middle)) <= want {
			low = middle
		} else {
			high = middle - 1
		}
	}
	if low < spec.MaxChannels && off(at(low+1), want) < off(at(low), want) {
		low++
	}
	return low
}

// countParams is the number of parameters, the largest there can be where the
// network is too large.
func countParams(network *spec.Network) int64 {
	plan, err := network.Infer()
	if err != nil {
		return spec.MaxParams
	}
	return plan.Params
}

// withDropout gives all dropout between layers a rate. A language model gets it
// where it has none: after the embedding and after each layer, with a mask for
// each step (Zaremba et al. 2014), or one for a whole window (Gal & Ghahramani
// 2016) if that is how the dropout is that it has.
func withDropout(network *spec.Network, rate float64) (*spec.Network, error) {
	if !(rate >= 0 && rate < 1) {
		return nil, fmt.Errorf("a rate of dropout is at least 0 and less than 1")
	}
	n := copyOf(network)
	found, variational := false, false
	read := map[string]bool{} // what a dropout node reads
	for i := range n.Nodes {
		if n.Nodes[i].Op == spec.OpDropout {
			n.Nodes[i].Rate, found = rate, true
			variational = variational || n.Nodes[i].Variational
			read[n.Nodes[i].Inputs[0]] = true
		}
	}
	if n.Task.Type != spec.TaskText {
		if !found {
			return nil, errors.New("the network has no dropout")
		}
		return n, nil
	}
	for i := range network.Nodes {
		node := network.Nodes[i]
		if node.Op != spec.OpEmbedding && node.Op != spec.OpRecurrent || read[node.Name] || rate == 0 {
			continue
		}
		dropped := spec.Node{Name: node.Name + "/dropout", Op: spec.OpDropout, Inputs: []string{node.Name}, Rate: rate, Variational: variational}
		for j := range n.Nodes {
			n.Nodes[j].Inputs = slices.Clone(n.Nodes[j].Inputs)
			for k, input := range n.Nodes[j].Inputs {
				if input == node.Name {
					n.Nodes[j].Inputs[k] = dropped.Name
				}
			}
		}
		n.Nodes = append(n.Nodes, dropped)
	}
	return n, n.Validate()
}
