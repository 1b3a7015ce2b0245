package ledger

import (
	"os"
	"slices"
	"sync"
)

// Ledger is the state of the ledger of one home, with the changes that are not saved yet.
type Ledger struct {
	dir        string   // "" for one that is never saved
	disk       *os.File // the newest generation; nil if there is none
	generation uint64
	end        int64 // of the last whole frame
	first      int64 // size of the first frame
	linked     int64 // end of its links

	spill    *spill
	ordering sync.Mutex
	order    []ordered // the cells that are not saved yet; nil: not ordered yet
	areas    []area    // of links, one for each frame
	checking sync.Mutex
	checked  int // of these areas

	mu        sync.Mutex
	files     []File         // by id; without a source those that were removed
	origins   map[int]origin // of long records that were read, by id
	told      []told         // by id, of files that were put, and once it was read of others
	blocks    []block
	groups    []group // by id
	settled   int     // groups that are on disk
	ready     counted // what was on disk when the ledger was opened
	regrouped bool    // since then groups went or came
	appended  bool    // what changed is on disk too
	rewriting bool    // ids and groups may be those of another generation
	changed   changes
	removed   []int
	dropped   []uint32
}

// block is the part of a frame that is held in memory.
type block struct {
	text  string
	names []string // of its cells
	group uint32   // the first of its groups
	at    int      // of its cells in the text
	cells int
}

// group is one whose cells are in a block, or that is not saved yet.
type group struct {
	live    bool
	fresh   *Group // one that is not saved yet
	tallies []Tally
}

// changes are the files that changed, by id.
type changes struct {
	of []bool
	n  int
}

func (c *changes) has(id int) bool { return id < len(c.of) && c.of[id] }

func (c *changes) add(id int) {
	c.of = append(c.of, make([]bool, max(0, id+1-len(c.of)))...)
	if !c.of[id] {
		c.of[id] = true
		c.n++
	}
}

func (c *changes) drop(id int) {
	if c.has(id) {
		c.of[id] = false
		c.n--
	}
}

// New returns an empty ledger that keeps nothing.
func New() *Ledger { return &Ledger{spill: newSpill()} }

// Close lets go of the disk. Parts that are not in memory can no longer be read.
func (l *Ledger) Close() {
	if l.disk != nil {
		l.disk.Close()
	}
	l.spill.close()
}

// Empty reports whether nothing is known.
func (l *Ledger) Empty() bool { return len(l.files) == 0 }

// Each calls yield with every file that is known. The file may be changed by Put alone.
func (l *Ledger) Each(yield func(id int, f *File) bool) {
	for id := range l.files {
		if f := &l.files[id]; f.Source != "" && !yield(id, f) {
			return
		}
	}
}

// File is the file of that id. It may be called while others put files, but not while another puts this one.
func (l *Ledger) File(id int) *File {
	l.mu.Lock()
	defer l.mu.Unlock()
	return &l.files[id]
}

// Grow makes room for so many more files.
func (l *Ledger) Grow(n int) { l.files = slices.Grow(l.files, n) }

// Put keeps a file, in the place of the one with that id or, below zero, as a new one, and returns its id. Without a part
// the one that is known stays. Links are digests of the names that tie the file to others; see Links.
func (l *Ledger) Put(id int, f File, k *Kept, links []uint32) int {
	var of told
	if k != nil {
		of = when(k)
		f.Entries, f.Print = k.print()
		e := encoders.Get().(*encoder)
		b, entries := e.record(&f, k)
		if d, ok := l.delta(id, b, entries); ok {
			f.record, _ = l.spill.keep(l.dir, true, d)
			f.record.delta = true
		} else {
			var own bool
			if f.record, own = l.spill.keep(l.dir, l.disk != nil, b); own {
				e.b = nil
			}
		}
		encoders.Put(e)
		f.links = place{unwritten: linkBytes(links)}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if id < 0 {
		id = len(l.files)
		l.files = append(l.files, File{})
	} else if k == nil {
		f.record, f.links = l.files[id].record, l.files[id].links
	}
	if k != nil {
		l.has(id, of)
	}
	l.files[id] = f
	l.changed.add(id)
	return id
}

// Remove forgets a file.
func (l *Ledger) Remove(id int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.files[id] = File{}
	l.changed.drop(id)
	l.removed = append(l.removed, id)
}

// Part returns what is kept of a file. It may be called by several at once.
func (l *Ledger) Part(id int) (*Kept, error) {
	l.mu.Lock()
	at := l.files[id].record
	l.mu.Unlock()
	if at.delta || at.size >= deltaLeast && at.unwritten == nil && !at.spilled {
		return l.longPart(id, at)
	}
	b, err := l.read(at)
	if err != nil {
		return nil, err
	}
	_, k, _, err := parseRecord(b)
	return k, err
}

// Links calls yield with the links of every file. They are not the caller's to keep.
func (l *Ledger) Links(yield func(id int, links []uint32)) error {
	if err := l.checkLinks(); err != nil {
		return err
	}
	var links []uint32
	r := linkReader{ledger: l}
	for id := range l.files {
		if f := &l.files[id]; f.Source != "" {
			b, err := r.read(f.links)
			if err != nil {
				return err
			}
			links = appendLinks(links[:0], b)
			yield(id, links)
		}
	}
	return nil
}

// LinksOf returns the links of one file, in their order. It may be called by several at once.
func (l *Ledger) LinksOf(id int) ([]uint32, error) {
	if err := l.checkLinks(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	at := l.files[id].links
	l.mu.Unlock()
	b, err := l.read(at)
	return appendLinks(make([]uint32, 0, len(b)/linkSize), b), err
}

// Regroup drops groups and adds others, whose ids it sets in the files that are given by id.
func (l *Ledger) Regroup(drop []uint32, add []Group, members [][]int) {
	l.regrouped, l.order = true, nil
	for _, id := range drop {
		if uint64(id) < uint64(len(l.groups)) && l.groups[id].live {
			l.groups[id] = group{}
			l.dropped = append(l.dropped, id)
		}
	}
	l.groups = slices.Grow(l.groups, len(add))
	for i := range add {
		g := &add[i]
		g.ID = uint32(len(l.groups))
		l.groups = append(l.groups, group{live: true, fresh: g, tallies: g.Tallies})
		for _, id := range members[i] {
			l.files[id].Group = g.ID
			l.changed.add(id)
		}
	}
}

// Tallies calls yield with all that is known beside the cells.
func (l *Ledger) Tallies(yield func(Tally)) {
	for i := range l.groups {
		for _, t := range l.groups[i].tallies {
			yield(t)
		}
	}
}

// Unsaved reports whether anything changed since the ledger was opened or saved.
func (l *Ledger) Unsaved() bool {
	return l.changed.n+len(l.removed)+len(l.dropped) > 0 || slices.ContainsFunc(l.groups[l.settled:], func(g group) bool { return g.fresh != nil })
}
