//go:build unix && !solaris && !illumos && !netbsd

package sqlite

import "syscall"

// diskOf returns how many bytes of a folder's disk are free to this user, and how many there are.
func diskOf(dir string) (free, size uint64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	return uint64(max(0, int64(s.Bavail))) * uint64(s.Bsize), s.Blocks * uint64(s.Bsize), nil
}
