package scan

import (
	"errors"
	"io"
	"io/fs"

	"golang.org/x/sys/unix"
)

// open opens a file to be read and nothing else. os.Open asks eight things more of the system for each, in case it is no file.
func open(name string) (io.ReadCloser, error) {
	for {
		fd, err := unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			return &openFile{name, fd}, nil
		}
		if !errors.Is(err, unix.EINTR) {
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
	}
}

// openFile is a file of which reads wait for nothing but the disk.
type openFile struct {
	name string
	fd   int
}

func (f *openFile) Read(b []byte) (int, error) {
	return f.read(b, func() (int, error) { return unix.Read(f.fd, b) })
}

func (f *openFile) ReadAt(b []byte, at int64) (n int, err error) {
	for n < len(b) && err == nil {
		var more int
		more, err = f.read(b[n:], func() (int, error) { return unix.Pread(f.fd, b[n:], at+int64(n)) })
		n += more
	}
	return n, err
}

func (f *openFile) read(b []byte, ask func() (int, error)) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	for {
		switch n, err := ask(); {
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

func (f *openFile) Close() error { return unix.Close(f.fd) }
