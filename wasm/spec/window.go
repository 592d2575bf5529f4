package spec

// Window places a sliding window along one axis: in positions, a kernel of the
// given extent, stride and dilation (all at least 1). It returns the number of
// output positions and how many padded positions precede the first input; 0
// positions out mean that the window does not fit.
//
// Same: out = ceil(in/stride), and of the max((out-1)*stride + extent - in, 0)
// padded positions the smaller half comes before, where extent =
// (kernel-1)*dilation + 1. Valid: out = floor((in-extent)/stride) + 1.
func Window(in, kernel, stride, dilation int, p Padding) (out, padBefore int) {
	extent := (kernel-1)*dilation + 1
	if p == Valid {
		if in < extent {
			return 0, 0
		}
		return (in-extent)/stride + 1, 0
	}
	out = (in + stride - 1) / stride
	return out, max((out-1)*stride+extent-in, 0) / 2
}
