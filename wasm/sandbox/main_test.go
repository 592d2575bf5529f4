package sandbox

import (
	"fmt"
	"os"
	"testing"
)

// testCache is a folder for compiled code that lasts as long as the tests.
var testCache string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "sandbox")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	testCache = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}
