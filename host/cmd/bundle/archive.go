package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"

	"github.com/espalier-nas/espalier/host/compiler"
)

const suffix = ".wasm.gz"

// writeArchive compresses a module into path, with the key of its sources as
// the archive's comment, and returns the archive's size. The same module and
// key give the same bytes. The file is replaced as a whole or not at all.
func writeArchive(path string, wasm []byte, key string) (int, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return 0, err
	}
	z.Comment = key
	if _, err := z.Write(wasm); err != nil {
		return 0, err
	}
	if err := z.Close(); err != nil {
		return 0, err
	}
	return b.Len(), compiler.Replace(path, b.Bytes())
}

// readKey returns the key of the sources that an archive was made from, and
// false where there is no archive that can be decompressed to its end.
func readKey(path string) (string, bool) {
	f, err := os.Open(path)
	if err != nil {
		return "", false
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return "", false
	}
	key := z.Comment
	_, err = io.Copy(io.Discard, z)
	return key, err == nil
}
