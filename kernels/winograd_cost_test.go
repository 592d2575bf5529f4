package kernels

import "testing"

// Shapes far from even: many channels on large maps pay, maps smaller than a tile and few channels do not.
func TestWinogradPays(t *testing.T) {
	for _, c := range []struct {
		layer
		pays bool
	}{
		{layer{h: 32, w: 32, in: 48, out: 48, kh: 3, kw: 3, same: true}, true},
		{layer{h: 32, w: 32, in: 120, out: 36, kh: 7, kw: 7, same: true}, true},
		{layer{h: 8, w: 8, in: 36, out: 36, kh: 5, kw: 5, same: true}, true},
		{layer{h: 16, w: 16, in: 48, out: 120, kh: 1, kw: 3, same: true}, true},
		{layer{h: 2, w: 2, in: 48, out: 48, kh: 3, kw: 3, same: true}, false},
		{layer{h: 1, w: 1, in: 120, out: 120, kh: 7, kw: 7, same: true}, false},
		{layer{h: 5, w: 5, in: 24, out: 24, kh: 3, kw: 3, same: true}, false},
		{layer{h: 32, w: 32, in: 8, out: 8, kh: 1, kw: 7, same: true}, false},
	} {
		w, ok := NewWinograd(c.conv(), []int{c.in})
		if !ok {
			t.Fatalf("%s: the method cannot be used", c.layer)
		}
		if w.Pays() != c.pays {
			t.Errorf("%s: it pays: %v", c.layer, w.Pays())
		}
	}
}
