package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Unknown is how a number that was not measured is written.
const Unknown = "-"

// Count writes a count in at most five cells: 950, 15.6k, 152k, 4.2M, 1.3G.
func Count(n int64) string { return scaled(n, 1) }

// scaled writes a count with a unit, a number below ten units with the given
// decimals.
func scaled(n int64, decimals int) string {
	if n < 0 {
		if n == math.MinInt64 {
			n++
		}
		return "-" + scaled(-n, decimals)
	}
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	v := float64(n)
	for _, unit := range []string{"k", "M", "G", "T", "P", "E"} {
		v /= 1000
		below := 10.0
		for _, d := range []int{decimals, 1, 0} {
			text := strconv.FormatFloat(v, 'f', d, 64)
			if rounded, _ := strconv.ParseFloat(text, 64); rounded < below {
				return text + unit
			}
			below *= 10
		}
	}
	return strconv.FormatFloat(v, 'f', 0, 64) + "E"
}

// Bytes writes an amount of memory: 512 B, 1.5 MiB, 22 GiB.
func Bytes(n int64) string {
	v, unit := float64(n), "B"
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"} {
		if math.Abs(v) < 1024 {
			break
		}
		v, unit = v/1024, next
	}
	if unit == "B" || math.Abs(v) >= 9.95 {
		return fixed(v, 0) + " " + unit
	}
	return fixed(v, 1) + " " + unit
}

// Grouped writes a count in full: 4,201,630.
func Grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// Percent writes a fraction with one decimal: 0.123 is 12.3 %.
func Percent(fraction float64) string {
	if !finite(fraction) {
		return Unknown
	}
	return fixed(100*fraction, 1) + " %"
}

// Number writes a plain number with three significant digits: 0.00123, 12.3,
// 1234.
func Number(v float64) string {
	switch size := math.Abs(v); {
	case !finite(v):
		return Unknown
	case size >= 1e6 || size != 0 && size < 1e-4:
		return strconv.FormatFloat(v, 'e', 2, 64)
	}
	return fixed(v, decimals(v))
}

// decimals are those that give v three significant digits, at most 8 and for 0
// two.
func decimals(v float64) int {
	size := math.Abs(v)
	d := 2
	for ; d > 0 && size >= math.Pow10(3-d)-0.5*math.Pow10(-d); d-- {
	}
	for ; d < 8 && size > 0 && size < math.Pow10(2-d)-0.5*math.Pow10(-d-1); d++ {
	}
	return d
}

// signed writes v with the given decimals, a plus before what is above zero and
// a sign even where it is rounded to zero.
func signed(v float64, decimals int) string {
	switch {
	case !finite(v):
		return Unknown
	case v > 0:
		return "+" + fixed(v, decimals)
	case v < 0:
		return "-" + fixed(-v, decimals)
	}
	return fixed(0, decimals)
}

// Duration writes a time span in its one or two largest units: 350 ms, 12.3 s,
// 4m 05s, 2h 05m, 3d 04h.
func Duration(d time.Duration) string {
	if d < 0 {
		if d == math.MinInt64 {
			d++
		}
		return "-" + Duration(-d)
	}
	switch {
	case d < time.Millisecond:
		return fixed(float64(d)/float64(time.Millisecond), 2) + " ms"
	case d < 999500*time.Microsecond:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d < 59950*time.Millisecond:
		return fixed(d.Seconds(), 1) + " s"
	}
	switch s := int64(d.Round(time.Second) / time.Second); {
	case s < 3600:
		return fmt.Sprintf("%dm %02ds", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%dh %02dm", s/3600, s/60%60)
	default:
		return fmt.Sprintf("%dd %02dh", s/86400, s/3600%24)
	}
}

// fixed writes v with the given decimals and never as minus zero.
func fixed(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.HasPrefix(s, "-") && !strings.ContainsAny(s, "123456789") {
		return s[1:]
	}
	return s
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
