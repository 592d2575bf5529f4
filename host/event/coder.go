package event

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// coder writes a snapshot, or reads one: each of its methods and of the
// functions that take it does both. After an error, which only reading meets
// but for values that JSON cannot hold, it reads zeros.
type coder struct {
	reading bool
	buf     []byte // what is written, or what is left to read
	texts   []string
	known   map[string]int // of texts: their places; writing only
	scratch []int64        // of integers and differences
	err     error
}

// fail notes the first error.
func (c *coder) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
	c.buf = nil
}

// take reads n bytes.
func (c *coder) take(n uint64) []byte {
	if n > uint64(len(c.buf)) {
		c.fail("it is cut: %d bytes are missing", n-uint64(len(c.buf)))
		return nil
	}
	b := c.buf[:n]
	c.buf = c.buf[n:]
	return b
}

func (c *coder) uvarint(v *uint64) {
	if !c.reading {
		c.buf = binary.AppendUvarint(c.buf, *v)
		return
	}
	x, n := binary.Uvarint(c.buf)
	if n <= 0 {
		c.fail("it is cut within a number")
		x, n = 0, 0
	}
	*v, c.buf = x, c.buf[n:]
}

func (c *coder) varint(v *int64) {
	u := uint64(*v<<1) ^ uint64(*v>>63) // zigzag
	c.uvarint(&u)
	if c.reading {
		*v = int64(u>>1) ^ -int64(u&1)
	}
}

func (c *coder) flag(v *bool) {
	var u uint64
	if *v {
		u = 1
	}
	c.uvarint(&u)
	*v = u == 1
}

// bytes are a length and as many bytes; what is read shares memory with the
// snapshot.
func (c *coder) bytes(b *[]byte) {
	n := uint64(len(*b))
	c.uvarint(&n)
	if c.reading {
		*b = c.take(n)
		return
	}
	c.buf = append(c.buf, *b...)
}

// document is a value as JSON, for what there is one of.
func (c *coder) document(v any) {
	var b []byte
	if !c.reading {
		if b, c.err = json.Marshal(v); c.err != nil {
			return
		}
	}
	c.bytes(&b)
	if c.reading && c.err == nil {
		if err := json.Unmarshal(b, v); err != nil {
			c.fail("%w", err)
		}
	}
}

// list is the length of a slice, of whose elements each takes at least the
// given number of bytes further on. Reading makes the slice; nil and empty are
// told apart.
func list[T any](c *coder, s *[]T, least int) {
	var n uint64
	if *s != nil {
		n = uint64(len(*s)) + 1
	}
	c.uvarint(&n)
	if !c.reading || n == 0 {
		return
	}
	if n-1 > uint64(len(c.buf)/least) {
		c.fail("a list of %d is longer than all that follows", n-1)
		return
	}
	*s = make([]T, n-1)
}

// lists are the lengths of n slices, as list does them. Reading makes them
// parts of one array.
func lists[T any](c *coder, n, least int, field func(i int) *[]T) {
	lengths := make([]int64, n) // 0: nil
	if !c.reading {
		for i := range lengths {
			if s := *field(i); s != nil {
				lengths[i] = int64(len(s)) + 1
			}
		}
	}
	c.ints(lengths)
	if !c.reading {
		return
	}
	most := int64(len(c.buf) / least)
	total := int64(0)
	for _, l := range lengths {
		if l < 0 || l-1 > most-total {
			c.fail("its lists are longer than all that follows")
			return
		}
		total += max(l-1, 0)
	}
	all := make([]T, total)
	for i, l := range lengths {
		if l > 0 {
			*field(i), all = all[:l-1:l-1], all[l-1:]
		}
	}
}

// elements are the elements of n slices, in order.
func elements[T any](n int, slice func(i int) []T) []*T {
	total := 0
	for i := range n {
		total += len(slice(i))
	}
	all := make([]*T, 0, total)
	for i := range n {
		s := slice(i)
		for j := range s {
			all = append(all, &s[j])
		}
	}
	return all
}

