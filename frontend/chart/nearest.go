package chart

// Hit is a point of a series.
type Hit struct {
	Series int // number in Plot.Series
	Point  int // number in the series
	ID     int
	X, Y   float64 // pixels
}

// index finds points by where they are: those of each square of the plane.
type index map[[2]int16][]entry

type entry struct {
	series, point int32
	x, y          float32
}

// square is the side of an index's squares in pixels, and so the farthest that
// a point may be from where somebody points.
const square = 24

func squareOf(x, y float64) [2]int16 { return [2]int16{int16(x / square), int16(y / square)} }

func (p *Plot) index(f *Frame) index {
	near := index{}
	for i := range p.Series {
		s := &p.Series[i]
		for j := range s.IDs {
			if x, y, ok := f.point(s.X[j], s.Y[j]); ok {
				at := squareOf(x, y)
				near[at] = append(near[at], entry{int32(i), int32(j), float32(x), float32(y)})
			}
		}
	}
	return near
}

// Nearest is the point that is nearest to a pixel, if one is near.
func (f *Frame) Nearest(x, y float64) (Hit, bool) {
	var best Hit
	least := float32(square * square)
	found := false
	middle := squareOf(x, y)
	for dx := int16(-1); dx <= 1; dx++ {
		for dy := int16(-1); dy <= 1; dy++ {
			for _, e := range f.near[[2]int16{middle[0] + dx, middle[1] + dy}] {
				ex, ey := e.x-float32(x), e.y-float32(y)
				if d := ex*ex + ey*ey; d < least {
					s := &f.plot.Series[e.series]
					least, found = d, true
					best = Hit{Series: int(e.series), Point: int(e.point), ID: s.IDs[e.point], X: float64(e.x), Y: float64(e.y)}
				}
			}
		}
	}
	return best, found
}

// Find is the point with an ID, in the first series that has it.
func (f *Frame) Find(id int) (Hit, bool) {
	for i := range f.plot.Series {
		s := &f.plot.Series[i]
		for j, other := range s.IDs {
			if other == id {
				x, y, ok := f.point(s.X[j], s.Y[j])
				return Hit{Series: i, Point: j, ID: id, X: x, Y: y}, ok
			}
		}
	}
	return Hit{}, false
}

// Value is what the axes say of a pixel.
func (f *Frame) Value(x, y float64) (vx, vy float64) { return f.x.value(x), f.y.value(y) }
