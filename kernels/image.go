package kernels

const (
	msgTaps = "kernels: taps that are not in the lines, or of different numbers"
	// window is how many elements kernels read from the least of 8 taps on.
	window = 16
)

// BlendBytes sets dst to what lies between two lines of pixels, shifted and scaled. It gives the same bits at every level:
//
//	for i := range dst {
//		x, y := float32(a[i]), float32(b[i])
//		dst[i] = (x + t*(y-x) - shift) * scale
//	}
func BlendBytes(dst []float32, a, b []uint8, t, shift, scale float32) {
	if len(a) < len(dst) || len(b) < len(dst) {
		panic(msgShort)
	}
	active.Load().blendBytes(dst, a, b, t, shift, scale)
}

// Taps say between which two elements of one line each element of another one lies. They do not change.
type Taps struct {
	index  []int32 // of the first of the two
	low    []int32 // the least of the 8 indices from here on
	weight []float32
	step   int  // from the first to the second
	near   bool // 8 indices in a row lie within a window
	reach  int
}

// NewTaps copies index, of the first element, and weight, of the second, which is step elements further.
func NewTaps(index []int, weight []float32, step int) *Taps {
	if len(weight) != len(index) || step < 0 {
		panic(msgTaps)
	}
	t := &Taps{weight: append([]float32(nil), weight...), step: step, near: true}
	last := 0
	for i, at := range index {
		if at < 0 || at > 1<<30 {
			panic(msgTaps)
		}
		least, most := at, at
		for _, other := range index[i:min(i+8, len(index))] {
			least, most = min(least, other), max(most, other)
		}
		t.index, t.low = append(t.index, int32(at)), append(t.low, int32(least))
		t.near = t.near && most-least < window
		last = max(last, at)
	}
	t.reach = last + step + window
	return t
}

// Len is the number of taps, Reach the least length of a line that they can be applied to: the last 15 elements of
// it, which no tap names, may be read.
func (t *Taps) Len() int   { return len(t.index) }
func (t *Taps) Reach() int { return t.reach }

// Interpolate sets dst to what lies between the elements of src at the taps from the given one on. src has at least
// t.Reach() elements. It gives the same bits at every level; index, weight and step are those of NewTaps:
//
//	for i := range dst {
//		at := index[from+i]
//		dst[i] = src[at] + weight[from+i]*(src[at+step]-src[at])
//	}
func Interpolate(dst, src []float32, t *Taps, from int) {
	if from < 0 || len(dst) > len(t.index)-from || len(src) < t.reach {
		panic(msgTaps)
	}
	interpolate := interpolateGeneric
	if t.near {
		interpolate = active.Load().interpolate
	}
	interpolate(dst, src, t.index[from:], t.low[from:], t.weight[from:], t.step)
}

func blendBytesGeneric(dst []float32, a, b []uint8, t, shift, scale float32) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		x, y := float32(a[i]), float32(b[i])
		dst[i] = (x + float32(t*(y-x)) - shift) * scale
	}
}

func interpolateGeneric(dst, src []float32, index, _ []int32, weight []float32, step int) {
	index, weight = index[:len(dst)], weight[:len(dst)]
	second := src[step:]
	for i, at := range index {
		x := src[at]
		dst[i] = x + float32(weight[i]*(second[at]-x))
	}
}
