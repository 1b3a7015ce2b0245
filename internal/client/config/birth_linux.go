package config

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// birth returns a folder's inode and when it was made, in nanoseconds since 1970; 0 is what the system does not tell.
func birth(dir string, info fs.FileInfo) (inode uint64, born int64) {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		inode = s.Ino
	}
	var x unix.Statx_t
	if unix.Statx(unix.AT_FDCWD, dir, 0, unix.STATX_BTIME, &x) == nil && x.Mask&unix.STATX_BTIME != 0 {
		born = x.Btime.Sec*1e9 + int64(x.Btime.Nsec)
	}
	return inode, born
}
