package data

import (
	"compress/gzip"
	"io"
	"slices"
)

// Real images shrink to no less than a half or so. A file that unpacks to
// more than maxRatio times its size, and to more than a mebibyte, is refused
// before it fills the memory.
const maxRatio = 64

// unpacker reads the content of a gzip file and says what is wrong with it.
type unpacker struct {
	zip   *gzip.Reader
	limit int64
	done  int64
}

// unpack opens a gzip file of the given packed size.
func unpack(packed io.Reader, size int64) (input, error) {
	zip, err := gzip.NewReader(packed)
	if err != nil {
		return input{}, corrupt(0, "the gzip header is damaged or cut short (%v)", err)
	}
	u := &unpacker{zip: zip, limit: size*maxRatio + 1<<20}
	return input{u, u.limit}, nil
}

func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.zip.Read(p)
	u.done += int64(n)
	if u.done > u.limit {
		return 0, corrupt(u.limit, "unpacks to more than %d times its size", maxRatio)
	}
	if err != nil && err != io.EOF && !ofDisk(err) {
		err = corrupt(u.done, "the gzip data is damaged or cut short (%v)", err)
	}
	return n, err
}

// take reads n bytes. Its memory grows with what arrives, not with n. If r ends
// early, it returns what there was and io.ErrUnexpectedEOF.
func take(r io.Reader, n int) ([]byte, error) {
	const least = 1 << 12
	var got []byte
	for len(got) < n {
		if len(got) == cap(got) {
			got = slices.Grow(got, min(max(len(got), least), n-len(got)))
		}
		m, err := r.Read(got[len(got):min(cap(got), n)])
		got = got[:len(got)+m]
		if err == io.EOF && len(got) < n {
			return got, io.ErrUnexpectedEOF
		}
		if err != nil && err != io.EOF {
			return got, err
		}
	}
	return got, nil
}
