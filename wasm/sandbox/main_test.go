package sandbox

import (
	"os"
	"path/filepath"
	"testing"
)

// testCache holds the compiled code of guests written in Go, which takes
// seconds to make, and half a minute under the race detector. It lies beside
// what programs of this project keep, and New prunes it alike.
var testCache string

func TestMain(m *testing.M) {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	testCache = filepath.Join(dir, "espalier", "test")
	os.Exit(m.Run())
}
