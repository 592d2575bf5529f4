package view

import (
	"bytes"
	"encoding/csv"
	"math"
	"strconv"
	"time"
)

// Data is the table behind a chart or list: exact numbers, as text, under the
// names that columns have in CSV. Row makes one row when it is asked for, since
// a study has many.
type Data struct {
	Columns []string
	Rows    int
	Row     func(i int) []string
}

// CSV writes the table with a line of column names (RFC 4180, lines ending in
// \n). What is unknown is empty.
func (d Data) CSV() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(d.Columns) // a bytes.Buffer takes everything
	for i := range d.Rows {
		w.Write(d.Row(i))
	}
	w.Flush()
	return b.Bytes()
}

// exact writes a number with all its digits, an unknown one as nothing.
func exact(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// whole writes an integer.
func whole[T ~int | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// moment writes a time, the zero one as nothing.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
