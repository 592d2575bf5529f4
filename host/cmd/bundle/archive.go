package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
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
	return b.Len(), replace(path, b.Bytes())
}

// replace writes a file beside path and renames it. Its temporary name is not
// one that package bundled would embed.
func replace(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "bundle-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
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
