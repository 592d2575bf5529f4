package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func randomBytes(r *rand.Rand, n int) []uint8 {
	x := make([]uint8, n)
	for i := range x {
		x[i] = uint8(r.IntN(256))
	}
	return x
}

// sameBits fails unless got is want, bit by bit.
func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: [%d] = %v, want %v", what, i, got[i], want[i])
		}
	}
}

func TestBlendBytes(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for _, n := range lengths {
			dst := newGuarded(t, r, "dst", n)
			a, b := randomBytes(r, n+n%2), randomBytes(r, n+n%3)
			weight, shift, scale := r.Float32(), float32(255*r.Float32()), r.Float32()
			want := make([]float32, n)
			for i := range want {
				x, y := float32(a[i]), float32(b[i])
				want[i] = (x + float32(weight*(y-x)) - shift) * scale
			}
			BlendBytes(dst.x, a, b, weight, shift, scale)
			dst.intact(true)
			sameBits(t, "BlendBytes", dst.x, want)
		}
	})
}

// enlargement says where the pixels of a line of in pixels lie, enlarged to out, perhaps mirrored, as bilinear
// interpolation has it.
func enlargement(in, out, channels int, mirrored bool) (index []int, weight []float32) {
	for i := range out {
		if mirrored {
			i = out - 1 - i
		}
		at := min(max((float64(i)+0.5)*float64(in)/float64(out)-0.5, 0), float64(in-1))
		for c := range channels {
			index = append(index, int(at)*channels+c)
			weight = append(weight, float32(at-math.Floor(at)))
		}
	}
	return index, weight
}

func TestInterpolate(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for trial := range 200 {
			in, channels := 1+r.IntN(40), 1+r.IntN(5)
			index, weight := enlargement(in, in+r.IntN(in+1), channels, r.IntN(2) == 0)
			if trial%10 == 0 { // not an enlargement, so that places are far from each other
				r.Shuffle(len(index), func(i, k int) { index[i], index[k] = index[k], index[i] })
			}
			taps := NewTaps(index, weight, channels)
			src := newGuarded(t, r, "src", taps.Reach()+trial%2)
			from := r.IntN(taps.Len() + 1)
			dst := newGuarded(t, r, "dst", r.IntN(taps.Len()-from+1))
			want := make([]float32, len(dst.x))
			for i := range want {
				x, y := src.x[index[from+i]], src.x[index[from+i]+channels]
				want[i] = x + float32(weight[from+i]*(y-x))
			}
			Interpolate(dst.x, src.x, taps, from)
			dst.intact(true)
			src.intact(false)
			sameBits(t, fmt.Sprintf("%d pixels of %d enlarged to %d", in, channels, len(index)/channels), dst.x, want)
		}
	})
}

// Lines of images of up to 5 channels are enlarged by the level's kernel, mirrored or not.
func TestEnlargementsAreNear(t *testing.T) {
	for channels := 1; channels <= 5; channels++ {
		for in := 1; in < 40; in++ {
			for out := in; out < 3*in; out++ {
				for _, mirrored := range []bool{false, true} {
					index, weight := enlargement(in, out, channels, mirrored)
					if !NewTaps(index, weight, channels).near {
						t.Fatalf("%d pixels of %d channels, enlarged to %d, mirrored %v: taps are too far apart", in, channels, out, mirrored)
					}
				}
			}
		}
	}
	if !NewTaps([]int{0, 15}, make([]float32, 2), 1).near || NewTaps([]int{1, 1, 1, 1, 1, 1, 1, 1, 0, 16}, make([]float32, 10), 1).near {
		t.Error("not 16 elements are near, but another number")
	}
}

// The bits are the same at every level and on every architecture: these were written down once.
func TestImageBits(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		h := uint64(14695981039346656037) // FNV-1a
		for range 50 {
			index, weight := enlargement(32, 40, 3, r.IntN(2) == 0)
			taps := NewTaps(index, weight, 3)
			line, dst := make([]float32, taps.Reach()), make([]float32, 96)
			BlendBytes(line[:96], randomBytes(r, 96), randomBytes(r, 96), r.Float32(), 128*r.Float32(), r.Float32())
			Interpolate(dst, line, taps, 3*r.IntN(9))
			for _, v := range dst {
				h = (h ^ uint64(math.Float32bits(v))) * 1099511628211
			}
		}
		if want := uint64(0x44dec2514d87c005); h != want {
			t.Errorf("bits hash to %#x, want %#x", h, want)
		}
	})
}

func TestImagesAllocateNothing(t *testing.T) {
	index, weight := enlargement(9, 12, 3, false)
	taps := NewTaps(index, weight, 3)
	pixels, line, dst := make([]uint8, 27), make([]float32, taps.Reach()), make([]float32, 27)
	eachLevel(t, func(t *testing.T) {
		if got := testing.AllocsPerRun(10, func() {
			BlendBytes(line[:27], pixels, pixels, 0.5, 1, 2)
			Interpolate(dst, line, taps, 2)
		}); got != 0 {
			t.Errorf("a line allocates %v times", got)
		}
	})
}

func TestImageMisusePanics(t *testing.T) {
	taps := NewTaps([]int{0, 1, 4}, make([]float32, 3), 2)
	dst, src, pixels := make([]float32, 3), make([]float32, taps.Reach()), make([]uint8, 3)
	if taps.Reach() != 4+2+16 {
		t.Errorf("a line of %d elements", taps.Reach())
	}
	for name, f := range map[string]func(){
		"bytes":        func() { BlendBytes(dst, pixels, pixels[:2], 0, 0, 1) },
		"short line":   func() { Interpolate(dst, src[1:], taps, 0) },
		"too many":     func() { Interpolate(dst, src, taps, 1) },
		"before":       func() { Interpolate(dst, src, taps, -1) },
		"weights":      func() { NewTaps([]int{1}, dst, 1) },
		"negative":     func() { NewTaps([]int{0, 1, -1}, dst, 1) },
		"step":         func() { NewTaps([]int{0, 1, 1}, dst, -1) },
		"huge indices": func() { NewTaps([]int{0, 1, 1<<30 + 1}, dst, 1) },
	} {
		func() {
			defer func() {
				if message, ok := recover().(string); !ok || !strings.HasPrefix(message, "kernels: ") {
					t.Errorf("%s: %q, want a panic of this package", name, message)
				}
			}()
			f()
		}()
	}
}

func BenchmarkImage(b *testing.B) {
	index, weight := enlargement(32, 40, 3, false)
	taps := NewTaps(index, weight, 3)
	pixels, line, dst := make([]uint8, 96), make([]float32, taps.Reach()), make([]float32, 96)
	for _, l := range Levels() {
		restore, err := Use(l)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("bytes/"+string(l), func(b *testing.B) {
			for b.Loop() {
				BlendBytes(line[:96], pixels, pixels, 0.5, 1, 2)
			}
		})
		b.Run("taps/"+string(l), func(b *testing.B) {
			for b.Loop() {
				Interpolate(dst, line, taps, 12)
			}
		})
		restore()
	}
}
