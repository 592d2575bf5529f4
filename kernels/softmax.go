package kernels

import (
	"math"
	"slices"
)

// SoftmaxCrossEntropy compares logits (rows, cols) with labels (rows), each in [0, cols). loss is the sum
// over the rows of -log softmax(logits)[label]; correct counts the rows whose largest logit, the first of
// equals, is the label's. A row with a NaN makes the loss NaN and is not correct.
// dlogits (rows, cols) is overwritten with
//
//	dlogits[r][c] = scale * (softmax(logits[r])[c] - (1 if c == labels[r] else 0))
//
// It may be logits itself, or nil to evaluate only.
func SoftmaxCrossEntropy(dlogits, logits []float32, labels []int32, rows, cols int, scale float32) (loss float64, correct int) {
	check(rows*cols, logits)
	if dlogits != nil {
		check(rows*cols, dlogits)
	}
	if len(labels) < rows {
		panic(msgShort)
	}
	t := active.Load()
	for r := range rows {
		row := logits[r*cols : (r+1)*cols]
		label := labels[r]
		if uint(label) >= uint(cols) {
			panic("kernels: label outside the classes")
		}
		top, target := t.largest(row), row[label]
		first := target == top && !(t.largest(row[:label]) >= top)
		finite := top-top == 0 // and the sum is NaN only if there is one in the row
		if first && !finite {
			first = !slices.ContainsFunc(row, isNaN)
		}
		var d []float32
		if dlogits != nil {
			d = dlogits[r*cols : (r+1)*cols]
		}
		sum := t.expSum(d, row, top)
		if first && (sum == sum || !finite) {
			correct++
		}
		loss += Log(sum) + float64(top-target)
		if d != nil {
			t.scale(d, float32(float64(scale)/sum))
			d[label] -= scale
		}
	}
	return loss, correct
}

func isNaN(v float32) bool { return v != v }

// largestGeneric returns the largest element, or -Inf; a NaN does not count.
func largestGeneric(x []float32) float32 {
	top := float32(math.Inf(-1))
	for _, v := range x {
		if v > top {
			top = v
		}
	}
	return top
}

// expSumGeneric returns the sum of exp(x[i]-shift), to which it sets dst, unless that is nil. dst may be x.
func expSumGeneric(dst, x []float32, shift float32) (sum float64) {
	if dst == nil {
		for _, v := range x {
			sum += float64(exp32(v - shift))
		}
		return sum
	}
	for i, v := range x {
		e := exp32(v - shift)
		dst[i] = e
		sum += float64(e)
	}
	return sum
}
