package baselines

import (
	"github.com/espalier-nas/espalier/wasm/spec"
)

// fractalNet is a fractal network (Larsson et al. 2017): 5 blocks, each followed
// by a max pool that halves the map. A block of C columns is
//
//	f_1(z) = conv(z)
//	f_C(z) = conv(z) ⊕ f_{C-1}(f_{C-1}(z))
//
// with convolutions of 3 by 3 followed by batch normalization and ReLU. The join
// ⊕ is a mean, and one join ends all columns that end at the same place.
func fractalNet(b *builder, sizes []int, x *extras) {
	at := spec.InputName
	for i, times := range [5]int{1, 2, 4, 8, 8} {
		f := fractal{builder: b, label: "block" + number(i+1) + "/", rate: x.dropPath}
		f.figures.filters = sizes[1] * times
		at = b.block(f.label, f.join(f.columns(sizes[0], at)), "maxpool:2", &f.figures)
	}
	b.classifier(at)
}

// fractal writes a block.
type fractal struct {
	*builder
	label   string
	figures figures
	rate    float64
	count   int // of layers and joins so far
}

// columns adds a fractal of C columns and returns what is to be joined.
func (f *fractal) columns(c int, z string) []string {
	ends := make([]string, c) // of the columns, and behind each the next fractal
	for i := range ends {
		ends[i] = f.block(f.next("layer")+"/", z, "conv:3f norm relu", &f.figures)
		if left := c - 1 - i; left > 0 {
			z = f.join(f.columns(left, z))
		}
	}
	return ends
}

// join adds the mean of the columns that end here.
//
//go:noinline
func (f *fractal) join(ends []string) string {
	if len(ends) == 1 {
		return ends[0]
	}
	n := f.node(f.next("join"), spec.OpMean, ends)
	n.Rate = f.rate
	return n.Name
}

// next numbers what is added.
//
//go:noinline
func (f *fractal) next(what string) string {
	f.count++
	return f.label + what + number(f.count)
}
