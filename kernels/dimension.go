package kernels

// A dimension is one of the two of a map, along which windows slide: position p of count and tap t of taps meet at
// input p*stride - pad + t*dilation, if that is in [0, size).
type dimension struct{ count, stride, pad, taps, dilation, size int }

// run returns the taps [from, to) that position p has inside the map, and the first position after p
// for which they may be others. Positions that have all taps inside make one run.
func (d dimension) run(p int) (end, from, to int) {
	first := p*d.stride - d.pad
	from = min(d.taps, max(0, (d.dilation-1-first)/d.dilation))
	to = max(from, min(d.taps, (d.size-first+d.dilation-1)/d.dilation))
	if from > 0 || to < d.taps {
		return p + 1, from, to
	}
	last := (d.size - 1 + d.pad - (d.taps-1)*d.dilation) / d.stride // that has all taps inside
	return min(last+1, d.count), from, to
}

// meeting returns the positions [lo, hi) that tap t meets inside the map.
func (d dimension) meeting(t int) (lo, hi int) {
	first := t*d.dilation - d.pad
	lo = min(d.count, max(0, (d.stride-1-first)/d.stride))
	hi = max(lo, min(d.count, (d.size-first+d.stride-1)/d.stride))
	return lo, hi
}
