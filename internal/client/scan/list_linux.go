package scan

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"tokenflex.ing/internal/client/ledger"
)

// list is listAnywhere with a third of its time: files are looked at from the folder that is open, by their own names alone.
func list(dir string, wanted wanted) ([]entry, error) {
	fd, err := openFolder(dir)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: dir, Err: err}
	}
	defer unix.Close(fd)
	buffer := listBuffers.Get().(*[]byte)
	defer listBuffers.Put(buffer)
	l := listing{fd: fd, prefix: strings.TrimSuffix(dir, "/") + "/", wanted: wanted}
	for {
		n, err := unix.ReadDirent(fd, *buffer)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if n > 0 {
			l.take((*buffer)[:n])
			continue
		}
		slices.SortFunc(l.entries, func(a, b entry) int { return cmp.Compare(a.base, b.base) })
		if err != nil {
			err = &fs.PathError{Op: "readdirent", Path: dir, Err: err}
		}
		return l.entries, err
	}
}

// listBuffers hold a few hundred names each.
var listBuffers = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

func openFolder(dir string) (fd int, err error) {
	for {
		fd, err = unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if !errors.Is(err, unix.EINTR) {
			return fd, err
		}
	}
}

// listing is what was listed of one folder so far.
type listing struct {
	fd      int
	prefix  string // of absolute names
	wanted  wanted
	entries []entry
}

// A name in what the kernel says of a folder: inode, offset, length of it all, kind, and the name up to a zero byte.
const (
	direntLength = 16
	direntKind   = 18
	direntName   = 19
)

// take notes the names in what the kernel said.
func (l *listing) take(b []byte) {
	for len(b) > direntName {
		n := int(binary.NativeEndian.Uint16(b[direntLength:]))
		if n <= direntName || n > len(b) {
			return
		}
		name, _, _ := bytes.Cut(b[direntName:n], []byte{0})
		inode, kind := binary.NativeEndian.Uint64(b), b[direntKind]
		b = b[n:]
		if inode != 0 && string(name) != "." && string(name) != ".." {
			l.add(name, kind)
		}
	}
}

// add notes one name, if it is wanted. What the file system does not tell the kind of is looked at before it can be said.
func (l *listing) add(name []byte, kind byte) {
	e := entry{name: l.prefix + string(name)}
	e.base = e.name[len(l.prefix):]
	if kind != unix.DT_UNKNOWN && !l.wanted(e.base, kind == unix.DT_DIR) {
		return
	}
	switch kind {
	case unix.DT_DIR:
		e.kind = fs.ModeDir
	case unix.DT_REG, unix.DT_UNKNOWN:
		e.look(l.fd)
		if kind == unix.DT_UNKNOWN && (errors.Is(e.err, fs.ErrNotExist) || !l.wanted(e.base, e.kind.IsDir())) {
			return
		}
	default:
		e.kind = fs.ModeIrregular
	}
	l.entries = append(l.entries, e)
}

// look asks what the name is in the open folder.
func (e *entry) look(fd int) {
	var s unix.Stat_t
	for {
		err := unix.Fstatat(fd, e.base, &s, unix.AT_SYMLINK_NOFOLLOW)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			e.err = &fs.PathError{Op: "lstat", Path: e.name, Err: err}
			return
		}
		break
	}
	switch s.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		e.stamp = ledger.Stamp{Size: s.Size, Modified: s.Mtim.Nano(), Changed: s.Ctim.Nano(), Inode: s.Ino}
	case unix.S_IFDIR:
		e.kind = fs.ModeDir
	default:
		e.kind = fs.ModeIrregular
	}
}
