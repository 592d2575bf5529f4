package supply

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// usersFile lists, in the store's folder, the run directories and lock files for
// which plugins were kept: a path a line, quoted as in Go, since a path may hold
// any byte.
const usersFile = "users"

// Note remembers that plugins of the store are kept for a run directory or a
// lock file. Which ones they are it says itself, as long as it exists.
func (s Store) Note(path string) error {
	full, err := filepath.Abs(path)
	if err == nil {
		err = s.note(full)
	}
	if err != nil {
		return fmt.Errorf("store: note what needs its plugins: %w", err)
	}
	return nil
}

func (s Store) note(path string) error {
	known, err := s.users()
	if err != nil || slices.Contains(known, path) {
		return err
	}
	if err := os.MkdirAll(s.Dir, 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(s.Dir, usersFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "\n%s\n", strconv.Quote(path)) // whatever a crash left behind is a line of its own
	return errors.Join(err, f.Close())
}

// Users are the paths that were noted, in order. Some may be gone.
func (s Store) Users() ([]string, error) {
	list, err := s.users()
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return list, nil
}

func (s Store) users() ([]string, error) {
	b, err := os.ReadFile(filepath.Join(s.Dir, usersFile))
	if s.Dir == "" || errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var list []string
	for line := range bytes.SplitSeq(b, []byte("\n")) {
		if path, err := strconv.Unquote(string(line)); err == nil && !slices.Contains(list, path) {
			list = append(list, path)
		}
	}
	return list, err
}

// Forget strikes paths off those that were noted.
func (s Store) Forget(paths []string) error {
	list, err := s.users()
	if err != nil || !slices.ContainsFunc(list, func(path string) bool { return slices.Contains(paths, path) }) {
		return err
	}
	var b bytes.Buffer
	for _, path := range list {
		if !slices.Contains(paths, path) {
			fmt.Fprintln(&b, strconv.Quote(path))
		}
	}
	if err := writeAtomic(filepath.Join(s.Dir, usersFile), b.Bytes()); err != nil {
		return fmt.Errorf("store: forget what is gone: %w", err)
	}
	return nil
}

// Remove takes a plugin out of the store.
func (s Store) Remove(hash string) error {
	if err := os.Remove(s.file(hash)); err != nil {
		return fmt.Errorf("store: remove plugin %.12s: %w", hash, err)
	}
	return nil
}
