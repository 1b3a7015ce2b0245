package scan

import (
	"io/fs"
	"syscall"
)

// systemStamp returns when the system last changed anything of a file, in nanoseconds since 1970, and its inode.
func systemStamp(info fs.FileInfo) (changed int64, inode uint64) {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Ctimespec.Nano(), s.Ino
	}
	return 0, 0
}
