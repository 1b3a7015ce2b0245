package scan

import (
	"errors"
	"io"
	"io/fs"
	"unsafe"

	"golang.org/x/sys/unix"
)

// open opens a file to be read and nothing else. os.Open asks eight things more of the system for each, in case it is no file.
func open(name string) (io.ReadCloser, error) {
	for {
		fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			return &openFile{name: name, fd: fd}, nil
		}
		if !errors.Is(err, unix.EINTR) {
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
	}
}

// openFile is a file of which reads wait for nothing but the disk.
type openFile struct {
	name  string
	fd    int
	at    int64 // of the next Read
	short bool  // the last read gave less than was asked for: the next one may have to wait, or is at the end
}

func (f *openFile) Read(b []byte) (int, error) {
	n, err := f.read(b, f.at)
	f.at += int64(n)
	return n, err
}

func (f *openFile) ReadAt(b []byte, at int64) (n int, err error) {
	for n < len(b) && err == nil {
		var more int
		more, err = f.read(b[n:], at+int64(n))
		n += more
	}
	return n, err
}

func (f *openFile) read(b []byte, at int64) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if !f.short {
		n := f.ready(b, at)
		if f.short = n < len(b); n > 0 {
			return n, nil
		}
	}
	f.short = false
	for {
		switch n, err := unix.Pread(f.fd, b, at); {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return 0, &fs.PathError{Op: "read", Path: f.name, Err: err}
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// ready reads what the page cache has, and nothing where it does not tell. Of such a read the runtime is not told: it takes every call for one that waits,
// looks after it each 20 µs and gives its processor to another thread.
func (f *openFile) ready(b []byte, at int64) int {
	to := unix.Iovec{Base: &b[0]}
	to.SetLen(len(b))
	n, _, failed := unix.RawSyscall6(unix.SYS_PREADV2, uintptr(f.fd), uintptr(unsafe.Pointer(&to)), 1, uintptr(at), uintptr(at>>32), unix.RWF_NOWAIT)
	if failed != 0 {
		return 0
	}
	return int(n)
}

func (f *openFile) Close() error { return unix.Close(f.fd) }
