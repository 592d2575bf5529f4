package controller

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/espalier-nas/espalier/wasm/spec"
)

// block is one weight matrix: (rows, cols), row-major, at an offset of the flat
// vector that holds all weights. Gradients and moments share the layout.
type block struct {
	name               string
	offset, rows, cols int
}

// of returns the block's part of a flat vector.
func (b block) of(flat []float32) []float32 {
	return flat[b.offset : b.offset+b.rows*b.cols]
}

// row returns row i of the block in a flat vector.
func (b block) row(flat []float32, i int) []float32 {
	return flat[b.offset+i*b.cols : b.offset+(i+1)*b.cols]
}

// lstmBlocks are the weights of one LSTM layer.
type lstmBlocks struct {
	in   int   // length of its input
	w    block // (in+H, 4H): rows x then h, columns i f o g
	bias block // (1, 4H)
}

// kindBlocks are the weights of one kind of decision.
type kindBlocks struct {
	kind spec.Kind
	// of a choice
	softmax   block // (K, H)
	bias      block // (1, K)
	embedding block // (K, E)
	// of anchors and pointers
	attention int   // index among these kinds
	previous  block // (H, H), applied to the anchor's hidden state
	current   block // (H, H), applied to the present hidden state
	v         block // (1, H)
	none      block // (1, E), anchors only: the input after the empty set
}

// layout says where each weight lies in the flat vector.
type layout struct {
	size       int
	blocks     []block
	first      block // (1, E)
	layers     []lstmBlocks
	kinds      []kindBlocks
	byID       map[string]int // index in kinds
	attentions []int          // indices in kinds of anchors and pointers
}

func (l *layout) add(name string, rows, cols int) block {
	b := block{name: name, offset: l.size, rows: rows, cols: cols}
	l.size += rows * cols
	l.blocks = append(l.blocks, b)
	return b
}

// newLayout lays out the weights for valid kinds, in their order; it reports
// every kind that cannot be served.
func newLayout(c Config, kinds []spec.Kind) (*layout, error) {
	l := &layout{byID: make(map[string]int)}
	l.first = l.add("first", 1, c.Embedding)
	in := c.Embedding
	for i := range c.Layers {
		name := fmt.Sprintf("lstm%d/", i)
		l.layers = append(l.layers, lstmBlocks{
			in:   in,
			w:    l.add(name+"weights", in+c.Units, 4*c.Units),
			bias: l.add(name+"bias", 1, 4*c.Units),
		})
		in = c.Units
	}
	var errs []error
	for _, k := range kinds {
		b := kindBlocks{kind: k}
		switch k.Type {
		case spec.Choice:
			n := len(k.Options)
			b.softmax = l.add(k.ID+"/softmax", n, c.Units)
			b.bias = l.add(k.ID+"/bias", 1, n)
			b.embedding = l.add(k.ID+"/embedding", n, c.Embedding)
		case spec.AnchorSet, spec.Pointer:
			if c.Embedding != c.Units {
				errs = append(errs, fmt.Errorf("controller: embedding is %d but units is %d; kind %q turns hidden states into inputs, so set them equal", c.Embedding, c.Units, k.ID))
			}
			b.attention = len(l.attentions)
			l.attentions = append(l.attentions, len(l.kinds))
			b.previous = l.add(k.ID+"/previous", c.Units, c.Units)
			b.current = l.add(k.ID+"/current", c.Units, c.Units)
			b.v = l.add(k.ID+"/v", 1, c.Units)
			if k.Type == spec.AnchorSet {
				b.none = l.add(k.ID+"/none", 1, c.Embedding)
			}
		}
		l.byID[k.ID] = len(l.kinds)
		l.kinds = append(l.kinds, b)
	}
	return l, errors.Join(errs...)
}

// uniform fills w with U(-bound, bound).
func uniform(w []float32, bound float64, rng *rand.Rand) {
	for i := range w {
		// The inner conversion forbids the compiler to fuse.
		w[i] = float32((2*float64(rng.Float64()) - 1) * bound)
	}
}
