package kernels

// operand is the matrix b of a product. Its rows are numbered by tap and channel: the element of row
// (h, w, c) and column j is x[start + h*tapH + w*tapW + c*channel + j*col].
type operand struct {
	x                        []float32
	start                    int
	tapH, tapW, channel, col int
}

// A packed matrix consists of panels, each as wide as the tile that reads it: element (l, j) of a panel of
// width n is at l*n+j. The columns that the last panel lacks are 0.

// panelsLen returns how many elements cols columns of depth rows take, packed.
func (t *table) panelsLen(depth, cols int) int {
	width := 0
	for cols > 0 {
		n := t.pick(cols).n
		width += n
		cols -= n
	}
	return depth * width
}

// prefix returns how many of cols columns the first panels have that are not wider than most together, but at least
// one panel. What follows is cut into the same panels as if it were not cut off.
func (t *table) prefix(cols, most int) int {
	width := 0 // a panel is only narrower than its tile at the end
	for width < cols {
		n := t.pick(cols - width).n
		if width > 0 && width+n > most {
			return width
		}
		width += n
	}
	return cols
}

// pack packs b's columns [j, j+cols) of the rows of a box.
func (t *table) pack(panels []float32, b *operand, rows box, j, cols int) {
	depth := rows.depth()
	for end := j + cols; j < end; {
		n := t.pick(end - j).n
		width := min(n, end-j)
		for h := range rows.tapsH {
			for w := range rows.tapsW {
				l := (h*rows.tapsW + w) * rows.channels * n
				at := b.start + (rows.h+h)*b.tapH + (rows.w+w)*b.tapW + rows.c*b.channel + j*b.col
				t.packTap(panels[l:], b, n, at, rows.channels, width)
			}
		}
		panels = panels[depth*n:]
		j += width
	}
}

// packTap packs width columns of channels rows of b, from b.x[at], into a panel that is n wide. The elements of a row,
// or else those of a column, follow each other.
func (t *table) packTap(panel []float32, b *operand, n, at, channels, width int) {
	if b.col == 1 {
		t.packRows(panel, b.x[at:], channels, b.channel, width, n)
	} else {
		t.packColumns(panel, b.x[at:], channels, b.col, width, n)
	}
}
