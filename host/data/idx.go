package data

import (
	"encoding/binary"
	"fmt"
	"io"
)

// The IDX format (LeCun, Cortes and Burges): two zero bytes, a type, the number
// of dimensions, the length of each as a big-endian 32-bit number, then the
// items in row-major order.
const (
	idxBytes    = 8 // the type of unsigned bytes
	idxMaxItems = 1 << 24
	idxMaxSide  = 256
)

// idx is what a file holds: Items items of Height x Width bytes, or of one byte
// if the file has one dimension.
type idx struct {
	items, height, width int
	body                 []byte // of the first items, as many as were asked for
}

// stride is the number of bytes of one item.
func (x idx) stride() int { return x.height * x.width }

// readIDX reads a whole IDX file of images (3 dimensions) or labels (1) and
// keeps the first items of it: limit at most, or all if limit is 0.
func readIDX(r io.Reader, dimensions, limit int) (idx, error) {
	x, err := readHeader(r, dimensions)
	if err != nil {
		return x, err
	}
	keep := x.items
	if limit > 0 {
		keep = min(keep, limit)
	}
	header := int64(4 + 4*dimensions)
	all := int64(x.items) * int64(x.stride())
	x.body, err = take(r, keep*x.stride())
	read := int64(len(x.body))
	if err == nil {
		var more int64
		more, err = io.CopyN(io.Discard, r, all-read)
		read += more
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return x, corrupt(header+read, "the file ends here, but its header announces %s, which is %d bytes in all: it is cut short",
			x.describe(dimensions), header+all)
	}
	if err != nil {
		return x, err
	}
	// Reading on to the end also makes gzip check its sum.
	extra, err := io.Copy(io.Discard, r)
	if err == nil && extra > 0 {
		err = corrupt(header+all, "%d bytes follow after %s, which the header announces: expected the file to end here",
			extra, x.describe(dimensions))
	}
	return x, err
}

func readHeader(r io.Reader, dimensions int) (idx, error) {
	x := idx{height: 1, width: 1}
	header := make([]byte, 4+4*dimensions)
	n, err := io.ReadFull(r, header)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return x, corrupt(int64(n), "the file ends within its header of %d bytes", len(header))
	}
	if err != nil {
		return x, err
	}
	if want := [4]byte{0, 0, idxBytes, byte(dimensions)}; [4]byte(header) != want {
		return x, corrupt(0, "starts with % x, expected % x: it is not an IDX file of %s", header[:4], want, [...]string{1: "labels", 3: "images"}[dimensions])
	}
	length := func(i int) uint32 { return binary.BigEndian.Uint32(header[4+4*i:]) }
	if n := length(0); n < 1 || n > idxMaxItems {
		return x, corrupt(4, "the header announces %d items, expected 1 to %d", n, idxMaxItems)
	}
	x.items = int(length(0))
	if dimensions == 1 {
		return x, nil
	}
	if h, w := length(1), length(2); min(h, w) < 1 || max(h, w) > idxMaxSide {
		return x, corrupt(8, "the header announces images of %dx%d pixels, expected sides of 1 to %d", h, w, idxMaxSide)
	}
	x.height, x.width = int(length(1)), int(length(2))
	return x, nil
}

func (x idx) describe(dimensions int) string {
	if dimensions == 1 {
		return fmt.Sprintf("%d labels", x.items)
	}
	return fmt.Sprintf("%d images of %dx%d", x.items, x.height, x.width)
}
