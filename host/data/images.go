package data

import (
	"errors"
	"fmt"
)

// Images is a labelled set of images of one size.
type Images struct {
	N, H, W, C int
	Pixels     []uint8 // (N, H, W, C), row-major
	Labels     []int32 // (N), from 0
}

// newImages makes room for n blank images.
func newImages(n, h, w, c int) *Images {
	return &Images{N: n, H: h, W: w, C: c, Pixels: make([]uint8, n*h*w*c), Labels: make([]int32, n)}
}

// Stride is the number of bytes of one image.
func (m *Images) Stride() int { return m.H * m.W * m.C }

// Image is the i-th image, (H, W, C): a view, not a copy.
func (m *Images) Image(i int) []uint8 {
	n := m.Stride()
	return m.Pixels[i*n : (i+1)*n : (i+1)*n]
}

// Subset copies the images with the given indices, in that order.
func (m *Images) Subset(indices []int) *Images {
	sub := newImages(len(indices), m.H, m.W, m.C)
	for to, from := range indices {
		copy(sub.Image(to), m.Image(from))
		sub.Labels[to] = m.Labels[from]
	}
	return sub
}

// Counts is the number of images of each of the given number of classes.
func (m *Images) Counts(classes int) []int {
	counts := make([]int, classes)
	for _, label := range m.Labels {
		counts[label]++
	}
	return counts
}

// Validate reports every way in which m is not a set of images with labels
// below classes.
func (m *Images) Validate(classes int) error {
	var errs []error
	if m.N < 1 || m.H < 1 || m.W < 1 || m.C < 1 {
		errs = append(errs, fmt.Errorf("data: images of shape (%d, %d, %d, %d): every side must be at least 1", m.N, m.H, m.W, m.C))
	}
	if want := m.N * m.Stride(); len(m.Pixels) != want {
		errs = append(errs, fmt.Errorf("data: %d bytes of pixels for %d images of %dx%dx%d: want %d", len(m.Pixels), m.N, m.H, m.W, m.C, want))
	}
	if len(m.Labels) != m.N {
		errs = append(errs, fmt.Errorf("data: %d labels for %d images", len(m.Labels), m.N))
	}
	for i, label := range m.Labels {
		if label < 0 || int(label) >= classes {
			errs = append(errs, fmt.Errorf("data: image %d has label %d of %d classes", i, label, classes))
			break
		}
	}
	return errors.Join(errs...)
}
