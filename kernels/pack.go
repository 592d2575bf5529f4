package kernels

// packRowsGeneric copies rows of cols elements, step apart, to rows of width elements, the rest of which is 0:
//
//	for r := range rows { for i := range width { dst[r*width+i] = src[r*step+i], or 0 for i >= cols } }
func packRowsGeneric(dst, src []float32, rows, step, cols, width int) {
	for r := range rows {
		row := dst[r*width:][:width]
		copy(row[:cols], src[r*step:])
		clear(row[cols:])
	}
}

// packColumnsGeneric copies columns of depth elements, step apart, to the columns of rows of width elements, the rest
// of which is 0:
//
//	for l := range depth { for i := range width { dst[l*width+i] = src[i*step+l], or 0 for i >= cols } }
func packColumnsGeneric(dst, src []float32, depth, step, cols, width int) {
	packColumns(nil, 1, dst, src, depth, step, cols, width)
}

// packColumns is packColumnsGeneric with a function that transposes square blocks of n elements:
//
//	for b := range blocks { for i := range n { for c := range n { dst[(b*n+c)*dstStep+i] = src[i*srcStep+b*n+c] } } }
func packColumns(transpose func(dst []float32, dstStep int, src []float32, srcStep, blocks int), n int, dst, src []float32, depth, step, cols, width int) {
	if depth == 0 {
		return
	}
	if cols < width {
		clear(dst[:depth*width])
	}
	whole, deep := 0, 0
	if transpose != nil {
		whole, deep = cols/n*n, depth/n*n
		for i := 0; i < whole; i += n {
			transpose(dst[i:], width, src[i*step:], step, deep/n)
		}
	}
	for i := range cols {
		first := 0
		if i < whole {
			first = deep
		}
		for l, v := range src[i*step:][first:depth] {
			dst[(first+l)*width+i] = v
		}
	}
}
