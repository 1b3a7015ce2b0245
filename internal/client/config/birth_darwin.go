package config

import (
	"io/fs"
	"syscall"
)

// birth returns a folder's inode and when it was made, in nanoseconds since 1970; 0 is what the system does not tell.
func birth(_ string, info fs.FileInfo) (inode uint64, born int64) {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Ino, s.Birthtimespec.Nano()
	}
	return 0, 0
}
