//go:build !purego

package kernels

func raiseAVX512(t *table) {
	t.level = AVX512
}
