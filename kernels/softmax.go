package kernels

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
	for r := range rows {
		row := logits[r*cols : (r+1)*cols]
		label := labels[r]
		if uint(label) >= uint(cols) {
			panic("kernels: label outside the classes")
		}
		best := 0
		for c, v := range row {
			if v > row[best] || v != v {
				best = c
			}
		}
		top := row[best]
		if int(label) == best && top == top {
			correct++
		}
		target := row[label]
		var sum float64
		if dlogits == nil {
			for _, v := range row {
				sum += float64(exp32(v - top))
			}
		} else {
			d := dlogits[r*cols : (r+1)*cols]
			for c, v := range row {
				e := exp32(v - top)
				d[c] = e
				sum += float64(e)
			}
			inv := float32(1 / sum)
			for c := range d {
				p := float32(d[c] * inv)
				if c == int(label) {
					p--
				}
				d[c] = scale * p
			}
		}
		loss += Log(sum) + float64(top-target)
	}
	return loss, correct
}
