package wire

import "math"

// Int64 reads an integer, written without fraction and exponent.
func (d *Decoder) Int64() int64 {
	if !d.is(Number, "an integer") {
		return 0
	}
	text, integer := d.number()
	if d.err == nil && !integer {
		d.Fail("expected an integer, found " + shorten(text))
	}
	if d.err != nil {
		return 0
	}
	v, ok := parseInt(text)
	if !ok {
		d.Fail("the integer does not fit into 64 bits")
	}
	return v
}

// parseInt reads an integer that has passed number.
func parseInt(text string) (v int64, ok bool) {
	digits := text
	if text[0] == '-' {
		digits = text[1:]
	}
	for i := range len(digits) {
		digit := int64(digits[i] - '0')
		if v < (math.MinInt64+digit)/10 {
			return 0, false
		}
		v = 10*v - digit // counted below zero, where the range is larger
	}
	if len(digits) < len(text) {
		return v, true
	}
	if v == math.MinInt64 {
		return 0, false
	}
	return -v, true
}

// Int reads an integer that fits into an int.
func (d *Decoder) Int() int {
	v := d.Int64()
	if int64(int(v)) != v {
		d.Fail("the integer is too large")
		return 0
	}
	return int(v)
}

// Float reads a number, or null as NaN.
func (d *Decoder) Float() float64 {
	if d.Kind() == Null {
		d.start = d.pos
		d.literal("null")
		return math.NaN()
	}
	if !d.is(Number, "a number") {
		return 0
	}
	text, _ := d.number()
	if d.err != nil {
		return 0
	}
	v, problem := parseFloat(text)
	if problem != "" {
		d.Fail(problem)
	}
	return v
}

func isDigit(c byte) bool { return c-'0' < 10 }

// number skips a number and returns it as written; integer says that it has
// neither fraction nor exponent.
func (d *Decoder) number() (text string, integer bool) {
	start := d.pos
	if d.peek() == '-' {
		d.pos++
	}
	if d.peek() == '0' {
		d.pos++
	} else {
		d.digits()
	}
	integer = true
	if d.peek() == '.' {
		d.pos++
		d.digits()
		integer = false
	}
	if d.peek()|0x20 == 'e' {
		d.pos++
		if c := d.peek(); c == '+' || c == '-' {
			d.pos++
		}
		d.digits()
		integer = false
	}
	text = string(d.data[start:d.pos])
	d.space()
	return text, integer
}

// digits skips one or more digits.
//
//go:noinline
func (d *Decoder) digits() {
	if !isDigit(d.peek()) {
		d.expected("a digit")
	}
	for isDigit(d.peek()) {
		d.pos++
	}
}
