package baselines

import "github.com/espalier-nas/espalier/wasm/spec"

// residual are networks of a stem, three stages of n blocks, of which the second
// and the third halve the map and double the filters, and a classifier.
type residual struct {
	stem, end    string
	first, block string // the first block of a stage, and the others
	filters      int    // of the first stage
	expansion    int    // how many times as many channels a block yields
	rate         float64
}

func (r *residual) write(b *builder, n int) {
	at := b.block("stem/", spec.InputName, r.stem, &figures{filters: 16})
	for stage := range 3 {
		v := figures{filters: r.filters << stage, rate: r.rate}
		v.wide = r.expansion * v.filters
		for i := 1; i <= n; i++ {
			line := r.block
			if i == 1 && v.wide != 16 { // the channels change
				line = r.first
			}
			v.stride = 1
			if stage > 0 && i == 1 {
				v.stride = 2
			}
			at = b.block(label(stage+1, i), at, line, &v)
		}
	}
	b.classifier(b.block("end/", at, r.end, &figures{}))
}

// resNet is a residual network of 6n+2 layers (He et al. 2016a, section 4.2),
// with parameter-free shortcuts: where the map shrinks, every second position,
// and zeros in the place of the new channels (option A).
func resNet(b *builder, sizes []int, _ *extras) {
	r := residual{
		stem:    "conv:3f norm relu",
		first:   "avgpool:1 pad:f conv1:3fs=0 norm1 relu1 conv2:3f norm2 add=norm2,pad relu2",
		block:   "conv1:3f norm1 relu1 conv2:3f norm2 add=norm2,0 relu2",
		filters: 16, expansion: 1,
	}
	r.write(b, (sizes[0]-2)/6)
}

// preResNet is a pre-activation residual network of 9n+2 layers (He et al.
// 2016b, appendix): blocks of three convolutions, the first and last 1 by 1,
// behind batch normalization and ReLU. Where the channels change, the shortcut
// is a 1 by 1 convolution of what the block's first ReLU yields.
func preResNet(b *builder, sizes []int, _ *extras) {
	r := residual{
		stem:    "conv:3f",
		first:   "norm1 relu1 conv1:1fs norm2 relu2 conv2:3f norm3 relu3 conv3:1w shortcut:1ws=relu1 add=conv3,shortcut",
		block:   "norm1 relu1 conv1:1f norm2 relu2 conv2:3f norm3 relu3 conv3:1w add=conv3,0",
		end:     "norm relu",
		filters: 16, expansion: 4,
	}
	r.write(b, (sizes[0]-2)/9)
}

// wideResNet is a wide residual network of 6n+4 layers (Zagoruyko & Komodakis
// 2016): pre-activation blocks of two convolutions of 3 by 3, perhaps with
// dropout between them. Where the channels change, the shortcut is as in
// preResNet.
func wideResNet(b *builder, sizes []int, x *extras) {
	r := residual{
		stem:    "conv:3f",
		first:   "norm1 relu1 conv1:3fs norm2 relu2 dropout conv2:3f shortcut:1fs=relu1 add=conv2,shortcut",
		block:   "norm1 relu1 conv1:3f norm2 relu2 dropout conv2:3f add=conv2,0",
		end:     "norm relu",
		filters: 16 * sizes[1], expansion: 1, rate: x.dropout,
	}
	r.write(b, (sizes[0]-4)/6)
}
