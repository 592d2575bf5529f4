//go:build !purego

package kernels

// winogradAVX2 returns the transforms for 6 and for 8 points.
func winogradAVX2() (six, eight transforms) {
	six.input = winogradInput6AVX2
	six.filter[3], six.output[3] = winogradFilter6x3AVX2, winogradOutput6x3AVX2
	six.filter[4], six.output[4] = winogradFilter6x4AVX2, winogradOutput6x4AVX2
	eight.input = winogradInput8AVX2
	eight.filter[2], eight.output[2] = winogradFilter8x2AVX2, winogradOutput8x2AVX2
	eight.filter[4], eight.output[4] = winogradFilter8x4AVX2, winogradOutput8x4AVX2
	eight.filter[5], eight.output[5] = winogradFilter8x5AVX2, winogradOutput8x5AVX2
	eight.filter[7], eight.output[7] = winogradFilter8x7AVX2, winogradOutput8x7AVX2
	return six, eight
}

// winogradAVX512 returns the transforms for 6 and for 8 points.
func winogradAVX512() (six, eight transforms) {
	six.input = winogradInput6AVX512
	six.filter[3], six.output[3] = winogradFilter6x3AVX512, winogradOutput6x3AVX512
	six.filter[4], six.output[4] = winogradFilter6x4AVX512, winogradOutput6x4AVX512
	eight.input = winogradInput8AVX512
	eight.filter[2], eight.output[2] = winogradFilter8x2AVX512, winogradOutput8x2AVX512
	eight.filter[4], eight.output[4] = winogradFilter8x4AVX512, winogradOutput8x4AVX512
	eight.filter[5], eight.output[5] = winogradFilter8x5AVX512, winogradOutput8x5AVX512
	eight.filter[7], eight.output[7] = winogradFilter8x7AVX512, winogradOutput8x7AVX512
	return six, eight
}
