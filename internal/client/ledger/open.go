package ledger

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Open reads the ledger in dir. One that is not there is empty. It fails with ErrDamaged or ErrNewer, and with what the system
// says of a folder that cannot be read; SetAside helps with the former two.
func Open(dir string) (*Ledger, error) {
	const tries = 5 // a writer removes a generation once a newer one is there
	var err error
	for range tries {
		l := New()
		l.dir = dir
		if l.generation, err = newest(dir); err != nil {
			return nil, err
		}
		if l.generation == 0 {
			return l, nil
		}
		if l.disk, err = os.Open(generationFile(dir, l.generation)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err = l.load(); err == nil {
			l.ready, err = l.count(nil, nil)
		}
		if err != nil {
			l.Close()
			return nil, err
		}
		return l, nil
	}
	return nil, err
}

// generationPrefix begins the names of generations; their number follows.
const generationPrefix = "history-"

func generationFile(dir string, n uint64) string {
	return filepath.Join(dir, fmt.Sprintf("%s%d", generationPrefix, n))
}

// newest returns the number of the newest generation in dir; 0 if there is none.
func newest(dir string) (n uint64, err error) {
	all, err := generations(dir)
	if len(all) == 0 {
		return 0, err
	}
	return slices.Max(all), err
}

func generations(dir string) (all []uint64, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if digits, ok := strings.CutPrefix(e.Name(), generationPrefix); ok {
			if n, err := strconv.ParseUint(digits, 10, 63); err == nil && n > 0 {
				all = append(all, n)
			}
		}
	}
	return all, err
}

// load reads the blocks of all frames. A last one that breaks off, or whose head was never written, is what a writer that was
// stopped left: it does not count.
func (l *Ledger) load() error {
	info, err := l.disk.Stat()
	if err != nil {
		return err
	}
	for size := info.Size(); l.end < size; {
		h, torn, err := l.head(size)
		if err == nil && l.end > 0 && l.end+h.size() == size {
			err = l.check(h)
		}
		var text string
		if err == nil {
			text, err = readText(l.disk, h.blockAt(l.end), h.block, h.blockSum)
		}
		switch {
		case err == nil:
			if err := l.frame(h, text); err != nil {
				return err // all of it was written, so it is not what a writer that was stopped left
			}
			l.end += h.size()
			l.settled = len(l.groups)
			if l.first == 0 {
				l.first, l.linked = l.end, h.blockAt(0)
			}
		case l.end > 0 && torn:
			return nil
		default:
			return err
		}
	}
	if l.end == 0 {
		return fmt.Errorf("%w: it is empty", ErrDamaged)
	}
	return nil
}

// head reads the head of the next frame. It is torn if the frame was not written to its end, whose last bytes are those of the head.
func (l *Ledger) head(size int64) (h head, torn bool, err error) {
	var b [headSize]byte
	if _, err := l.disk.ReadAt(b[:], l.end); err != nil {
		return head{}, true, fmt.Errorf("%w: a frame breaks off", ErrDamaged)
	}
	h, err = parseHead(b[:])
	switch {
	case err != nil:
		return head{}, b == [headSize]byte{}, err
	case h.generation != l.generation:
		return head{}, false, fmt.Errorf("%w: a frame of another generation", ErrDamaged)
	case l.end+h.size() > size:
		return h, true, fmt.Errorf("%w: a frame breaks off", ErrDamaged)
	}
	return h, false, nil
}

// check reads the rest of a frame to see whether all of it was written.
func (l *Ledger) check(h head) error {
	err := checkText(l.disk, l.end+headSize, h.records, h.recordSum, io.Discard)
	if err == nil {
		err = checkText(l.disk, h.linksAt(l.end), h.links, h.linksSum, io.Discard)
	}
	return err
}

// frame takes the block of the frame at the end.
func (l *Ledger) frame(h head, text string) error {
	links := area{h.linksAt(l.end), h.links, h.linksSum}
	l.areas = append(l.areas, links)
	return l.block(text, links, area{l.end + headSize, h.records, h.recordSum})
}

// The least bytes that a file and a cell take in a block.
const leastFile, leastCell = 40, 18

// block applies the changes that a frame tells, whose links and records are there.
func (l *Ledger) block(text string, links, records area) error {
	d := decoder{s: text}
	n := d.countOf(leastFile)
	l.files = slices.Grow(l.files, n)
	for range n {
		id := d.uint()
		if id > uint64(len(l.files)) {
			d.fail()
		}
		if d.bad {
			break
		}
		if id == uint64(len(l.files)) {
			l.files = append(l.files, File{})
		}
		f := &l.files[id]
		*f = File{}
		d.file(f)
		f.record, f.links = d.place(records), d.place(links)
	}
	for range d.count() {
		if id := d.uint(); id < uint64(len(l.files)) {
			l.files[id] = File{}
		}
	}
	for range d.count() {
		if id := d.uint(); id < uint64(len(l.groups)) {
			l.groups[id] = group{}
		}
	}
	b := block{text: text, group: uint32(len(l.groups))}
	b.names = make([]string, d.count())
	for i := range b.names {
		b.names[i] = d.name()
	}
	l.newGroups(&d, b.names)
	b.cells = d.countOf(leastCell)
	b.at = d.at
	l.blocks = append(l.blocks, b)
	return d.err()
}

// place reads where bytes are of an area. As nothing else deltas have a negative length.
func (d *decoder) place(in area) place {
	at, size := d.int(), d.int()
	p := place{at: in.at + at, size: size}
	if p.delta = size < 0; p.delta {
		p.size = -size
	}
	if at < 0 || p.size < 0 || p.size > in.size || at > in.size-p.size {
		d.fail()
		return place{}
	}
	return p
}

// newGroups notes the groups of a block.
func (l *Ledger) newGroups(d *decoder, names []string) {
	n := d.count()
	l.groups = slices.Grow(l.groups, n)
	tallies := make([]Tally, 0, n)
	for range n {
		first := len(tallies)
		for range d.count() {
			t := Tally{}
			if i := d.uint(); i < uint64(len(names)) {
				t.Source = names[i]
			} else {
				d.fail()
			}
			t.Dropped, t.Undated, t.Coarse, t.Guessed = d.int(), int(d.int()), int(d.int()), int(d.int())
			tallies = append(tallies, t)
		}
		l.groups = append(l.groups, group{live: true, tallies: tallies[first:len(tallies):len(tallies)]})
	}
}
