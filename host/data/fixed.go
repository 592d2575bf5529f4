package data

import "math"

// The shapes are drawn in fixed point, so that every machine draws the same
// bits: lengths are integers in 1/256 of a pixel, angles in 1/256 of a turn,
// sines in 1/16384. All intermediate values fit into 32 bits.
const (
	pixel = 256     // one pixel, as a length
	turn  = 256     // one turn, as an angle
	unit  = 1 << 14 // 1, as a sine or cosine
)

// quarter holds round(16384 sin(2 pi i / 256)) for the first quarter turn.
var quarter = [turn/4 + 1]int16{
	0, 402, 804, 1205, 1606, 2006, 2404, 2801, 3196, 3590, 3981, 4370, 4756,
	5139, 5520, 5897, 6270, 6639, 7005, 7366, 7723, 8076, 8423, 8765, 9102, 9434,
	9760, 10080, 10394, 10702, 11003, 11297, 11585, 11866, 12140, 12406, 12665, 12916, 13160,
	13395, 13623, 13842, 14053, 14256, 14449, 14635, 14811, 14978, 15137, 15286, 15426, 15557,
	15679, 15791, 15893, 15986, 16069, 16143, 16207, 16261, 16305, 16340, 16364, 16379, 16384,
}

// sine is sin(2 pi a / turn) in units of 1/unit, for any a.
func sine(a int) int {
	a &= turn - 1
	switch {
	case a < turn/4:
		return int(quarter[a])
	case a < turn/2:
		return int(quarter[turn/2-a])
	case a < 3*turn/4:
		return -int(quarter[a-turn/2])
	}
	return -int(quarter[turn-a])
}

func cosine(a int) int { return sine(a + turn/4) }

// length is the floor of the length of (x, y). The square root of an integer
// below 2^53 is correctly rounded by every implementation of math.Sqrt.
func length(x, y int) int { return int(math.Sqrt(float64(x*x + y*y))) }

func abs(x int) int { return max(x, -x) }

func clamp(x, low, high int) int { return max(low, min(x, high)) }
