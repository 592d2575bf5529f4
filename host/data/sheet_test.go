package data

import (
	"image"
	"image/color"
	"testing"
)

func TestSheet(t *testing.T) {
	m := newImages(3, 20, 32, 3)
	copy(m.Image(2)[(19*32+31)*3:], []byte{10, 20, 30})
	sheet := Sheet(m, 2)
	// Cells of 3 times 32x20 pixels and a gap of 4, with a gap before them.
	if want := image.Rect(0, 0, 2*(96+4)+4, 2*(60+4)+4); sheet.Bounds() != want {
		t.Fatalf("bounds %v, want %v", sheet.Bounds(), want)
	}
	last := color.RGBA{10, 20, 30, 255}
	for _, at := range []struct {
		x, y int
		want color.Color
	}{
		{99, 127, last}, {97, 125, last}, {96, 125, color.RGBA{A: 255}}, {100, 127, color.RGBA{}}, {104 + 50, 64 + 30, color.RGBA{}},
	} {
		if got := sheet.At(at.x, at.y); got != at.want {
			t.Errorf("pixel (%d, %d) is %v, want %v", at.x, at.y, got, at.want)
		}
	}
}

func TestSheetOfGrey(t *testing.T) {
	m := newImages(1, 28, 28, 1)
	m.Image(0)[0] = 200
	if got := Sheet(m, 1).At(4, 4); got != (color.RGBA{200, 200, 200, 255}) {
		t.Errorf("grey 200 is shown as %v", got)
	}
}
