package data

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"
)

func shapes(t *testing.T, o Options) *Dataset {
	t.Helper()
	d, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestGolden holds the drawn pixels. They are the same on every architecture;
// a change of them makes all earlier studies incomparable.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		o    Options
		hash string
	}{
		{Options{}, shapesHash},
		{Options{Size: 12, Channels: 1, TrainCount: 200, TestCount: 100}, "71d800daa45a0dd70189a93d083a55c2ba535b3ac4ab472992caa269cb7d85d2"},
		{Options{Size: 32, Noise: -1, TrainCount: 200, TestCount: 100}, "402ab7e36083112ec13d3c34eeea390f2db7e5443610dfd6d8255728eb6e1063"},
		{Options{Seed: 1<<64 - 1, Noise: 64, TrainCount: 200, TestCount: 100}, "691c0cb60623a8342c0770b84fd040d320d260b3c059446f58088750952b646c"},
	} {
		if got := shapes(t, c.o).Hash; got != c.hash {
			t.Errorf("%+v: hash %s, want %s", c.o, got, c.hash)
		}
	}
}

func TestShapes(t *testing.T) {
	d := shapes(t, Options{})
	test, err := d.Test("shape of the set")
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Notes) != 0 || len(d.Classes) != 10 {
		t.Errorf("notes %q, classes %q", d.Notes, d.Classes)
	}
	for _, m := range []*Images{d.Train, test} {
		if err := m.Validate(10); err != nil {
			t.Error(err)
		}
		if want := slices.Repeat([]int{m.N / 10}, 10); !slices.Equal(m.Counts(10), want) {
			t.Errorf("counts %v, want %v", m.Counts(10), want)
		}
	}
	if d.Train.N != Default().TrainCount || test.N != Default().TestCount || d.Train.C != 3 || d.Train.H != 16 {
		t.Errorf("%d and %d images of %dx%dx%d", d.Train.N, test.N, d.Train.H, d.Train.W, d.Train.C)
	}
}

// TestShapesAllDiffer: no image is there twice, least of all in training and
// test, and neither is one of another seed.
func TestShapesAllDiffer(t *testing.T) {
	seen := map[string]string{}
	for seed := range uint64(3) {
		d := shapes(t, Options{Seed: seed, TrainCount: 400, TestCount: 400})
		for part, m := range map[string]*Images{"train": d.Train, "test": d.test} {
			for i := range m.N {
				name := fmt.Sprint(part, " image ", i, " of seed ", seed)
				if other, ok := seen[string(m.Image(i))]; ok {
					t.Fatalf("%s is %s", name, other)
				}
				seen[string(m.Image(i))] = name
			}
		}
	}
}

// TestShapesPrefix: a larger set begins with the images of a smaller one, and
// a limit takes its first.
func TestShapesPrefix(t *testing.T) {
	small, large := shapes(t, Options{TrainCount: 50}), shapes(t, Options{TrainCount: 90})
	limited := shapes(t, Options{TrainCount: 90, Limit: 50})
	if !bytes.Equal(small.Train.Pixels, large.Train.Pixels[:len(small.Train.Pixels)]) {
		t.Error("90 images do not begin with the same 50")
	}
	if !bytes.Equal(small.Train.Pixels, limited.Train.Pixels) || limited.TestCount() != 50 || len(limited.Notes) != 1 {
		t.Errorf("limit 50: other images, %d test images or notes %q", limited.TestCount(), limited.Notes)
	}
}

func BenchmarkShapes(b *testing.B) {
	for b.Loop() {
		if _, err := Open(Default()); err != nil {
			b.Fatal(err)
		}
	}
}

// TestNoise: the noise has the promised deviation, and no bias.
func TestNoise(t *testing.T) {
	o := Options{TrainCount: 300, TestCount: 10}
	o.Noise = -1
	clean := shapes(t, o).Train.Pixels
	for _, noise := range []int{4, 12, 30} {
		o.Noise = noise
		var n, sum, squares float64
		for i, noisy := range shapes(t, o).Train.Pixels {
			if clean[i] < 100 || clean[i] > 155 {
				continue // clipping at 0 and 255 would show
			}
			d := float64(noisy) - float64(clean[i])
			n, sum, squares = n+1, sum+d, squares+d*d
		}
		mean, sd := sum/n, math.Sqrt(squares/n)
		if n < 10_000 || math.Abs(mean) > 0.05*float64(noise) || math.Abs(sd-float64(noise)) > 0.05*float64(noise)+0.3 {
			t.Errorf("noise %d: mean %.2f, deviation %.2f of %v pixels", noise, mean, sd, n)
		}
	}
}

// TestFiguresCover: every figure is there, in one piece of about the same
// amount of ink, and within its radius.
func TestFiguresCover(t *testing.T) {
	const r = 40 * pixel
	for _, f := range figures {
		inside, total := 0, 0
		for y := -60; y <= 60; y++ {
			for x := -60; x <= 60; x++ {
				if f.draw(x*pixel, y*pixel, r) >= 0 {
					continue
				}
				total++
				if x*x+y*y <= 48*48+1 {
					inside++
				}
			}
		}
		// The area of the disc of radius r is 5027 pixels.
		if share := float64(total) / 5027; share < 0.15 || share > 0.85 {
			t.Errorf("%s covers %.2f of its disc, want 0.15 to 0.85", f.name, share)
		}
		if inside != total {
			t.Errorf("%s: %d of %d pixels lie outside its radius", f.name, total-inside, total)
		}
	}
}

// TestFiguresDiffer: no two classes look alike, however one of them is turned.
func TestFiguresDiffer(t *testing.T) {
	const r, side = 5 * pixel, 16
	mask := func(draw figure, angle int) (m [side * side]bool) {
		for i := range m {
			x, y := (i%side*2-side+1)*pixel/2, (i/side*2-side+1)*pixel/2
			sin, cos := sine(angle), cosine(angle)
			m[i] = draw((x*cos-y*sin)/unit, (x*sin+y*cos)/unit, r) < 0
		}
		return m
	}
	for i, f := range figures {
		for _, g := range figures[:i] {
			still, least := mask(f.draw, 0), side*side
			for angle := 0; angle < turn; angle += 4 {
				turned, different := mask(g.draw, angle), 0
				for k := range still {
					if still[k] != turned[k] {
						different++
					}
				}
				least = min(least, different)
			}
			if least < 4 {
				t.Errorf("%s and %s differ in only %d pixels", f.name, g.name, least)
			}
		}
	}
}

// TestNotTrivial: what sees no local structure in any place cannot tell the
// figures, so that a network must convolve; yet the pixels say something.
func TestNotTrivial(t *testing.T) {
	d := shapes(t, Options{Channels: 1}) // colours are random and say nothing
	train, valid, err := d.Split(1, 300)
	if err != nil {
		t.Fatal(err)
	}
	x, y := standardized(train), standardized(valid)
	if got := linearAccuracy(x, y, train.Labels, valid.Labels); got > 0.25 {
		t.Errorf("a linear classifier gets %.3f, want at most 0.25", got)
	}
	if got := neighbourAccuracy(x, y, train.Labels, valid.Labels); got > 0.42 || got < 0.15 {
		t.Errorf("the nearest neighbour gets %.3f, want 0.15 to 0.42", got)
	}
	if got := linearAccuracy(histograms(train), histograms(valid), train.Labels, valid.Labels); got > 0.35 {
		t.Errorf("the histogram of tones gets %.3f, want at most 0.35", got)
	}
}
