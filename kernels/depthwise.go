package kernels

// A depthwise convolution has one input and one output channel per group. It has no inner dimension
// over channels for a matrix product to use, and works along them instead.

func (g *Conv) depthwise() bool { return g.Groups == g.InC && g.Groups == g.OutC && g.Groups > 1 }

// eachTap calls f with the first elements in x, y and w of every position and the taps inside the map.
func (g *Conv) eachTap(f func(x, y, w int)) {
	for n := range g.Batch {
		for oh := range g.OutH {
			for ow := range g.OutW {
				y := ((n*g.OutH+oh)*g.OutW + ow) * g.OutC
				for kh := range g.KernelH {
					h := oh*g.StrideH - g.PadTop + kh*g.DilationH
					if h < 0 || h >= g.InH {
						continue
					}
					for kw := range g.KernelW {
						w := ow*g.StrideW - g.PadLeft + kw*g.DilationW
						if w >= 0 && w < g.InW {
							f(((n*g.InH+h)*g.InW+w)*g.InC, y, (kh*g.KernelW+kw)*g.OutC)
						}
					}
				}
			}
		}
	}
}

func (g *Conv) depthwiseForward(t *table, y, x, w []float32) {
	c := g.OutC
	clear(y[:g.Batch*g.OutH*g.OutW*c])
	g.eachTap(func(i, o, tap int) { t.mulAdd(y[o:o+c], x[i:i+c], w[tap:tap+c]) })
}

func (g *Conv) depthwiseBackwardData(t *table, dx, dy, w []float32) {
	c := g.OutC
	g.eachTap(func(i, o, tap int) { t.mulAdd(dx[i:i+c], dy[o:o+c], w[tap:tap+c]) })
}

func (g *Conv) depthwiseBackwardWeights(t *table, dw, dy, x []float32) {
	c := g.OutC
	g.eachTap(func(i, o, tap int) { t.mulAdd(dw[tap:tap+c], dy[o:o+c], x[i:i+c]) })
}