// Forms of a column of integers.
const (
	constantInts = iota // one value stands for all
	plainInts           // varints
	stepInts            // varints of the difference from the value before
)

// ints is a column of integers, in the shortest form.
func (c *coder) ints(values []int64) {
	if len(values) == 0 {
		return
	}
	form := uint64(constantInts)
	if !c.reading {
		form = intForm(values)
	}
	c.uvarint(&form)
	before := int64(0)
	for i := range values {
		switch form {
		case constantInts:
			if i == 0 {
				c.varint(&values[0])
			}
			values[i] = values[0]
		case plainInts:
			c.varint(&values[i])
		case stepInts:
			step := values[i] - before // wraps around, and back
			c.varint(&step)
			before += step
			values[i] = before
		default:
			c.fail("integers have the unknown form %d", form)
			return
		}
	}
}

// intForm is the form in which the values are shortest.
func intForm(values []int64) uint64 {
	plain, steps, constant := 0, 0, true
	size := func(v int64) int {
		var b [binary.MaxVarintLen64]byte
		return binary.PutVarint(b[:], v)
	}
	for i, v := range values {
		before := int64(0)
		if i > 0 {
			before = values[i-1]
		}
		constant = constant && v == values[0]
		plain += size(v)
		steps += size(v - before)
	}
	switch {
	case constant:
		return constantInts
	case steps < plain:
		return stepInts
	}
	return plainInts
}

// column is space for n integers, until the next call.
func (c *coder) column(n int) []int64 {
	if cap(c.scratch) < n {
		c.scratch = make([]int64, n)
	}
	clear(c.scratch[:n])
	return c.scratch[:n]
}

// integers is a column of n fields.
func integers[T ~int | ~int64](c *coder, n int, field func(i int) *T) {
	values := c.column(n)
	if !c.reading {
		for i := range values {
			values[i] = int64(*field(i))
		}
	}
	c.ints(values)
	if c.reading {
		for i, v := range values {
			*field(i) = T(v)
		}
	}
}

// differences is a column of n fields, each written as its difference from
// another that is known.
func differences(c *coder, n int, pair func(i int) (field *int64, from int64)) {
	values := c.column(n)
	if !c.reading {
		for i := range values {
			field, from := pair(i)
			values[i] = *field - from
		}
	}
	c.ints(values)
	if c.reading {
		for i, v := range values {
			field, from := pair(i)
			*field = from + v
		}
	}
}

// words is a column of n fields of eight bytes each.
func words(c *coder, n int, field func(i int) *uint64) {
	if !c.reading {
		for i := range n {
			c.buf = binary.LittleEndian.AppendUint64(c.buf, *field(i))
		}
		return
	}
	b := c.take(8 * uint64(n))
	for i := range len(b) / 8 {
		*field(i) = binary.LittleEndian.Uint64(b[8*i:])
	}
}

// times is a column of n times: their milliseconds, which is what a journal
// has, or where those are not exact their seconds and nanoseconds.
func times(c *coder, n int, field func(i int) *time.Time) {
	whole := true
	first, second := make([]int64, n), make([]int64, n)
	if !c.reading {
		for i := range n {
			whole = whole && field(i).Nanosecond()%int(time.Millisecond) == 0
		}
		for i := range n {
			t := *field(i)
			first[i], second[i] = t.Unix(), int64(t.Nanosecond())
			if whole {
				first[i] = t.UnixMilli()
			}
		}
	}
	c.flag(&whole)
	c.ints(first)
	if !whole {
		c.ints(second)
	}
	if !c.reading {
		return
	}
	for i := range n {
		if whole {
			*field(i) = time.UnixMilli(first[i]).UTC()
		} else {
			*field(i) = time.Unix(first[i], second[i]).UTC()
		}
	}
}

// sameBits says that two numbers are the very same, NaN and the sign of zero
// included.
func sameBits(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }
