package view

import (
	"cmp"

	"github.com/espalier-nas/espalier/host/event"
)

// ranking is one key of an order.
type ranking struct {
	column *Column
	down   bool
}

// sign is what comparing two trials gives if the first has the smaller value.
func (r ranking) sign() int {
	if r.down {
		return 1
	}
	return -1
}

// compare orders two trials by the keys, later keys where earlier ones are
// equal, and at last by their numbers. A trial of which a column knows nothing
// comes last, whichever way it is sorted.
func compare(order []ranking, a, b *event.Trial) int {
	for _, key := range order {
		knownA, knownB := key.column.known(a), key.column.known(b)
		switch {
		case knownA != knownB && knownA:
			return -1
		case knownA != knownB:
			return 1
		case !knownA:
			continue
		}
		if c := key.column.compare(a, b); c != 0 {
			return -c * key.sign()
		}
	}
	return cmp.Compare(a.ID, b.ID)
}
