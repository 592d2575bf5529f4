package data

import (
	"slices"
	"strings"
	"testing"
)

// numbered is a set of n images of 1x2x1 that hold their own number.
func numbered(n int) *Images {
	m := newImages(n, 1, 2, 1)
	for i := range n {
		m.Pixels[2*i], m.Pixels[2*i+1] = uint8(i), uint8(i>>8)
		m.Labels[i] = int32(i % 10)
	}
	return m
}

func (m *Images) numbers() []int {
	var all []int
	for i := range m.N {
		all = append(all, int(m.Image(i)[0])+int(m.Image(i)[1])<<8)
	}
	return all
}

func TestSubset(t *testing.T) {
	m := numbered(12)
	sub := m.Subset([]int{11, 0, 5})
	if err := sub.Validate(10); err != nil {
		t.Fatal(err)
	}
	if got := sub.numbers(); !slices.Equal(got, []int{11, 0, 5}) {
		t.Errorf("images %v, want 11 0 5", got)
	}
	if !slices.Equal(sub.Labels, []int32{1, 0, 5}) {
		t.Errorf("labels %v, want 1 0 5", sub.Labels)
	}
	sub.Image(1)[0] = 99
	if m.Image(0)[0] != 0 {
		t.Error("a subset shares pixels with its origin")
	}
}

func TestImageIsBounded(t *testing.T) {
	m := numbered(3)
	_ = append(m.Image(0), 77)
	if m.Image(1)[0] != 1 {
		t.Error("appending to one image overwrites the next")
	}
}

func TestCounts(t *testing.T) {
	if got := numbered(12).Counts(10); !slices.Equal(got, []int{2, 2, 1, 1, 1, 1, 1, 1, 1, 1}) {
		t.Errorf("Counts = %v", got)
	}
}

func TestImagesValidate(t *testing.T) {
	m := &Images{N: 2, H: 0, W: 3, C: 1, Pixels: make([]uint8, 5), Labels: []int32{4, -1, 3}}
	err := m.Validate(4)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, part := range []string{"shape (2, 0, 3, 1)", "5 bytes of pixels", "3 labels for 2 images", "image 0 has label 4 of 4 classes"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}
