package child

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/espalier-nas/espalier/host/data"
	"github.com/espalier-nas/espalier/kernels"
)

// Augment says how an image becomes the network's input. Zoph & Le (2017)
// whiten, upsample and crop at random, and flip.
//
// Why does evaluation enlarge images too? The paper does not say what it does.
// Windows cut out of enlarged images show things at 40/32 of their size, and a
// child that has seen nothing else does worse on images as they are: on 3,500
// images of CIFAR-10, six layers reached 0.47 on whole images and 0.52 on the
// middles of enlarged ones, though these lack the border.
type Augment struct {
	// Whiten is what happens to the numbers of each image: "standardize"
	// (default) makes their mean 0 and their standard deviation 1, "center"
	// divides by 255 and makes the mean 0, "none" only divides by 255.
	Whiten string `json:"whiten"`
	// Upsample is the height in pixels to which a training image is enlarged
	// (bilinearly, its width in proportion) before a window of its original
	// size is cut out at a random place. Default 40, as the paper does with
	// images of 32 pixels; 0: neither; otherwise at least the image's height.
	Upsample int `json:"upsample"`
	// CenterCrop enlarges images for evaluation too, and cuts out the middle.
	// Default true; needs Upsample.
	CenterCrop bool `json:"center_crop"`
	// Flip mirrors each training image left to right with probability 1/2.
	// Default true.
	Flip bool `json:"flip"`
}

// maxUpsample bounds Upsample; nobody enlarges small images further.
const maxUpsample = 4096

func (a Augment) validate(v *problems) {
	switch a.Whiten {
	case "standardize", "center", "none":
	default:
		v.check(false, "augment.whiten is %q, want standardize, center or none", a.Whiten)
	}
	v.check(a.Upsample >= 0 && a.Upsample <= maxUpsample, "augment.upsample is %d, want 0 (off) to %d", a.Upsample, maxUpsample)
	v.check(!a.CenterCrop || a.Upsample > 0, "augment.center_crop needs augment.upsample")
}

// feeder turns images into network inputs: pixels uint8 (H, W, C) into float32
// (H, W, C), the same bits at every kernel level. The lines of the enlarged
// image are blended from two lines of the image each, and whitened; their
// pixels lie between two of these, at positions that are the same for every
// line. Only what is in the window is computed.
type feeder struct {
	images         *data.Images
	mean, scale    []float32 // of each image: x = (pixel - mean) * scale
	enlarged       bool
	rows           []blend       // lines of the enlarged image
	cols, mirrored *kernels.Taps // numbers of such a line, from the left and with its pixels from the right
	line           []float32     // (W, C) of a blended line, and zeros
	flip           bool
	random         bool
}

// blend is a position between two pixels: (1-t)*[a] + t*[b].
type blend struct {
	a, b int
	t    float32
}

// newFeeder prepares images for training or for evaluation.
func newFeeder(images *data.Images, a Augment, training bool) *feeder {
	f := &feeder{images: images, flip: a.Flip && training, random: training}
	f.mean, f.scale = whitening(images, a.Whiten)
	height, width := images.H, images.W
	if f.enlarged = a.Upsample > 0 && (training || a.CenterCrop); f.enlarged {
		height, width = a.Upsample, (images.W*a.Upsample+images.H/2)/images.H
	}
	f.rows = blends(images.H, height)
	cols := blends(images.W, width)
	f.cols = taps(cols, images.C)
	slices.Reverse(cols)
	f.mirrored = taps(cols, images.C)
	f.line = make([]float32, f.cols.Reach())
	return f
}

// taps are the positions of the numbers of pixels at the given positions. Where
// t is 0 it does not matter that the second pixel is always the next one, which
// for the last is zeros.
func taps(pixels []blend, channels int) *kernels.Taps {
	var index []int
	var weight []float32
	for _, p := range pixels {
		for c := range channels {
			index, weight = append(index, p.a*channels+c), append(weight, p.t)
		}
	}
	return kernels.NewTaps(index, weight, channels)
}

// feederBytes is the memory that a feeder of that many images holds, a few
// lines of one image aside.
func feederBytes(images int) int64 { return 8 * int64(images) }

// whitening is the mean and the scale for each image. Standardisation divides
// by max(standard deviation, 1/sqrt(numbers)), as is usual, so that an image of
// one colour becomes zero.
func whitening(images *data.Images, whiten string) (mean, scale []float32) {
	mean, scale = make([]float32, images.N), make([]float32, images.N)
	count := int64(images.Stride())
	for i := range images.N {
		var sum, squares int64
		for _, x := range images.Image(i) {
			sum += int64(x)
			squares += int64(x) * int64(x)
		}
		scale[i] = 1.0 / 255
		if whiten != "none" {
			mean[i] = float32(float64(sum) / float64(count))
		}
		if whiten == "standardize" {
			// Exact in integers: count² times the variance.
			std := math.Sqrt(float64(count*squares-sum*sum)) / float64(count)
			scale[i] = float32(1 / max(std, 1/math.Sqrt(float64(count))))
		}
	}
	return mean, scale
}

// blends says where the pixels of a line of in pixels, enlarged to out, come
// from: pixel centres are at half, and the border is repeated.
func blends(in, out int) []blend {
	all := make([]blend, out)
	for i := range all {
		// (i + 1/2) * in/out - 1/2, as a fraction over 2*out.
		num := (2*i+1)*in - out
		if num < 0 {
			continue
		}
		a := num / (2 * out)
		t := float32(num%(2*out)) / float32(2*out)
		if a >= in-1 {
			a, t = in-1, 0
		}
		all[i] = blend{a, min(a+1, in-1), t}
	}
	return all
}

// batch writes the given images into dst, (N, H, W, C), and their labels.
func (f *feeder) batch(dst []float32, labels []int32, images []int, rng *rand.Rand) {
	size := f.images.Stride()
	for k, i := range images {
		f.put(dst[k*size:(k+1)*size], i, rng)
		labels[k] = f.images.Labels[i]
	}
}

// span writes the images from index from on into dst, (N, H, W, C), and their
// labels, which say how many. It is for evaluation: nothing is random.
func (f *feeder) span(dst []float32, labels []int32, from int) {
	size := f.images.Stride()
	for k := range labels {
		f.put(dst[k*size:(k+1)*size], from+k, nil)
		labels[k] = f.images.Labels[from+k]
	}
}

// put writes image i into dst, (H, W, C), drawing crop and flip from rng.
func (f *feeder) put(dst []float32, i int, rng *rand.Rand) {
	m := f.images
	spareRows, spareCols := len(f.rows)-m.H, f.cols.Len()/m.C-m.W
	top, left, flip := spareRows/2, spareCols/2, false
	if f.random {
		if f.enlarged {
			top, left = rng.IntN(spareRows+1), rng.IntN(spareCols+1)
		}
		flip = f.flip && rng.Uint64()&1 == 1
	}
	pixels, mean, scale := m.Image(i), f.mean[i], f.scale[i]
	cols, from := f.cols, left
	if flip {
		cols, from = f.mirrored, spareCols-left
	}
	if !f.enlarged && !flip {
		kernels.BlendBytes(dst, pixels, pixels, 0, mean, scale)
		return
	}
	stride := m.W * m.C
	for y := range m.H {
		row := f.rows[top+y]
		a, b := pixels[row.a*stride:(row.a+1)*stride], pixels[row.b*stride:(row.b+1)*stride]
		kernels.BlendBytes(f.line[:stride], a, b, row.t, mean, scale)
		kernels.Interpolate(dst[y*stride:(y+1)*stride], f.line, cols, from*m.C)
	}
}
