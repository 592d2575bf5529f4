package data

// A figure is drawn where its signed distance is negative: the distance of the
// point (u, v) from the border of a figure of radius r about the origin, all of
// them lengths. Far from the border the distance may be off.
type figure func(u, v, r int) int

// figures are the classes of the drawn set, in the order of their labels.
// Filled and open figures share their corners, curves and strokes and so differ
// only as wholes; the last two are textures.
var figures = []struct {
	name string
	draw figure
}{
	{"disc", disc}, {"ring", ring}, {"square", square}, {"frame", frame}, {"triangle", triangle},
	{"star", star}, {"cross", cross}, {"arc", arc}, {"stripes", stripes}, {"checks", checks},
}

// The fractions of r below give all figures about the same extent.

func disc(u, v, r int) int { return length(u, v) - r*9/10 }

func square(u, v, r int) int { return max(abs(u), abs(v)) - r*8/10 }

// triangle is equilateral, up to the rounding of its angles.
func triangle(u, v, r int) int {
	d := -v
	for _, a := range [...]int{turn / 12, turn * 5 / 12} {
		d = max(d, (u*cosine(a)+v*sine(a))>>14)
	}
	return d - r*6/10
}

// star has four points, on the axes.
func star(u, v, r int) int {
	u, v = abs(u), abs(v)
	return (3*max(u, v) + 8*min(u, v) - r*33/10) / 8
}

// thickness is half the width of a line.
func thickness(r int) int { return r/12 + pixel/4 }

func ring(u, v, r int) int { return abs(length(u, v)-r*8/10) - thickness(r) }

func frame(u, v, r int) int { return abs(max(abs(u), abs(v))-r*7/10) - thickness(r) }

// arc is a ring with a gap.
func arc(u, v, r int) int {
	gap := max(abs(u)-r/2, -v)
	return max(ring(u, v, r), -gap)
}

// bar is a rectangle of the given half width, and of half length r along v.
func bar(u, v, half, r int) int { return max(abs(u)-half, abs(v)-r) }

func cross(u, v, r int) int { return min(bar(u, v, r/5, r), bar(v, u, r/5, r)) }

// wave is the distance to stripes across u, as wide as the gaps between them.
func wave(u, period int) int {
	u %= period
	if u < 0 {
		u += period
	}
	return abs(u-period/2) - period/4
}

func stripes(u, v, r int) int { return max(disc(u, v, r), wave(u, r/4+2*pixel)) }

func checks(u, v, r int) int {
	a, b := wave(u, r/3+2*pixel), wave(v, r/3+2*pixel)
	return max(disc(u, v, r), min(max(a, b), max(-a, -b)))
}
