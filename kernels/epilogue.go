package kernels

// Epilogue is what happens to a product, or to the output of a convolution, before its last pass through the cache:
// y*Scale + Shift by columns, or channels, then max(·, 0) if Relu. Without Scale only Shift is added, as a bias is; both
// may be nil.
type Epilogue struct {
	Scale, Shift []float32 // (cols)
	Relu         bool
}

// check panics unless e, which may be nil, suits rows of cols numbers.
func (e *Epilogue) check(cols int) {
	if e != nil && (e.Scale != nil && (e.Shift == nil || len(e.Scale) < cols) || e.Shift != nil && len(e.Shift) < cols) {
		panic("kernels: epilogue shorter than a row")
	}
}

// apply applies e, which may be nil, to y (rows, cols), whose rows are ld apart and begin with column j of e.
func (e *Epilogue) apply(t *table, y []float32, j, rows, cols, ld int) {
	if e == nil || cols == 0 || e.Shift == nil && !e.Relu {
		return
	}
	each := stripRows(cols)
	for r := 0; r < rows; r += each {
		e.applyRows(t, y[r*ld:], j, min(each, rows-r), cols, ld)
	}
}

// applyRows is apply for rows that stay in the cache from one operation to the next.
func (e *Epilogue) applyRows(t *table, y []float32, j, rows, cols, ld int) {
	switch {
	case e.Scale != nil:
		t.scaleShift(y, y, e.Scale[j:], e.Shift[j:], rows, cols, ld, e.Relu)
		return
	case e.Shift != nil:
		t.addBias(y, e.Shift[j:], rows, cols, ld)
	}
	if e.Relu {
		t.vector[VectorRelu](y, y, nil, nil, rows, cols, ld, ld, 0, 0, unjoined, false)
	}
}
