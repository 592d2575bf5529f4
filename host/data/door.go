package data

import (
	"errors"
	"slices"
	"sync"
)

// door keeps the test part of a set locked: it opens for a stated reason, and
// remembers all of them.
type door struct {
	lack error // why there is nothing behind it, or nil

	mu    sync.Mutex
	reads []string
}

// open records a reading, or says why there can be none.
func (d *door) open(reason string) error {
	if reason == "" {
		return errors.New("data: the test part is only read for a stated reason")
	}
	if d.lack != nil {
		return d.lack
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reads = append(d.reads, reason)
	return nil
}

func (d *door) readings() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.reads)
}
