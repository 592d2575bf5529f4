//go:build !purego

package kernels

// winogradNEON returns the transforms for 6 and for 8 points.
func winogradNEON() (six, eight transforms) {
	six.input = winogradInput6NEON
	six.filter[3], six.output[3] = winogradFilter6x3NEON, winogradOutput6x3NEON
	six.filter[4], six.output[4] = winogradFilter6x4NEON, winogradOutput6x4NEON
	eight.input = winogradInput8NEON
	eight.filter[2], eight.output[2] = winogradFilter8x2NEON, winogradOutput8x2NEON
	eight.filter[4], eight.output[4] = winogradFilter8x4NEON, winogradOutput8x4NEON
	eight.filter[5], eight.output[5] = winogradFilter8x5NEON, winogradOutput8x5NEON
	eight.filter[7], eight.output[7] = winogradFilter8x7NEON, winogradOutput8x7NEON
	return six, eight
}
