package cell

// slice is a range of units.
type slice struct{ from, units int }

// sliceUnit divides the borders of slices, so that rows begin with whole vectors at most levels.
const sliceUnit = 8

// cut divides the units into slices: one below 64 units, two up to 256, and else four.
func cut(units int) []slice {
	count := 4
	switch {
	case units < 64:
		count = 1
	case units <= 256:
		count = 2
	}
	border := func(i int) int {
		if i == count {
			return units
		}
		return (i*units/count + sliceUnit/2) / sliceUnit * sliceUnit
	}
	all := make([]slice, count)
	for i := range all {
		all[i] = slice{border(i), border(i+1) - border(i)}
	}
	return all
}
