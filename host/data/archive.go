package data

import (
	"archive/tar"
	"io"
	"path"
	"slices"
)

// readArchive reads the files of CIFAR-10 from a tar stream, in whatever
// order they come.
func readArchive(in input, limit int) (map[string]batch, error) {
	found := map[string]batch{}
	archive := tar.NewReader(in)
	left := in.limit
	for {
		header, err := archive.Next()
		if err == io.EOF {
			// What follows the archive's end matters only to the checksum.
			_, err := io.Copy(io.Discard, in)
			return found, err
		}
		if err != nil {
			return nil, inArchive("", err)
		}
		name := path.Base(header.Name)
		if !slices.Contains(cifarFiles(), name) || header.Typeflag != tar.TypeReg {
			continue
		}
		if _, twice := found[name]; twice {
			return nil, corrupt(-1, "holds %s twice", name)
		}
		// A sparse member may promise more than the archive could hold.
		if left -= header.Size; left < 0 {
			return nil, corrupt(-1, "unpacks to more than %d times its size", maxRatio)
		}
		if found[name], err = readCIFAR(archive, limit); err != nil {
			return nil, inArchive(name, err)
		}
	}
}

// inArchive says of which member of an archive err speaks.
func inArchive(member string, err error) error {
	if ofDisk(err) {
		return err
	}
	bad, ok := err.(*FileError)
	if !ok {
		return corrupt(-1, "the archive is damaged or cut short (%v)", err)
	}
	if member != "" {
		bad.File = ":" + member
	}
	return bad
}
