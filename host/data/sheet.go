package data

import (
	"image"
	"image/color"
)

// Sheet lays the images out in rows of cols, enlarged to at least 64 pixels a
// side, for a person to look at. cols must be at least 1.
func Sheet(m *Images, cols int) image.Image {
	const wanted, gap = 64, 4
	scale := max(1, wanted/min(m.H, m.W))
	cellW, cellH := m.W*scale+gap, m.H*scale+gap
	rows := (m.N + cols - 1) / cols
	sheet := image.NewRGBA(image.Rect(0, 0, cols*cellW+gap, rows*cellH+gap))
	for i := range m.N {
		left, top := i%cols*cellW+gap, i/cols*cellH+gap
		for y := range m.H * scale {
			for x := range m.W * scale {
				sheet.SetRGBA(left+x, top+y, m.colourAt(i, y/scale, x/scale))
			}
		}
	}
	return sheet
}

// colourAt is a pixel of the i-th image; images of one or two channels are
// shown in the grey of the first.
func (m *Images) colourAt(i, y, x int) color.RGBA {
	p := m.Image(i)[(y*m.W+x)*m.C:][:m.C]
	if m.C < 3 {
		return color.RGBA{p[0], p[0], p[0], 255}
	}
	return color.RGBA{p[0], p[1], p[2], 255}
}
