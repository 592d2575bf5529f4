package data

// The drawn set's difficulty: how scenes vary. Tones are grey levels, radii are
// in 1/256 of the image's side. Chosen so that after six epochs on 1,500 images
// three layers of sixteen filters are right on three quarters of the images if
// the filters are 3x3, and on a quarter if they are 1x1 (TestSpread).
const (
	toneLow, toneHigh         = 70, 185 // of the ground
	contrastLow, contrastHigh = 76, 112 // of the figure against the ground
	tint                      = 14      // deviation of each colour channel
	ramp                      = 40      // of the ground's tone across the image
	radiusLow, radiusHigh     = 68, 100 // of the figure
	specks                    = 2       // at most so many small figures ...
	speckLow, speckHigh       = 15, 33  // ... of this radius ...
	lines                     = 1       // ... and lines ...
	lineLow, lineHigh         = 38, 102 // ... of this half length, behind the figure
)

// colour is a red, a green and a blue tone; off the range 0 to 255 until it is
// written as a pixel.
type colour [3]int

// scene is an image in the making.
type scene struct {
	size   int
	canvas []colour // (size, size)
	random stream
}

// paint draws the figure of a class, with all that makes it hard to see, over
// the whole canvas.
func (s *scene) paint(draw figure) {
	ground, ink := s.colours()
	s.shade(ground)
	side := s.size * pixel
	for range s.random.below(specks + 1) {
		small := [...]figure{disc, square, triangle}[s.random.below(3)]
		s.stamp(small, s.random.below(side), s.random.below(side), s.radius(speckLow, speckHigh), s.blend(ground, ink))
	}
	for range s.random.below(lines + 1) {
		line := func(u, v, r int) int { return bar(u, v, pixel/3, r) }
		s.stamp(line, s.random.below(side), s.random.below(side), s.radius(lineLow, lineHigh), s.blend(ground, ink))
	}
	r := s.radius(radiusLow, radiusHigh)
	// The figure may stick out by a sixth of its radius.
	room := max(side/2-r, 0) + r/6
	s.stamp(draw, side/2+s.random.between(-room, room), side/2+s.random.between(-room, room), r, ink)
}

// colours picks a ground and an ink that can be told from it.
func (s *scene) colours() (ground, ink colour) {
	tone := s.random.between(toneLow, toneHigh)
	contrast := s.random.between(contrastLow, contrastHigh)
	if s.random.below(2) == 0 {
		contrast = -contrast
	}
	if tone+contrast < 20 || tone+contrast > 235 {
		contrast = -contrast
	}
	for c := range ground {
		ground[c] = tone + s.random.between(-tint, tint)
		ink[c] = tone + contrast + s.random.between(-tint, tint)
	}
	return ground, ink
}

// blend is a colour somewhere between ground and ink, or as far from the
// ground on the other side.
func (s *scene) blend(ground, ink colour) colour {
	share := s.random.between(-100, 100)
	for c := range ground {
		ground[c] += (ink[c] - ground[c]) * share / 100
	}
	return ground
}

func (s *scene) radius(low, high int) int {
	return s.random.between(low*s.size, high*s.size) * pixel / 256
}

// shade fills the canvas with the ground, lighter towards one side.
func (s *scene) shade(ground colour) {
	towards := s.random.below(turn)
	dx, dy := cosine(towards)*ramp/s.size, sine(towards)*ramp/s.size
	for i := range s.canvas {
		x, y := i%s.size, i/s.size
		light := ((2*x-s.size)*dx + (2*y-s.size)*dy) / (2 * unit)
		for c, tone := range ground {
			s.canvas[i][c] = tone + light
		}
	}
}

// stamp draws a figure about (x, y), turned at random, with smooth edges.
func (s *scene) stamp(draw figure, x, y, r int, ink colour) {
	angle := s.random.below(turn)
	sin, cos := sine(angle), cosine(angle)
	for i := range s.canvas {
		dx, dy := i%s.size*pixel+pixel/2-x, i/s.size*pixel+pixel/2-y
		distance := draw((dx*cos-dy*sin)/unit, (dx*sin+dy*cos)/unit, r)
		cover := clamp(pixel/2-distance, 0, pixel)
		if cover == 0 {
			continue
		}
		for c := range ink {
			s.canvas[i][c] += (ink[c] - s.canvas[i][c]) * cover / pixel
		}
	}
}

// write puts the scene into the pixels of an image of 1 or 3 channels, with
// noise of the given standard deviation in grey levels.
func (s *scene) write(pixels []uint8, channels, noise int) {
	for i, tones := range s.canvas {
		out := pixels[i*channels:][:channels]
		if channels == 1 {
			// Luma after ITU-R BT.601, in 1/256.
			out[0] = s.grain(noise, (77*tones[0]+150*tones[1]+29*tones[2])/256)
			continue
		}
		for c := range out {
			out[c] = s.grain(noise, tones[c])
		}
	}
}

// grain is tone with noise: the sum of four random bytes, which is close to
// normal with mean 510 and a standard deviation of 147.8.
func (s *scene) grain(noise, tone int) uint8 {
	x := s.random.pcg.Uint64()
	sum := int(x&0xff + x>>8&0xff + x>>16&0xff + x>>24&0xff)
	return uint8(clamp(tone+(sum-510)*noise/148, 0, 255))
}
