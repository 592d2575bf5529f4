package chart

import (
	"math"
	"strconv"
)

// Axis is one direction of a plot.
type Axis struct {
	Title string
	// Min and Max are the ends; where both are 0, the data decides.
	Min, Max float64
	// Log puts equal ratios at equal distances. What is not above 0 is left out.
	Log bool
	// Whole keeps the ticks at whole numbers.
	Whole bool
	// Format writes a value; nil writes plain numbers.
	Format func(v float64) string

	from, to float64 // pixels of Min and Max
}

// Numbers beyond the largest, and below the least on a logarithmic axis, are
// taken for missing: the width of an axis must be a number, too.
const (
	largest = 1e300
	least   = 1e-300
)

// cover widens the axis to a value of the data.
func (a *Axis) cover(v float64) {
	if !(math.Abs(v) <= largest) || a.Log && v < least {
		return
	}
	a.Min, a.Max = min(a.Min, v), max(a.Max, v)
}

// settle turns the range of the data into that of the axis: with a little air,
// and never empty. It reports whether there was anything.
func (a *Axis) settle() bool {
	switch {
	case a.Min > a.Max:
		a.Min, a.Max = 0, 1
		if a.Log {
			a.Min, a.Max = 1, 10
		}
		return false
	case a.Min == a.Max && a.Log:
		a.Min, a.Max = a.Min/2, a.Max*2
	case a.Min == a.Max:
		air := max(math.Abs(a.Min)*0.05, 1e-3)
		if a.Whole {
			air = 1
		}
		a.Min, a.Max = a.Min-air, a.Max+air
	case a.Log:
		air := math.Exp(0.04 * (math.Log(a.Max) - math.Log(a.Min)))
		if low, high := a.Min/air, a.Max*air; low > 0 && !math.IsInf(high, 0) {
			a.Min, a.Max = low, high
		}
	case !a.Whole:
		air := (a.Max - a.Min) * 0.04
		a.Min, a.Max = a.Min-air, a.Max+air
	}
	return true
}

// at is the pixel of a value.
func (a *Axis) at(v float64) float64 {
	low, high := a.Min, a.Max
	if a.Log {
		low, high, v = math.Log(low), math.Log(high), math.Log(v)
	}
	return a.from + (v-low)/(high-low)*(a.to-a.from)
}

// value is the value of a pixel.
func (a *Axis) value(pixel float64) float64 {
	part := (pixel - a.from) / (a.to - a.from)
	if a.Log {
		return math.Exp(math.Log(a.Min) + part*(math.Log(a.Max)-math.Log(a.Min)))
	}
	return a.Min + part*(a.Max-a.Min)
}

// ticks are round values on the axis, about as many as asked for.
func (a *Axis) ticks(about int) []float64 {
	if a.Log {
		if list := a.decades(about); len(list) > 1 {
			return list
		}
		// So short an axis is as good as an even one.
	}
	step := niceStep((a.Max - a.Min) / float64(max(about, 1)))
	if a.Whole {
		step = max(math.Round(step), 1)
	}
	var list []float64
	for i := math.Ceil(a.Min/step - 1e-9); i*step <= a.Max+step*1e-9 && len(list) < 100; i++ {
		list = append(list, i*step+0) // and never minus zero
	}
	return list
}

// decades are powers of ten on a logarithmic axis, with their halves and
// doubles where the axis is short.
func (a *Axis) decades(about int) []float64 {
	first, last := math.Floor(math.Log10(a.Min)), math.Ceil(math.Log10(a.Max))
	factors := []float64{1}
	if last-first <= 3 {
		factors = []float64{1, 2, 5}
	}
	stride := max(math.Ceil((last-first)/float64(max(about, 1))), 1)
	var list []float64
	for e := first; e <= last; e += stride {
		for _, f := range factors {
			if v := f * math.Pow(10, e); v >= a.Min*(1-1e-9) && v <= a.Max*(1+1e-9) {
				list = append(list, v)
			}
		}
	}
	return list
}

// label writes a tick.
func (a *Axis) label(v float64) string {
	if a.Format != nil {
		return a.Format(v)
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

// niceStep is the round number (1, 2, 2.5 or 5 times a power of ten) that is at
// least v.
func niceStep(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if v <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}
