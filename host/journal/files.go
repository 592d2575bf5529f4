package journal

import (
	"io"
	"os"
	"path/filepath"
)

// Files is the part of a file system that changes something. Tests put one in
// its place that fails.
type Files interface {
	MkdirAll(dir string) error
	// OpenAppend opens a file for writing at its end and creates it if it is
	// missing.
	OpenAppend(name string) (File, error)
	// Create opens an empty file for writing.
	Create(name string) (File, error)
	Rename(from, to string) error
	Remove(name string) error
	// SyncDir makes creations, renames and removals in dir durable.
	SyncDir(dir string) error
}

// File is a file open for writing.
type File interface {
	io.Writer
	Truncate(size int64) error
	// Sync makes what was written durable, and the size with it.
	Sync() error
	Close() error
}

// disk is the Files of the operating system.
type disk struct{}

func (disk) MkdirAll(dir string) error    { return os.MkdirAll(dir, 0o777) }
func (disk) Rename(from, to string) error { return os.Rename(from, to) }
func (disk) Remove(name string) error     { return os.Remove(name) }

func (disk) OpenAppend(name string) (File, error) {
	return open(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY)
}

func (disk) Create(name string) (File, error) {
	return open(name, os.O_TRUNC|os.O_CREATE|os.O_WRONLY)
}

func open(name string, flag int) (File, error) {
	f, err := os.OpenFile(name, flag, 0o666)
	if err != nil {
		return nil, err
	}
	return diskFile{f}, nil
}

func (disk) SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = syncDir(d)
	if closed := d.Close(); err == nil {
		err = closed
	}
	return err
}

type diskFile struct{ *os.File }

func (f diskFile) Sync() error { return datasync(f.File) }

// writeAtomic makes content the contents of the file name: a crash leaves the
// old contents or the new ones, and after it returns nil, the new ones.
func writeAtomic(files Files, name string, content io.WriterTo) error {
	tmp := name + ".tmp"
	if err := writeFile(files, tmp, content); err != nil {
		_ = files.Remove(tmp) // it may not exist; Open removes leftovers
		return err
	}
	if err := files.Rename(tmp, name); err != nil {
		_ = files.Remove(tmp)
		return storage("rename", name, err)
	}
	dir := filepath.Dir(name)
	return storage("flush", dir, files.SyncDir(dir))
}

func writeFile(files Files, name string, content io.WriterTo) error {
	f, err := files.Create(name)
	if err != nil {
		return storage("create", name, err)
	}
	_, err = content.WriteTo(f)
	err = storage("write", name, err)
	if err == nil {
		err = storage("flush", name, f.Sync())
	}
	if closed := f.Close(); err == nil {
		err = storage("close", name, closed)
	}
	return err
}

// storage wraps an error, if there is one, in a StorageError.
func storage(op, path string, err error) error {
	if err == nil {
		return nil
	}
	return &StorageError{Op: op, Path: path, Err: err}
}
