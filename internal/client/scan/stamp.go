package scan

import (
	"encoding/binary"
	"hash/crc32"
	"hash/fnv"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"time"

	"tokenflex.ing/internal/client/ledger"
)

// stampOf is what the system says of a file, without what lies beside it.
func stampOf(info fs.FileInfo) ledger.Stamp {
	s := ledger.Stamp{Size: info.Size(), Modified: info.ModTime().UnixNano()}
	s.Changed, s.Inode = systemStamp(info)
	return s
}

const (
	// tick is longer than the steps in which systems count the times of files: what is written that shortly after a file was
	// looked at may leave its stamp as it is.
	tick = 25 * time.Millisecond
	// coarseTick is the same for systems that count whole seconds, or two.
	coarseTick = 2100 * time.Millisecond
)

// racy reports whether a file that was looked at at that moment can have been written to since without a new stamp.
func racy(s ledger.Stamp, looked time.Time) bool {
	written := time.Unix(0, s.Modified)
	since := looked.Sub(written)
	return since < tick || written.Nanosecond() == 0 && since < coarseTick
}

// besidePrint is a digest of the stamps of all that is read with a file: the log of a database, and the files of these patterns.
// Of these it returns the one that was written last.
func besidePrint(a access, c *candidate, database bool, patterns []string) (print uint64, newest fs.FileInfo) {
	if !database && len(patterns) == 0 {
		return 0, nil
	}
	h := fnv.New64a()
	add := func(name string) {
		if info, err := a.stat(name); err == nil {
			if newest == nil || info.ModTime().After(newest.ModTime()) {
				newest = info
			}
			s := stampOf(info)
			io.WriteString(h, filepath.Base(name))
			_ = binary.Write(h, binary.LittleEndian, [...]int64{s.Size, s.Modified, s.Changed, int64(s.Inode)})
		}
	}
	if database {
		add(c.name + "-wal")
		add(c.name + "-journal")
	}
	f := file{candidate: *c}
	root, ok := f.root()
	for _, pattern := range patterns {
		dir, name := path.Split(pattern)
		if literal(name) && ok {
			add(filepath.FromSlash(root + pattern))
			continue
		}
		entries, err := a.readDir(filepath.FromSlash(root + dir))
		if err != nil || !ok {
			continue
		}
		for _, e := range entries {
			if ok, _ := path.Match(name, e.Name()); ok {
				add(filepath.Join(filepath.FromSlash(root+dir), e.Name()))
			}
		}
	}
	return max(h.Sum64(), 1), newest
}

// tailSize is how many bytes before the place where reading can go on are looked at again, to see that they are the same.
const tailSize = 4096

// tailPrint is a digest of the first and the last bytes before a place of a file, and whether a line ends there. It reads into the
// given memory.
func tailPrint(r io.ReaderAt, at int64, memory *[tailSize]byte) (print uint64, ended bool) {
	b := memory[:min(at, tailSize)]
	if len(b) == 0 {
		return 0, false
	}
	var sums [2]uint32
	for i, from := range [...]int64{0, at - int64(len(b))} {
		if n, err := r.ReadAt(b, from); n < len(b) || err != nil && err != io.EOF {
			return 0, false
		}
		sums[i] = tailSum(b)
	}
	return printOf(sums[0], sums[1]), b[len(b)-1] == '\n'
}

// tailSum is the half of a tailPrint that its first or its last bytes make.
func tailSum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

func printOf(first, last uint32) uint64 { return uint64(first)<<32 | uint64(last) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// zonePrint is a digest of what clocks in a zone show around these years; never 0.
func zonePrint(zone *time.Location) uint64 {
	h := fnv.New64a()
	for year := 2023; year < 2032; year++ {
		for _, month := range []time.Month{time.January, time.April, time.July, time.October} {
			_, offset := time.Date(year, month, 1, 0, 0, 0, 0, zone).Zone()
			_ = binary.Write(h, binary.LittleEndian, int64(offset))
		}
	}
	return max(h.Sum64(), 1)
}
