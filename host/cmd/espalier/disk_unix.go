//go:build linux || darwin || freebsd

package main

import "syscall"

// freeDisk is the space in bytes that an ordinary user may still take on the
// file system of dir.
func freeDisk(dir string) (int64, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return int64(s.Bavail) * int64(s.Bsize), true
}
