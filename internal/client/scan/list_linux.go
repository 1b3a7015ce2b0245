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
	l := listings.Get().(*listing)
	defer listings.Put(l)
	l.fd, l.prefix, l.wanted = fd, strings.TrimSuffix(dir, "/")+"/", wanted
	for {
		n, err := unix.ReadDirent(fd, l.buffer)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if n > 0 {
			l.take(l.buffer[:n])
			continue
		}
		if err != nil {
			err = &fs.PathError{Op: "readdirent", Path: dir, Err: err}
		}
		return l.end(), err
	}
}

// listings list one folder after another into the same memory, which holds a few hundred names of the kernel's at once.
var listings = sync.Pool{New: func() any { return &listing{buffer: make([]byte, 32<<10)} }}

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
	fd     int
	prefix string // of absolute names
	wanted wanted
	buffer []byte
	names  []wantedName
}

// wantedName is one that is wanted, and what the kernel calls its kind.
type wantedName struct {
	name string // absolute
	kind byte
}

// end looks at what was listed in the order of the names, and makes room for another folder.
func (l *listing) end() []entry {
	slices.SortFunc(l.names, func(a, b wantedName) int { return cmp.Compare(a.name[len(l.prefix):], b.name[len(l.prefix):]) })
	entries := make([]entry, 0, len(l.names))
	for _, of := range l.names {
		e := entry{name: of.name, base: of.name[len(l.prefix):]}
		switch of.kind {
		case unix.DT_DIR:
			e.kind = fs.ModeDir
		case unix.DT_REG, unix.DT_UNKNOWN:
			e.look(l.fd)
			if of.kind == unix.DT_UNKNOWN && (errors.Is(e.err, fs.ErrNotExist) || !l.wanted(e.base, e.kind.IsDir())) {
				continue
			}
		default:
			e.kind = fs.ModeIrregular
		}
		entries = append(entries, e)
	}
	clear(l.names)
	l.names, l.wanted = l.names[:0], nil
	return entries
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
	whole := l.prefix + string(name)
	if kind == unix.DT_UNKNOWN || l.wanted(whole[len(l.prefix):], kind == unix.DT_DIR) {
		l.names = append(l.names, wantedName{whole, kind})
	}
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
