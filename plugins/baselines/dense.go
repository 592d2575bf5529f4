package baselines

import (
	"github.com/espalier-nas/espalier/wasm/spec"
)

// denseNet is a densely connected network of 3n+4 layers (Huang et al. 2017,
// section 3): three blocks of n layers, each of which reads all earlier ones of
// its block, and between them a 1 by 1 convolution and an average pool.
func denseNet(b *builder, sizes []int, x *extras) {
	b.densely((sizes[0]-4)/3, sizes[1], 16, 1, "norm1 relu1 conv1:3f dropout1", x.dropout)
}

// denseNetBC is one of 6n+4 layers with bottlenecks, 1 by 1 convolutions to 4
// times the growth before each layer, and compression, half of the channels
// between blocks.
func denseNetBC(b *builder, sizes []int, x *extras) {
	b.densely((sizes[0]-4)/6, sizes[1], 2*sizes[1], 2, "norm1 relu1 conv1:1w dropout1 norm2 relu2 conv2:3f dropout2", x.dropout)
}

func (b *builder) densely(n, growth, channels, compression int, line string, dropout float64) {
	at := b.block("stem/", spec.InputName, "conv:3f", &figures{filters: channels})
	v := figures{filters: growth, rate: dropout}
	for block := 1; block <= 3; block++ {
		v.wide = 4 * growth
		outputs := []string{at}
		for i := 1; i <= n; i++ {
			name := label(block, i)
			outputs = append(outputs, b.block(name, b.join(name, outputs), line, &v))
		}
		channels = (channels + n*growth) / compression
		v.wide = channels
		name, line := "transition"+number(block)+"/", "norm relu conv:1w dropout avgpool:2"
		if block == 3 {
			name, line = "end/", "norm relu"
		}
		at = b.block(name, b.join(name, outputs), line, &v)
	}
	b.classifier(at)
}

// join concatenates, unless there is just one.
//
//go:noinline
func (b *builder) join(label string, list []string) string {
	if len(list) == 1 {
		return list[0]
	}
	inputs := make([]string, len(list))
	copy(inputs, list)
	return b.node(label+"concat", spec.OpConcat, inputs).Name
}
