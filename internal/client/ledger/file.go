package ledger

import (
	"strings"

	"tokenflex.ing/internal/client/source"
)

// Stamp tells whether a file is still what was read. Two stamps of one place are equal only if nothing was written between.
type Stamp struct {
	Size     int64  // bytes
	Modified int64  // nanoseconds since 1970
	Changed  int64  // when the system last changed anything of the file, in nanoseconds since 1970; 0 where it does not tell
	Inode    uint64 // 0 where there are none
	Beside   uint64 // a digest of the stamps of what was read beside the file; 0 if nothing was
}

// File is a file that was read, and where what it said is kept.
type File struct {
	Source   string
	Name     string // absolute
	Path     string // below its root, with slashes
	Scope    string // the root that it was found below, as it is looked for
	Stamp    Stamp
	Revision int    // of the parser that read it
	Zone     uint64 // a digest of the zone that its times were read in; 0 if they need none
	Beside   []string
	Database bool
	Stale    bool // read it again, whatever its stamp says
	Out      bool // it lies where nobody looks for it any more, and does not count

	Whole int64  // bytes up to the end of the last line, if every line ended: where reading can go on; else 0
	Tail  uint64 // a digest of the bytes before Whole

	Faults   [source.Faults]int
	Oversize int

	Entries int    // in the part
	Print   uint64 // a digest of what they tell
	Future  int64  // the earliest of their times that was too late to be believed, in seconds since 1970; 0 if all are
	Group   uint32 // that it is settled in

	record, links place
}

// place is where bytes are: on disk, or in memory or in the spill as long as they are not written.
type place struct {
	at, size  int64
	unwritten []byte
	spilled   bool
	delta     bool  // they are a delta of a record
	whole     int64 // bytes of that record, where it is to be written in place of the delta; else 0
}

const (
	fileDatabase = 1 << iota
	fileStale
	fileOut
	fileFar     // its path is not the end of its name
	fileLacking // it is a database without a column that is wanted
)

// file writes all of a file but where its record and links are.
func (e *encoder) file(f *File) {
	far := !strings.HasSuffix(strings.ReplaceAll(f.Name, `\`, "/"), f.Path)
	e.uint(bit(fileDatabase, f.Database) | bit(fileStale, f.Stale) | bit(fileOut, f.Out) | bit(fileFar, far) |
		bit(fileLacking, f.Faults[source.Lacking] > 0))
	e.word(f.Source)
	e.name(f.Name)
	if far {
		e.name(f.Path)
	} else {
		e.uint(uint64(len(f.Path)))
	}
	e.word(f.Scope)
	e.int(f.Stamp.Size)
	e.int(f.Stamp.Modified)
	e.int(f.Stamp.Changed)
	e.uint(f.Stamp.Inode)
	e.fixed64(f.Stamp.Beside)
	e.int(int64(f.Revision))
	e.uint(f.Zone)
	e.uint(uint64(len(f.Beside)))
	for _, pattern := range f.Beside {
		e.word(pattern)
	}
	e.int(f.Whole)
	e.fixed64(f.Tail)
	for _, n := range f.Faults[:source.Lacking] {
		e.uint(uint64(n))
	}
	e.uint(uint64(f.Oversize))
	e.uint(uint64(f.Entries))
	e.fixed64(f.Print)
	e.int(f.Future)
	e.uint(uint64(f.Group))
}

func (d *decoder) file(f *File) {
	has := d.uint()
	f.Database, f.Stale, f.Out = has&fileDatabase != 0, has&fileStale != 0, has&fileOut != 0
	f.Source = d.word()
	f.Name = d.name()
	if has&fileFar != 0 {
		f.Path = d.name()
	} else if n := d.uint(); n <= uint64(len(f.Name)) {
		f.Path = strings.ReplaceAll(f.Name[len(f.Name)-int(n):], `\`, "/")
	} else {
		d.fail()
	}
	f.Scope = d.word()
	f.Stamp = Stamp{Size: d.int(), Modified: d.int(), Changed: d.int(), Inode: d.uint(), Beside: d.fixed64()}
	f.Revision = int(d.int())
	f.Zone = d.uint()
	for range d.count() {
		f.Beside = append(f.Beside, d.word())
	}
	f.Whole = d.int()
	f.Tail = d.fixed64()
	for i := range f.Faults[:source.Lacking] {
		f.Faults[i] = int(d.uint())
	}
	f.Faults[source.Lacking] = int(has & fileLacking / fileLacking)
	f.Oversize = int(d.uint())
	f.Entries = int(d.uint())
	f.Print = d.fixed64()
	f.Future = d.int()
	f.Group = uint32(d.uint())
}
