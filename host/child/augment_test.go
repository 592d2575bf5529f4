package child

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/espalier-nas/espalier/host/data"
)

func randomImages(n, h, w, c, classes int, seed uint64) *data.Images {
	rng := rand.New(rand.NewPCG(seed, 3))
	m := &data.Images{N: n, H: h, W: w, C: c, Pixels: make([]uint8, n*h*w*c), Labels: make([]int32, n)}
	for i := range m.Pixels {
		m.Pixels[i] = uint8(rng.IntN(256))
	}
	for i := range m.Labels {
		m.Labels[i] = int32(rng.IntN(classes))
	}
	return m
}

// whitened is image i in float64.
func whitened(m *data.Images, i int, whiten string) *array {
	a := &array{m.H, m.W, m.C, nil}
	mean, square := 0.0, 0.0
	for _, p := range m.Image(i) {
		a.data = append(a.data, float64(p))
		mean += float64(p) / float64(m.Stride())
	}
	for _, x := range a.data {
		square += (x - mean) * (x - mean) / float64(m.Stride())
	}
	for k := range a.data {
		switch whiten {
		case "standardize":
			a.data[k] = (a.data[k] - mean) / max(math.Sqrt(square), 1/math.Sqrt(float64(m.Stride())))
		case "center":
			a.data[k] = (a.data[k] - mean) / 255
		case "none":
			a.data[k] /= 255
		}
	}
	return a
}

// enlarged samples a at h x w points by the textbook: pixel centres at half,
// the border repeated, the four neighbours weighted by their nearness.
func enlarged(a *array, h, w int) *array {
	out := &array{h, w, a.c, make([]float64, h*w*a.c)}
	inside := func(x, n int) int { return min(max(x, 0), n-1) }
	out.each(1, func(_, y, x, c int, _ float64) {
		v := (float64(y)+0.5)*float64(a.h)/float64(h) - 0.5
		u := (float64(x)+0.5)*float64(a.w)/float64(w) - 0.5
		y0, x0 := int(math.Floor(v)), int(math.Floor(u))
		for dy := range 2 {
			for dx := range 2 {
				weight := (1 - math.Abs(v-float64(y0+dy))) * (1 - math.Abs(u-float64(x0+dx)))
				*out.at(0, y, x, c) += weight * *a.at(0, inside(y0+dy, a.h), inside(x0+dx, a.w), c)
			}
		}
	})
	return out
}

// window cuts h x w out of a, mirrored if flip.
func window(a *array, top, left, h, w int, flip bool) []float64 {
	var out []float64
	for y := range h {
		for x := range w {
			if flip {
				x = w - 1 - x
			}
			for c := range a.c {
				out = append(out, *a.at(0, top+y, left+x, c))
			}
		}
	}
	return out
}

func TestWhitening(t *testing.T) {
	m := randomImages(3, 5, 4, 3, 2, 1)
	for i := range m.Image(1) {
		m.Image(1)[i] = 77 // one colour
	}
	for _, whiten := range []string{"standardize", "center", "none"} {
		f := newFeeder(m, Augment{Whiten: whiten, Upsample: 9, Flip: true}, false)
		got, labels := make([]float32, 3*m.Stride()), make([]int32, 3)
		f.span(got, labels, 0)
		for i := range 3 {
			near(t, whiten, got[i*m.Stride():(i+1)*m.Stride()], whitened(m, i, whiten).data, 1e-5)
			if labels[i] != m.Labels[i] {
				t.Errorf("label %d is %d", labels[i], m.Labels[i])
			}
		}
	}
}

