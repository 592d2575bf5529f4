package supply

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestUsers: paths are noted once each, whatever they are called and whatever a
// crash left in the list, and those that are gone can be forgotten.
func TestUsers(t *testing.T) {
	s := Store{Dir: filepath.Join(t.TempDir(), "new", "plugins")}
	if users, err := s.Users(); users != nil || err != nil {
		t.Errorf("a store without a folder has the users %v, %v", users, err)
	}
	if err := s.Forget([]string{"/a"}); err != nil {
		t.Error(err)
	}
	odd := "/a \"name\"\nof two lines and no UTF-8: \xff"
	for _, path := range []string{"/runs/a", odd, "/runs/a"} {
		if err := s.Note(path); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(s.Dir, usersFile)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, append(b, `"/runs/cut of`...))
	if err := s.Note("b"); err != nil {
		t.Fatal(err)
	}
	b2, err := filepath.Abs("b")
	if err != nil {
		t.Fatal(err)
	}
	if users, err := s.Users(); !slices.Equal(users, []string{"/runs/a", odd, b2}) || err != nil {
		t.Errorf("noted are %q, %v", users, err)
	}
	if err := s.Forget([]string{odd, "/none"}); err != nil {
		t.Fatal(err)
	}
	if users, err := s.Users(); !slices.Equal(users, []string{"/runs/a", b2}) || err != nil {
		t.Errorf("after one was forgotten: %q, %v", users, err)
	}
	if users, err := (Store{}).Users(); users != nil || err != nil {
		t.Errorf("where there is no store, noted are %q, %v", users, err)
	}
	if hashes, err := s.List(); hashes != nil || err != nil {
		t.Errorf("the list of users is taken for a plugin: %v, %v", hashes, err)
	}
}

func TestRemove(t *testing.T) {
	s := Store{Dir: t.TempDir()}
	hash, err := s.Put([]byte("one"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(hash); err != nil || s.Holds(hash) {
		t.Errorf("removed: %v, %v", !s.Holds(hash), err)
	}
	if err := s.Remove(hash); err == nil {
		t.Error("what is not there is removed")
	}
}
