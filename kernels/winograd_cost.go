package kernels

// transformCost is how many multiplications and additions of a product take the time of transforming one number. At
// level avx512 on an AMD Zen 5, of 360 shapes (kernels of 3 to 49 taps, 8 to 120 channels, maps of 1 to 32 pixels a side)
// Pays was right about 315; the others are close to even.
const transformCost = 8

// Pays estimates whether the method is faster than ConvForward and its gradients: whether the products and transforms
// of all tiles, which may reach over the edge of the map, take less time than the products that they replace, rows of
// padding left out. It depends on neither batch nor level.
func (c *Winograd) Pays() bool {
	rows := 0 // of taps inside the map, over all rows of outputs
	for top := -c.padTop; top < c.outH-c.padTop; top++ {
		rows += max(0, min(top+c.h.taps, c.inH)-max(top, 0))
	}
	plain := float64(rows * c.outW * c.w.taps)
	products := float64(c.h.tiles(c.outH) * c.w.tiles(c.outW) * c.points())
	return plain > products*(1+transformCost/float64(c.inC)+transformCost/float64(c.outC))
}