// TestAugment: each training image is one of the windows of the enlarged image,
// mirrored or not, and over many draws every one of them comes up.
func TestAugment(t *testing.T) {
	m := randomImages(1, 6, 4, 2, 2, 2)
	for _, a := range []Augment{
		{Whiten: "standardize", Upsample: 9, Flip: true},
		{Whiten: "center", Upsample: 9},
		{Whiten: "standardize", Flip: true},
		{Whiten: "none"},
		{Whiten: "none", Upsample: 6, Flip: true},
	} {
		var all [][]float64
		big := whitened(m, 0, a.Whiten)
		if a.Upsample > 0 {
			big = enlarged(big, a.Upsample, a.Upsample*4/6)
		}
		for top := range big.h - m.H + 1 {
			for left := range big.w - m.W + 1 {
				all = append(all, window(big, top, left, m.H, m.W, false))
				if a.Flip {
					all = append(all, window(big, top, left, m.H, m.W, true))
				}
			}
		}
		f := newFeeder(m, a, true)
		got, labels := make([]float32, m.Stride()), make([]int32, 1)
		rng := rand.New(rand.NewPCG(1, 1))
		times := make([]int, len(all))
		draws := 40 * len(all)
		for range draws {
			f.batch(got, labels, []int{0}, rng)
			times[nearest(t, got, all)]++
		}
		for i, n := range times {
			if n < 15 || n > 80 {
				t.Errorf("%+v: window %d of %d came up %d times, expected about 40", a, i, len(all), n)
			}
		}
	}
}

// nearest is the window that got is, within rounding.
func nearest(t *testing.T, got []float32, all [][]float64) int {
	t.Helper()
	for i, want := range all {
		worst := 0.0
		for k, v := range want {
			worst = max(worst, math.Abs(v-float64(got[k])))
		}
		if worst < 1e-5 {
			return i
		}
	}
	t.Fatalf("%v is no window of the image", got)
	return 0
}

func TestCenterCrop(t *testing.T) {
	m := randomImages(1, 6, 6, 1, 2, 4)
	f := newFeeder(m, Augment{Whiten: "center", Upsample: 10, Flip: true, CenterCrop: true}, false)
	got, labels := make([]float32, m.Stride()), make([]int32, 1)
	f.span(got, labels, 0)
	near(t, "centre crop", got, window(enlarged(whitened(m, 0, "center"), 10, 10), 2, 2, 6, 6, false), 1e-5)
}

// TestFeedBits: what a network is fed is the same at every level and on every
// architecture; these bits were written down once.
func TestFeedBits(t *testing.T) {
	m := randomImages(5, 12, 9, 3, 2, 7)
	everyLevel(t, func(t *testing.T) {
		h := fnv.New64a()
		for _, a := range []Augment{
			{Whiten: "standardize", Upsample: 15, CenterCrop: true, Flip: true},
			{Whiten: "center", Flip: true},
			{Whiten: "none"},
		} {
			got, labels := make([]float32, 5*m.Stride()), make([]int32, 5)
			train, valid := newFeeder(m, a, true), newFeeder(m, a, false)
			rng := rand.New(rand.NewPCG(1, 1))
			for range 20 {
				train.batch(got, labels, []int{3, 1, 4, 0, 2}, rng)
				binary.Write(h, binary.LittleEndian, got)
			}
			valid.span(got, labels, 0)
			binary.Write(h, binary.LittleEndian, got)
		}
		if got, want := h.Sum64(), uint64(0x24f4a38cbae4f5a6); got != want {
			t.Errorf("bits hash to %#x, want %#x", got, want)
		}
	})
}

// BenchmarkFeed prepares batches of 64 images of CIFAR-10's size as the paper
// does, and copies them as a supply with a helper does.
func BenchmarkFeed(b *testing.B) {
	m := randomImages(256, 32, 32, 3, 10, 1)
	f := newFeeder(m, Default().Augment, true)
	dst, labels := make([]float32, 64*m.Stride()), make([]int32, 64)
	rng := rand.New(rand.NewPCG(1, 1))
	order, input := rng.Perm(256)[:64], make([]float32, len(dst))
	for name, work := range map[string]func(){
		"prepare": func() { f.batch(dst, labels, order, rng) },
		"copy":    func() { copy(input, dst) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				work()
			}
			b.ReportMetric(b.Elapsed().Seconds()/float64(64*b.N)*1e6, "us/image")
		})
	}
}
