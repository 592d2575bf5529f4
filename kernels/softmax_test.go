package kernels

import (
	"math"
	"slices"
	"testing"
)

func TestSoftmaxCrossEntropy(t *testing.T) {
	eachLevel(t, func(t *testing.T) {
		r := newRand()
		for _, d := range [][2]int{{1, 1}, {1, 2}, {7, 10}, {3, 100}, {2, 1029}, {0, 10}} {
			rows, cols := d[0], d[1]
			logits, dlogits := newGuarded(t, r, "logits", rows*cols), newGuarded(t, r, "dlogits", rows*cols)
			Scale(logits.x, 10)
			copy(logits.was, logits.x)
			labels := make([]int32, rows)
			var wantLoss float64
			var wantCorrect int
			want := make([]float64, rows*cols)
			for i := range rows {
				labels[i] = int32(r.IntN(cols))
				row := logits.x[i*cols:][:cols]
				var sum float64
				best := 0
				for c, v := range row {
					sum += math.Exp(float64(v))
					if v > row[best] {
						best = c
					}
				}
				for c, v := range row {
					want[i*cols+c] = math.Exp(float64(v)) / sum
				}
				wantLoss -= math.Log(want[i*cols+int(labels[i])])
				want[i*cols+int(labels[i])]--
				if best == int(labels[i]) {
					wantCorrect++
				}
			}
			loss, correct := SoftmaxCrossEntropy(dlogits.x, logits.x, labels, rows, cols, 0.25)
			logits.intact(false)
			dlogits.intact(true)
			if math.Abs(loss-wantLoss) > 1e-6*(1+wantLoss) || correct != wantCorrect {
				t.Errorf("%d x %d: loss %v, %d correct; want %v, %d", rows, cols, loss, correct, wantLoss, wantCorrect)
			}
			for i, v := range dlogits.x {
				near(t, "dlogits", i, v, 0.25*want[i], 1, 1e-7)
			}
			if l, c := SoftmaxCrossEntropy(nil, logits.x, labels, rows, cols, 0.25); l != loss || c != correct {
				t.Errorf("without gradient: loss %v, %d correct; with it %v, %d", l, c, loss, correct)
			}
			if l, c := SoftmaxCrossEntropy(logits.x, logits.x, labels, rows, cols, 0.25); l != loss || c != correct || !slices.Equal(logits.x, dlogits.x) {
				t.Errorf("in place: loss %v, %d correct; apart %v, %d", l, c, loss, correct)
			}
		}
	})
}

func TestSoftmaxCrossEntropyExtremes(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		logits  []float32
		label   int32
		loss    float64
		correct int
	}{
		{[]float32{nan, 1}, 1, math.NaN(), 0},
		{[]float32{1, nan}, 1, math.NaN(), 0},
		{[]float32{1, nan}, 0, math.NaN(), 0},
		{[]float32{nan, nan}, 0, math.NaN(), 0},
		{[]float32{1, inf}, 1, math.NaN(), 1},
		{[]float32{nan, inf}, 1, math.NaN(), 0},
		{[]float32{3e38, -3e38}, 0, 0, 1},
		{[]float32{-inf, 0}, 1, 0, 1},
		{[]float32{-inf, 0}, 0, math.Inf(1), 0},
		{[]float32{2, 2, 2}, 0, math.Log(3), 1},
		{[]float32{2, 2, 2}, 1, math.Log(3), 0},
	} {
		eachLevel(t, func(t *testing.T) {
			for _, more := range []int{0, 1, 5, 12, 29, 100} { // logits that do not count, since they are so small
				logits := slices.Concat(c.logits, slices.Repeat([]float32{-inf}, more))
				loss, correct := SoftmaxCrossEntropy(make([]float32, len(logits)), logits, []int32{c.label}, 1, len(logits), 1)
				same := loss == c.loss || math.Abs(loss-c.loss) < 1e-7 || math.IsNaN(loss) && math.IsNaN(c.loss)
				if !same || correct != c.correct {
					t.Errorf("%v and %d more, label %d: loss %v, %d correct; want %v, %d", c.logits, more, c.label, loss, correct, c.loss, c.correct)
				}
			}
		})
	}
}
