package wire

import (
	"math"
	"math/bits"
)

// maxDigits is how many significant digits a number may have: more than any
// program writes, and few enough for the arithmetic below.
const maxDigits = 64

// powers are the powers of ten that a float64 holds exactly.
var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// parseFloat returns the float64 nearest to the number that text spells in
// JSON, ties to even; problem says why there is none.
//
// It is here because strconv.ParseFloat makes a guest 55 KB larger.
func parseFloat(text string) (v float64, problem string) {
	negative, digits, exponent := scan(text)
	switch {
	case len(digits) > maxDigits:
		return 0, "the number has more than 64 digits"
	case len(digits) == 0 || len(digits)+exponent < -323:
		v = 0
	case len(digits)+exponent > 309:
		v = math.Inf(1)
	default:
		v = nearest(digits, exponent)
	}
	if math.IsInf(v, 1) {
		return 0, "the number is beyond the range of a float64"
	}
	if negative {
		v = -v
	}
	return v, ""
}

// scan takes a number apart: it is digits * 10^exponent, where digits neither
// begins nor ends with a zero.
func scan(text string) (negative bool, digits []byte, exponent int) {
	point := false
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '-':
			negative = true
		case c == '.':
			point = true
		case c|0x20 == 'e':
			return negative, trim(digits, &exponent), exponent + scanExponent(text[i+1:])
		default:
			if point {
				exponent--
			}
			if c != '0' || len(digits) > 0 {
				digits = append(digits, c)
			}
		}
	}
	return negative, trim(digits, &exponent), exponent
}

// trim drops the zeros at the end of digits.
func trim(digits []byte, exponent *int) []byte {
	n := len(digits)
	for n > 0 && digits[n-1] == '0' {
		n--
		*exponent++
	}
	return digits[:n]
}

// scanExponent reads an exponent with its sign; what is out of any sensible
// range it cuts off.
func scanExponent(text string) int {
	v := 0
	for i := range len(text) {
		if c := text[i]; isDigit(c) && v < 100_000_000 {
			v = 10*v + int(c-'0')
		}
	}
	if text[0] == '-' {
		return -v
	}
	return v
}

// nearest returns the float64 nearest to digits * 10^exponent.
func nearest(digits []byte, exponent int) float64 {
	if len(digits) <= 15 && exponent >= -22 && exponent <= 22 {
		// Both operands are exact, so one rounding remains (Clinger 1990).
		v := 0.0
		for _, c := range digits {
			v = 10*v + float64(c-'0')
		}
		if exponent < 0 {
			return v / powers[-exponent]
		}
		return v * powers[exponent]
	}
	// The number is n * 2^-shift, exactly or, if inexact, a little more.
	n, shift, inexact := big{0}, 0, false
	for _, c := range digits {
		n = n.times(10, uint32(c-'0'))
	}
	for ; exponent > 0; exponent-- {
		n = n.times(10, 0)
	}
	if exponent < 0 {
		shift = 64 - 4*exponent // 2^4 > 10, so that more than 64 bits are left
		for s := 0; s < shift; s += 16 {
			n = n.times(1<<16, 0)
		}
		shift = (shift + 15) &^ 15
		for ; exponent < 0; exponent++ {
			if n.divide(10) != 0 {
				inexact = true
			}
		}
	}
	return n.float(-shift, inexact)
}

// big is a natural number, 32 bits a limb, the least first.
type big []uint32

// times returns n*m + a.
func (n big) times(m, a uint32) big {
	carry := uint64(a)
	for i := range n {
		carry += uint64(n[i]) * uint64(m)
		n[i] = uint32(carry)
		carry >>= 32
	}
	if carry != 0 {
		n = append(n, uint32(carry))
	}
	return n
}

// divide divides n in place and returns the remainder.
func (n big) divide(m uint32) uint32 {
	rest := uint64(0)
	for i := len(n) - 1; i >= 0; i-- {
		rest = rest<<32 | uint64(n[i])
		n[i] = uint32(rest / uint64(m))
		rest %= uint64(m)
	}
	return uint32(rest)
}

// float returns n * 2^exponent rounded to nearest, ties to even; inexact says
// that the number is a little more.
func (n big) float(exponent int, inexact bool) float64 {
	for n[len(n)-1] == 0 {
		n = n[:len(n)-1]
	}
	// The highest 64 bits, the leading one at the top.
	top, taken := uint64(0), 0
	for i := len(n) - 1; i >= 0; i-- {
		limb := uint64(n[i])
		switch {
		case taken == 0:
			taken = bits.Len32(n[i])
			top = limb << (64 - taken)
		case taken < 64:
			top |= limb << 32 >> taken
			inexact = inexact || taken > 32 && uint32(limb<<(64-taken)) != 0
			taken = min(taken+32, 64)
		default:
			inexact = inexact || limb != 0
		}
	}
	exponent += 32*(len(n)-1) + bits.Len32(n[len(n)-1]) // the number is 0.top * 2^exponent
	drop := 64 - 53
	if exponent < -1021 { // subnormal: fewer bits remain
		drop -= 1021 + exponent
	}
	if drop > 64 { // less than half of the least float64
		return 0
	}
	kept := top >> drop // 0 for a drop of 64
	half := uint64(1) << (drop - 1)
	rest := top & (half<<1 - 1)
	if rest > half || rest == half && (inexact || kept&1 == 1) {
		kept++
	}
	if exponent < -1021 {
		return math.Float64frombits(kept)
	}
	if kept == 1<<53 {
		kept, exponent = kept>>1, exponent+1
	}
	if exponent > 1024 {
		return math.Inf(1)
	}
	return math.Float64frombits(kept&^(1<<52) | uint64(exponent+1022)<<52)
}
