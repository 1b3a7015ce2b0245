package sqlitefile

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime"
	"time"

	"modernc.org/sqlite/vfs"
)

const (
	overlaid = "overlay.db" // name of the database in the engine's view
	// settled is how long a database must not have been written to for its time to tell the next write.
	settled = 100 * time.Millisecond
)

// overlay is a database as it is with what its write-ahead log holds, of which the database itself is not written yet: both
// are read where they lie, and nothing is copied. It is one file to the engine, which needs no log for it.
type overlay struct {
	base, log *os.File
	info      fs.FileInfo // of the database
	pages     walIndex
	view      *vfs.FS
}

// openOverlay opens the database with its log. What was read is of one state unless Close says that it changed.
func openOverlay(ctx context.Context, name string, before state) (*DB, error) {
	if runtime.GOOS == "windows" || time.Since(before.info.ModTime()) < settled { // there an open log cannot be deleted
		return nil, ErrChanged
	}
	o := new(overlay)
	mode, err := o.open(name)
	if err != nil {
		return nil, errors.Join(err, o.close())
	}
	db, err := connect(ctx, "file:"+overlaid, "vfs="+mode+"&mode=ro&immutable=1")
	if err != nil {
		return nil, errors.Join(err, o.close())
	}
	db.name, db.before, db.overlay = name, before, o
	return db, nil
}

// open opens the files and returns the name under which the engine knows the view of them.
func (o *overlay) open(name string) (view string, err error) {
	if o.base, err = os.Open(name); err != nil {
		return "", err
	}
	if o.info, err = o.base.Stat(); err != nil {
		return "", err
	}
	if o.log, err = os.Open(name + "-wal"); err != nil {
		return "", err
	}
	if o.pages, err = readWAL(o.log); err != nil {
		return "", err
	}
	view, o.view, err = vfs.New(o)
	return view, err
}

// close may be called at any stage of opening.
func (o *overlay) close() (err error) {
	if o.view != nil {
		err = o.view.Close()
	}
	for _, f := range []*os.File{o.base, o.log} {
		if f != nil {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}

// Open is of the file system that the engine sees, in which there is one file.
func (o *overlay) Open(name string) (fs.File, error) {
	if name != overlaid {
		return nil, fs.ErrNotExist
	}
	return &overlayFile{of: o}, nil
}

// size is the length of the database with its log, in bytes.
func (o *overlay) size() int64 {
	if len(o.pages.frames) == 0 {
		return o.info.Size()
	}
	return o.pages.size
}

// ReadAt reads every page from the log, if that has it.
func (o *overlay) ReadAt(b []byte, at int64) (n int, err error) {
	for n < len(b) && at < o.size() {
		from, offset, left := o.base, at, o.size()-at
		if len(o.pages.frames) > 0 {
			page, within := at/o.pages.pageSize, at%o.pages.pageSize
			left = o.pages.pageSize - within
			if frame, ok := o.pages.frames[uint32(page+1)]; ok {
				from, offset = o.log, frame+within
			}
		}
		part := b[n : n+int(min(left, int64(len(b)-n)))]
		m, err := from.ReadAt(part, offset)
		n, at = n+m, at+int64(m)
		if m < len(part) {
			return n, err
		}
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// overlayFile is the view of it that the engine opened.
type overlayFile struct {
	of *overlay
	at int64
}

func (f *overlayFile) Read(b []byte) (int, error) {
	n, err := f.of.ReadAt(b, f.at)
	f.at += int64(n)
	return n, err
}

func (f *overlayFile) Seek(offset int64, whence int) (int64, error) {
	if whence != io.SeekStart {
		return f.at, fs.ErrInvalid
	}
	f.at = offset
	return f.at, nil
}

func (f *overlayFile) Stat() (fs.FileInfo, error) { return overlayInfo{f.of.info, f.of.size()}, nil }
func (f *overlayFile) Close() error               { return nil }

type overlayInfo struct {
	fs.FileInfo
	size int64
}

func (i overlayInfo) Size() int64 { return i.size }
