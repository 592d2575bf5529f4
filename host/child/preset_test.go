package child

import (
	"testing"

	"github.com/espalier-nas/espalier/host/data"
)

// TestShapesPreset: the recipe for the embedded images tells a good network
// from a bad one: four layers that see 3 x 3 pixels from four that see one.
func TestShapesPreset(t *testing.T) {
	d, err := data.Open(data.Options{Name: "shapes"})
	if err != nil {
		t.Fatal(err)
	}
	images, valid, err := d.Split(1, 400)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := Preset("shapes")
	accuracy := func(kernel int) float64 {
		c := convNode(8, kernel, kernel)
		net := network(images.H, images.W, images.C, 10, c, norm, relu, c, norm, relu, c, norm, relu, c, norm, relu, global, denseNode(10))
		epochs := train(t, net, images, valid, r, 1).Metrics.Epochs
		return epochs[len(epochs)-1].ValidAccuracy
	}
	if one, three := accuracy(1), accuracy(3); one > 0.35 || three < 0.5 {
		t.Errorf("kernels of 1 reach %.3f, kernels of 3 reach %.3f", one, three)
	}
}
