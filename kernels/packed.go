package kernels

// GemmPacked is Team.GemmPacked without an epilogue, done by the calling goroutine.
func GemmPacked(s *Scratch, transA bool, m int, a []float32, lda int, b *Packed, beta float32, c []float32, ldc int) {
	if b.t == nil {
		panic("kernels: a packed matrix was not set")
	}
	p := product{t: b.t, transA: transA, m: m, n: b.n, k: b.k, alpha: 1, a: a, lda: lda, packed: b.panels, beta: beta, c: c, ldc: ldc}
	p.check()
	p.run(s, region{0, m, 0, b.n})
}
