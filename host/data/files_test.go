package data

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// The makers of well-formed files, which tests then spoil.

// cifarBytes is a file of n records with the labels first, first+1, ... modulo
// 10. Pixel i of plane p of record r has the value r + 100p + i.
func cifarBytes(n, first int) []byte {
	file := make([]byte, 0, n*cifarRecord)
	for r := range n {
		file = append(file, byte((first+r)%10))
		for plane := range 3 {
			for i := range cifarPlane {
				file = append(file, byte(r+100*plane+i))
			}
		}
	}
	return file
}

// idxBytes is a header followed by body.
func idxFile(body []byte, lengths ...uint32) []byte {
	file := []byte{0, 0, 8, byte(len(lengths))}
	for _, n := range lengths {
		file = binary.BigEndian.AppendUint32(file, n)
	}
	return append(file, body...)
}

// images28 is an IDX file of n images whose pixels are all the image's number.
func images28(n int) []byte {
	var body []byte
	for i := range n {
		body = append(body, bytes.Repeat([]byte{byte(i)}, 28*28)...)
	}
	return idxFile(body, uint32(n), 28, 28)
}

// labels is an IDX file of the labels 0, 1, ... modulo 10.
func labels(n int) []byte {
	var body []byte
	for i := range n {
		body = append(body, byte(i%10))
	}
	return idxFile(body, uint32(n))
}

func zipped(content []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(content)
	w.Close()
	return out.Bytes()
}

type member struct {
	name    string
	content []byte
}

func tarred(members ...member) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, m := range members {
		if err := w.WriteHeader(&tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.content))}); err != nil {
			panic(err)
		}
		w.Write(m.content)
	}
	w.Close()
	return out.Bytes()
}

// tree is a folder of the given files.
func tree(files ...member) fstest.MapFS {
	t := fstest.MapFS{}
	for _, f := range files {
		t[f.name] = &fstest.MapFile{Data: f.content}
	}
	return t
}

// with is a copy of t with one file more, or other.
func with(t fstest.MapFS, name string, content []byte) fstest.MapFS {
	all := fstest.MapFS{}
	for k, v := range t {
		all[k] = v
	}
	all[name] = &fstest.MapFile{Data: content}
	return all
}

func without(t fstest.MapFS, name string) fstest.MapFS {
	all := with(t, name, nil)
	delete(all, name)
	return all
}

// fault is what a *FileError should be.
type fault struct {
	kind   error
	file   string // suffix
	offset int64
	says   []string // parts of the message
}

func (f fault) check(t *testing.T, err error) {
	t.Helper()
	var got *FileError
	if !errors.As(err, &got) {
		t.Fatalf("error %v is no *FileError", err)
	}
	if f.kind != nil && !errors.Is(err, f.kind) {
		t.Errorf("%v is not %v", err, f.kind)
	}
	if !strings.HasSuffix(got.File, f.file) {
		t.Errorf("file %q, want ...%s", got.File, f.file)
	}
	if got.Offset != f.offset {
		t.Errorf("offset %d, want %d, in %v", got.Offset, f.offset, err)
	}
	if got.Fix == "" {
		t.Errorf("%v does not say what to do", err)
	}
	for _, part := range f.says {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

// locked is a file system that refuses to open one file.
type locked struct {
	fs.FS
	name string
}

func (l locked) Open(name string) (fs.File, error) {
	if name == l.name {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return l.FS.Open(name)
}
