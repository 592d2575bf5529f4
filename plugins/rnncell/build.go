package rnncell

import (
	"strconv"

	"github.com/espalier-nas/espalier/wasm/guest"
	"github.com/espalier-nas/espalier/wasm/spec"
)

// model is the network around the cell.
type model struct {
	layers, units, params, embedding int
	tied, variational                bool
	embeddingDropout, inputDropout   float64
	outputDropout, stateDropout      float64
}

func readModel(p guest.Params) model {
	return model{
		layers: p.Int("layers"), units: p.Int("units"), params: p.Int("params"), embedding: p.Int("embedding"),
		tied: p.Bool("tied"), variational: p.Bool("variational"),
		embeddingDropout: p.Float("embedding_dropout"), inputDropout: p.Float("input_dropout"),
		outputDropout: p.Float("output_dropout"), stateDropout: p.Float("state_dropout"),
	}
}

// problems says what is wrong with the params beyond their declaration.
func (m *model) problems() string {
	if m.tied && m.embedding != 0 && m.embedding != m.units {
		return "a tied embedding is as wide as the layers: set embedding to 0; "
	}
	return ""
}

func (s *space) Build(answers spec.Answers, task spec.Task) (*spec.Network, error) {
	if err := guest.CheckPrefix(s.info, answers, s.decision); err != nil {
		return nil, err
	}
	if len(answers) < s.info.MaxSteps {
		return nil, guest.BadPrefix(len(answers), "the episode is not over; it has "+strconv.Itoa(s.info.MaxSteps)+" answers")
	}
	units := s.model.units
	if units == 0 {
		if units = s.fit(task.Classes); units == 0 {
			return nil, guest.Unsupported("no network of " + strconv.Itoa(s.model.params) + " weights has a vocabulary of " +
				strconv.Itoa(task.Classes) + "; raise params, or set units")
		}
	}
	b := &builder{network: &spec.Network{Task: task}, variational: s.model.variational}
	s.model.write(b, s.cell(answers), units)
	return b.network, nil
}

// write adds the network's nodes, from the embedding to the logits.
func (m *model) write(b *builder, cell *spec.Cell, units int) {
	const table = "embedding"
	embedding := b.node(table, spec.OpEmbedding, spec.InputName)
	embedding.Vocabulary = b.network.Task.Classes
	if embedding.Units = m.embedding; embedding.Units == 0 {
		embedding.Units = units
	}
	at := b.dropout(table, m.embeddingDropout)
	for layer := 1; layer <= m.layers; layer++ {
		name := "layer" + strconv.Itoa(layer)
		recurrent := b.node(name, spec.OpRecurrent, at)
		recurrent.Units, recurrent.Cell = units, cell
		recurrent.Rate, recurrent.Variational = m.stateDropout, m.stateDropout != 0
		rate := m.inputDropout // of the next layer
		if layer == m.layers {
			rate = m.outputDropout
		}
		at = b.dropout(name, rate)
	}
	dense := b.node("logits", spec.OpDense, at)
	dense.Units, dense.Bias = b.network.Task.Classes, true
	if m.tied {
		dense.Tied = table
	}
	b.network.Output = dense.Name
}

// builder writes a network node by node.
type builder struct {
	network     *spec.Network
	variational bool
}

// node adds a node; the pointer is good until the next one is added.
//
//go:noinline
func (b *builder) node(name string, op spec.Op, inputs ...string) *spec.Node {
	b.network.Nodes = append(b.network.Nodes, spec.Node{Name: name, Op: op, Inputs: inputs})
	return &b.network.Nodes[len(b.network.Nodes)-1]
}

// dropout adds dropout of what a node yields, unless the rate is 0, and returns
// the node to read.
func (b *builder) dropout(of string, rate float64) string {
	if rate == 0 {
		return of
	}
	node := b.node(of+"/dropout", spec.OpDropout, of)
	node.Rate, node.Variational = rate, b.variational
	return node.Name
}

// fit returns the width whose weights come nearest to the param params, the
// smaller of two that are equally near; 0 if even a width of 1 has more.
func (s *space) fit(vocabulary int) int {
	target := int64(s.model.params)
	low, high := 0, spec.MaxChannels // weights(low) <= target, low is the widest so far
	for low < high {
		middle := (low + high + 1) / 2
		if s.weights(middle, vocabulary) <= target {
			low = middle
		} else {
			high = middle - 1
		}
	}
	if low > 0 && low < spec.MaxChannels && s.weights(low+1, vocabulary)-target < target-s.weights(low, vocabulary) {
		low++
	}
	return low
}

// weights counts the network's weights at a width.
func (s *space) weights(units, vocabulary int) int64 {
	n, v, embedding := int64(units), int64(vocabulary), int64(s.model.embedding)
	if embedding == 0 {
		embedding = n
	}
	leaves, layers := int64(s.base), int64(s.model.layers)
	count := v*embedding + leaves*n*(embedding+n) + (layers-1)*leaves*2*n*n
	if !s.model.tied {
		count += v * n
	}
	return count
}
