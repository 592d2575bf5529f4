package baselines

import "github.com/espalier-nas/espalier/wasm/spec"

// zaremba is the language model of Zaremba et al. 2014: two layers of LSTM, with
// dropout of the embeddings, between the layers and before the logits. Section
// 4.1 has none at a width of 200, 0.5 at 650 and 0.65 at 1,500.
func zaremba(b *builder, sizes []int, x *extras) {
	v := figures{cell: lstm(), units: sizes[0]}
	switch {
	case v.units > 650:
		v.rate = 0.65
	case v.units > 200:
		v.rate = 0.5
	}
	b.languageModel(&v, x)
}

// variational is that of Gal & Ghahramani 2016: the same with masks that stay
// for a whole window, and dropout of states, with the rates of the published
// program.
func variational(b *builder, sizes []int, x *extras) {
	b.languageModel(galFigures(sizes), x)
}

func galFigures(sizes []int) *figures {
	return &figures{cell: lstm(), units: sizes[0], variational: true, rate: 0.5, state: 0.3}
}

// tied is variational with one table for embeddings and logits (Inan et al.
// 2017; Press & Wolf 2017).
func tied(b *builder, sizes []int, x *extras) {
	v := galFigures(sizes)
	v.tied = table
	b.languageModel(v, x)
}

// recurrentHighway is the recurrent highway network of Zilly et al. 2017, one
// layer with one table, with the rates of section 5.
func recurrentHighway(b *builder, sizes []int, x *extras) {
	b.languageModel(&figures{cell: rhn(sizes[0]), units: sizes[1], variational: true, rate: 0.75, state: 0.25, tied: table}, x)
}

// table is the name of the embedding.
const table = "embedding"

func (b *builder) languageModel(v *figures, x *extras) {
	if x.dropout >= 0 {
		v.rate = x.dropout
	}
	if v.rate == 0 {
		v.state = 0
	}
	line := "embedding dropout layer1 dropout1 layer2 dropout2 dense"
	if v.cell.Name == highwayCell {
		line = "embedding dropout layer1 dropout1 dense"
	}
	b.block("", spec.InputName, line, v)
}
