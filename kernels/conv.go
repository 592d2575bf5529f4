package kernels

// Conv is the geometry of a convolution. x is (Batch, InH, InW, InC), w is (KernelH, KernelW, InC/Groups,
// OutC), y is (Batch, OutH, OutW, OutC), row-major. Output (oh, ow) sees the inputs
// oh*StrideH - PadTop + kh*DilationH, ow*StrideW - PadLeft + kw*DilationW; outside the map they are 0.
// Group g maps the input channels [g*InC/Groups, …) to the output channels [g*OutC/Groups, …).
type Conv struct {
	Batch, InH, InW, InC int
	OutH, OutW, OutC     int
	KernelH, KernelW     int
	StrideH, StrideW     int
	DilationH, DilationW int
	PadTop, PadLeft      int
	Groups               int
}

func (g *Conv) check(x, w, y []float32) {
	if g.Groups < 1 || g.InC%g.Groups != 0 || g.OutC%g.Groups != 0 {
		panic("kernels: Groups must divide InC and OutC")
	}
	if g.StrideH < 1 || g.StrideW < 1 || g.DilationH < 1 || g.DilationW < 1 {
		panic("kernels: stride and dilation must be positive")
	}
	check(g.Batch*g.InH*g.InW*g.InC, x)
	check(g.KernelH*g.KernelW*(g.InC/g.Groups)*g.OutC, w)
	check(g.Batch*g.OutH*g.OutW*g.OutC, y)
}

// taps calls f for every product of the convolution, in blocks: input channels [xi, xi+InC/Groups),
// output channels [yi, yi+OutC/Groups), weights from wi with OutC between the input channels.
func (g *Conv) taps(f func(xi, yi, wi int)) {
	in, out := g.InC/g.Groups, g.OutC/g.Groups
	for n := range g.Batch {
		for oh := range g.OutH {
			for ow := range g.OutW {
				for kh := range g.KernelH {
					ih := oh*g.StrideH - g.PadTop + kh*g.DilationH
					if ih < 0 || ih >= g.InH {
						continue
					}
					for kw := range g.KernelW {
						iw := ow*g.StrideW - g.PadLeft + kw*g.DilationW
						if iw < 0 || iw >= g.InW {
							continue
						}
						for q := range g.Groups {
							f(((n*g.InH+ih)*g.InW+iw)*g.InC+q*in, ((n*g.OutH+oh)*g.OutW+ow)*g.OutC+q*out, (kh*g.KernelW+kw)*in*g.OutC+q*out)
						}
					}
				}
			}
		}
	}
}

// ConvForward overwrites y with the convolution of x with w.
func ConvForward(s *Scratch, g *Conv, y, x, w []float32) {
	g.check(x, w, y)
	in, out := g.InC/g.Groups, g.OutC/g.Groups
	clear(y[:g.Batch*g.OutH*g.OutW*g.OutC])
	g.taps(func(xi, yi, wi int) {
		for c := range in {
			addScaledGeneric(y[yi:yi+out], x[xi+c], w[wi+c*g.OutC:])
		}
	})
}

// ConvBackwardData adds the gradient of ConvForward's x to dx.
func ConvBackwardData(s *Scratch, g *Conv, dx, dy, w []float32) {
	g.check(dx, w, dy)
	in, out := g.InC/g.Groups, g.OutC/g.Groups
	g.taps(func(xi, yi, wi int) {
		for c := range in {
			dx[xi+c] += dotGeneric(dy[yi:yi+out], w[wi+c*g.OutC:])
		}
	})
}

// ConvBackwardWeights adds the gradient of ConvForward's w to dw.
func ConvBackwardWeights(s *Scratch, g *Conv, dw, dy, x []float32) {
	g.check(x, dw, dy)
	in, out := g.InC/g.Groups, g.OutC/g.Groups
	g.taps(func(xi, yi, wi int) {
		for c := range in {
			addScaledGeneric(dw[wi+c*g.OutC:wi+c*g.OutC+out], x[xi+c], dy[yi:])
		}
	})
}
