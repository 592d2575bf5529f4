package kernels

// Gemm sets c (m, n) to alpha*op(a)*op(b) + beta*c, where op transposes if the flag says so:
// op(a) is (m, k), op(b) is (k, n). All are row-major; lda, ldb and ldc are the distances between rows, in
// elements. c must not overlap a or b. With beta 0, c is not read.
//
//	for i := range m { for j := range n {
//		s := 0
//		for l := range k { s += op(a)[i][l] * op(b)[l][j] }
//		c[i][j] = alpha*s + beta*c[i][j]
//	} }
func Gemm(s *Scratch, transA, transB bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	for i := range m {
		row := c[i*ldc : i*ldc+n]
		for j := range row {
			var sum float32
			for l := range k {
				av, bv := i*lda+l, l*ldb+j
				if transA {
					av = l*lda + i
				}
				if transB {
					bv = j*ldb + l
				}
				sum += float32(a[av] * b[bv])
			}
			sum *= alpha
			if beta != 0 {
				sum += float32(beta * row[j])
			}
			row[j] = sum
		}
	}
}
