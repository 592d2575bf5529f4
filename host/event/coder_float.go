package event

import (
	"encoding/binary"
	"math"
	"time"
)

// Forms of a column of numbers.
const (
	rawFloats      = iota // eight bytes each
	fractionFloats        // varints of k for k/d, with the d of the column
	durationFloats        // varints of nanoseconds, for seconds
)

// floats is a column of n numbers, exact to the bit. A number measured by
// counting, such as an accuracy, is one of few fractions, and a duration a
// whole number of nanoseconds: such columns are much shorter than eight bytes
// a number.
func floats(c *coder, n int, field func(i int) *float64) {
	if n == 0 {
		return
	}
	if c.reading {
		c.readFloats(n, field)
		return
	}
	raw := make([]byte, 0, 8*n+1)
	raw = append(raw, rawFloats)
	for i := range n {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(*field(i)))
	}
	shortest := raw
	for _, f := range []scaled{{durationFloats, 1e9}, {fractionFloats, denominator(n, field)}} {
		if b := f.encode(n, field, len(shortest)); b != nil {
			shortest = b
		}
	}
	c.buf = append(c.buf, shortest...)
}

// scaled is a form that writes a number v as the integer v*d.
type scaled struct {
	form int
	d    uint64
}

// value is the number that k stands for.
func (f scaled) value(k uint64) float64 {
	if f.form == durationFloats {
		return time.Duration(k).Seconds()
	}
	return float64(k) / float64(f.d)
}

// largest bounds k, so that it is exact as a float64 and leaves room for a bit.
const largest = 1 << 53

// encode writes the numbers: twice k, or 1 and the eight bytes of a number that
// no k stands for. It returns nil where that is not shorter than limit.
func (f scaled) encode(n int, field func(i int) *float64, limit int) []byte {
	b := append(make([]byte, 0, limit), byte(f.form))
	if f.form == fractionFloats {
		b = binary.AppendUvarint(b, f.d)
	}
	for i := range n {
		v := *field(i)
		k := math.Round(v * float64(f.d))
		if k >= 0 && k < largest && sameBits(f.value(uint64(k)), v) {
			b = binary.AppendUvarint(b, uint64(k)<<1)
		} else {
			b = binary.LittleEndian.AppendUint64(append(b, 1), math.Float64bits(v))
		}
		if len(b) >= limit {
			return nil
		}
	}
	return b
}

func (c *coder) readFloats(n int, field func(i int) *float64) {
	var f scaled
	if form := c.take(1); c.err == nil {
		f.form = int(form[0])
	}
	switch f.form {
	case rawFloats:
		b := c.take(8 * uint64(n))
		for i := range len(b) / 8 {
			*field(i) = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		}
		return
	case fractionFloats:
		c.uvarint(&f.d)
	case durationFloats:
	default:
		c.fail("numbers have the unknown form %d", f.form)
	}
	for i := 0; i < n && c.err == nil; i++ {
		var k uint64
		c.uvarint(&k)
		if k&1 == 0 {
			*field(i) = f.value(k >> 1)
		} else if b := c.take(8); c.err == nil {
			*field(i) = math.Float64frombits(binary.LittleEndian.Uint64(b))
		}
	}
}

// Limits of the search for a denominator: how many numbers are looked at, and
// how large a count may be.
const (
	looked     = 64
	mostCounts = 1 << 32
)

// denominator guesses of which d the numbers are multiples of 1/d: the least
// common multiple of the denominators of those that are fractions at all.
func denominator(n int, field func(i int) *float64) uint64 {
	d := uint64(1)
	for i, seen := 0, 0; i < n && seen < looked; i++ {
		v := *field(i)
		if !(v > 0) || v > largest || v == math.Trunc(v) {
			continue
		}
		seen++
		if q := fraction(v); q > 0 {
			if m := d / gcd(d, q) * q; m <= mostCounts {
				d = m
			}
		}
	}
	return d
}

// fraction is the least q for which some p/q is v exactly, by v's continued
// fraction; 0 if there is none below 2^26, half the bits of a float64, beyond
// which any number would have one.
func fraction(v float64) uint64 {
	x := v
	p0, q0, p1, q1 := 0.0, 1.0, 1.0, 0.0
	for range 40 {
		a := math.Floor(x)
		p0, q0, p1, q1 = p1, q1, a*p1+p0, a*q1+q0
		if q1 >= 1<<26 || p1 >= largest {
			return 0
		}
		if p1/q1 == v {
			return uint64(q1)
		}
		x = 1 / (x - a)
	}
	return 0
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
