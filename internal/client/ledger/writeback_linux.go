package ledger

import (
	"os"

	"golang.org/x/sys/unix"
)

// writeBack begins to put bytes of a file on the disk, so that less of it is left for whoever has to wait for that.
func writeBack(f *os.File, at, size int64) {
	if c, err := f.SyscallConn(); err == nil {
		_ = c.Control(func(fd uintptr) { _ = unix.SyncFileRange(int(fd), at, size, unix.SYNC_FILE_RANGE_WRITE) })
	}
}
