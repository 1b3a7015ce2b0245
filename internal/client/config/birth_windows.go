package config

import (
	"io/fs"
	"syscall"
)

// birth returns when a folder was made, in nanoseconds since 1970; 0 is what the system does not tell.
func birth(_ string, info fs.FileInfo) (inode uint64, born int64) {
	if s, ok := info.Sys().(*syscall.Win32FileAttributeData); ok {
		return 0, s.CreationTime.Nanoseconds()
	}
	return 0, 0
}
