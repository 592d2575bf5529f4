package journal

import (
	"fmt"
	"io"
)

// Lines is the part of the events file that holds the records from the number
// from to the number to, both included, which Next has returned; if to is less
// than from it is empty. It may be read while Next goes on.
func (r *Reader) Lines(from, to int64) (*io.SectionReader, error) {
	last := int64(len(r.offsets))
	if from < 1 || to > last {
		return nil, fmt.Errorf("journal: of the events %d to %d, only those from 1 to %d have been read", from, to, last)
	}
	if to < from {
		return io.NewSectionReader(r.f, 0, 0), nil
	}
	begin, end := r.offsets[from-1], r.s.offset
	if to < last {
		end = r.offsets[to]
	}
	return io.NewSectionReader(r.f, begin, end-begin), nil
}

// Size is the length in bytes of the records that Next has returned.
func (r *Reader) Size() int64 { return r.s.offset }
