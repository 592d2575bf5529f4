package baselines

import "github.com/espalier-nas/espalier/wasm/spec"

// highway is a convolutional highway network of 3n+4 layers (Srivastava et al.
// 2015, equation 3). Each of its three stages is a convolution and n highway
// layers
//
//	y = H(x) ∘ T(x) + x ∘ (1 - T(x)),  H = relu(conv), T = sigmoid(conv)
//
// and ends with a max pool that halves the map, but for the last. With batch
// normalization, which the paper has not, H and T have no biases.
func highway(b *builder, sizes []int, x *extras) {
	n, width := (sizes[0]-4)/3, sizes[1]
	at := spec.InputName
	for stage, thirds := range [3]int{3, 5, 8} {
		v := figures{filters: width * thirds / 3, bias: !x.norm}
		line := "maxpool:2 conv:3f norm relu"
		if stage == 0 {
			line = "conv:3f norm relu"
		}
		at = b.block(label(stage+1, 0), at, line, &v)
		for i := 1; i <= n; i++ {
			at = b.block(label(stage+1, i), at, "conv:3f norm relu gate:3f=0 transform carry new=relu,transform old=0,carry add=new,old", &v)
		}
	}
	b.classifier(at)
}
