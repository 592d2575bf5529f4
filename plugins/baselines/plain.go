package baselines

import "github.com/espalier-nas/espalier/wasm/spec"

// plain adds a network without shortcuts: convolutions with biases, or with
// batch normalization, each with ReLU, of which the last has a map for each
// class. Dropout follows where the map has shrunk.
func (b *builder) plain(line string, v *figures, x *extras) {
	v.bias = !x.norm
	if v.rate = x.dropout; v.rate < 0 {
		v.rate = 0.5
	}
	b.block("", spec.InputName, line, v)
}

// nin is Network in Network (Lin et al. 2014): three convolutions, each with two
// layers of 1 by 1, between them a max and an average pool of 3 by 3 that halve
// the map.
func nin(b *builder, sizes []int, x *extras) {
	b.plain("conv1:5w norm1 relu1 conv2:1f norm2 relu2 conv3:1h norm3 relu3 maxpool:3 dropout1 "+
		"conv4:5w norm4 relu4 conv5:1w norm5 relu5 conv6:1w norm6 relu6 avgpool:3 dropout2 "+
		"conv7:3w norm7 relu7 conv8:1w norm8 relu8 conv9:1c norm9 relu9 pool",
		&figures{wide: sizes[0], filters: sizes[0] / 6 * 5, half: sizes[0] / 2}, x)
}

// allCNN is All-CNN-C (Springenberg et al. 2015, table 1): convolutions of
// stride 2 in the place of pools.
func allCNN(b *builder, sizes []int, x *extras) {
	b.plain("conv1:3f norm1 relu1 conv2:3f norm2 relu2 conv3:3fs norm3 relu3 dropout1 "+
		"conv4:3w norm4 relu4 conv5:3w norm5 relu5 conv6:3ws norm6 relu6 dropout2 "+
		"conv7:3w norm7 relu7 conv8:1w norm8 relu8 conv9:1c norm9 relu9 pool",
		&figures{filters: sizes[0], wide: 2 * sizes[0], stride: 2}, x)
}
