package journal

import (
	"os"
	"syscall"
)

// datasync flushes f's contents and size, not its times: on a file that only
// grows this saves a write of the inode's times.
func datasync(f *os.File) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	err = conn.Control(func(fd uintptr) {
		for {
			result = syscall.Fdatasync(int(fd))
			if result != syscall.EINTR {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	return result
}

func syncDir(d *os.File) error { return d.Sync() }
