//go:build !linux

package journal

import (
	"os"
	"runtime"
)

func datasync(f *os.File) error { return f.Sync() }

// syncDir flushes a directory. Windows cannot and need not: it journals
// metadata in order.
func syncDir(d *os.File) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	return d.Sync()
}
