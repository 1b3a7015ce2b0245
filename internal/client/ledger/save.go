package ledger

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tokenflex.ing/internal/client/lockfile"
)

// ErrBusy means that another process writes the ledger, or wrote it since it was opened: the changes are not saved, and the next
// scan will find them again.
var ErrBusy = errors.New("another process writes the ledger")

// Save writes what changed, all of it anew if anew is set. It never waits for another process. What was saved before stays as it
// is if it fails, also in the middle of a write. Afterwards the ledger is only good for Refresh and Close.
func (l *Ledger) Save(anew bool) error {
	if l.dir == "" || !anew && !l.Unsaved() {
		return nil
	}
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return err
	}
	unlock, err := lockfile.Try(filepath.Join(l.dir, "lock"))
	if err != nil {
		if errors.Is(err, lockfile.ErrLocked) {
			return ErrBusy
		}
		return err
	}
	defer unlock()
	if err := l.current(); err != nil {
		return err
	}
	if anew || l.disk == nil || l.end > l.first+max(l.first/2, minLog) {
		return l.rewrite()
	}
	return l.append()
}

// minLog is how much may lie behind the first frame of a small ledger, in bytes.
const minLog = 1 << 20

// current reports as ErrBusy that what is on disk is not what was opened.
func (l *Ledger) current() error {
	n, err := newest(l.dir)
	if err != nil {
		return err
	}
	if n != l.generation {
		return ErrBusy
	}
	if l.disk == nil {
		return nil
	}
	info, err := l.disk.Stat()
	if err != nil {
		return err
	}
	if info.Size() < l.end {
		return ErrBusy
	}
	now := Ledger{disk: l.disk, generation: l.generation, end: l.end}
	h, _, err := now.head(info.Size())
	if errors.Is(err, ErrNewer) {
		return ErrBusy // what it wrote is not to be written over by who cannot read it
	}
	if err == nil && now.check(h) == nil {
		if checkText(l.disk, h.blockAt(l.end), h.block, h.blockSum, io.Discard) == nil {
			return ErrBusy
		}
	}
	return nil
}

// append adds a frame with the changes to the newest generation.
func (l *Ledger) append() error {
	w, err := os.OpenFile(generationFile(l.dir, l.generation), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.Truncate(l.end); err != nil { // what a writer that was stopped left
		return err
	}
	var ids []int
	for id := range l.files {
		if l.changed.has(id) {
			ids = append(ids, id)
		}
	}
	f, err := l.compose(ids, ids, sumUp(l.fresh(), func() ([]ordered, error) { return l.freshCells(), nil }, func(id uint32) uint32 { return id - uint32(l.settled) }))
	if err == nil {
		err = l.writeFrame(w, l.end, f)
	}
	if err == nil {
		err = w.Sync()
	}
	if err != nil {
		return errors.Join(err, w.Truncate(l.end))
	}
	l.appended = true
	return nil
}

// rewrite writes everything as a new generation.
func (l *Ledger) rewrite() error {
	l.rewriting = true
	groups, numbers := l.allGroups()
	sums := sumUp(groups, func() ([]ordered, error) { return l.cellsFrom(0) }, func(id uint32) uint32 { return numbers[id] })
	err := l.readTold()
	if err == nil {
		err = l.undeltaAll()
	}
	if err != nil {
		sums.working.Wait()
		return err
	}
	var ids, as []int
	for id := range l.files {
		if f := &l.files[id]; f.Source != "" {
			if int64(f.Group) < int64(len(numbers)) {
				f.Group = numbers[f.Group]
			} else {
				f.Group = NoGroup
			}
			ids, as = append(ids, id), append(as, len(ids))
		}
	}
	slices.SortFunc(ids, func(a, b int) int { return l.files[a].compare(&l.files[b]) })
	l.removed, l.dropped = nil, nil
	f, err := l.compose(ids, as, sums)
	if err != nil {
		return err
	}
	l.generation++
	if err := l.writeGeneration(f); err != nil {
		l.generation--
		return err
	}
	removeOlder(l.dir, l.generation)
	return nil
}

// writeGeneration writes the first frame of a generation beside its place, and moves it there once all of it is on disk.
func (l *Ledger) writeGeneration(f *composed) error {
	w := f.file
	if w == nil {
		var err error
		if w, err = os.CreateTemp(l.dir, newPrefix+"*"); err != nil { // made 0600
			return err
		}
	}
	defer os.Remove(w.Name()) // gone already when the rename worked
	err := l.writeFrame(w, 0, f)
	if err == nil {
		err = w.Sync()
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return err
	}
	if err := os.Rename(w.Name(), generationFile(l.dir, l.generation)); err != nil {
		return err
	}
	return syncDir(l.dir)
}

const (
	newPrefix = ".new-"   // begins the names of generations that are not in their place yet
	putPrefix = ".put-"   // begins those of other files, which several processes may write at once
	putFor    = time.Hour // no file takes as long to be put in its place
)

// syncDir makes the names in a folder last, where the system has a way to.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return nil // Windows does not open folders
	}
	defer d.Close()
	_ = d.Sync() // some file systems refuse it, and then there is nothing better
	return nil
}

func removeOlder(dir string, than uint64) {
	all, _ := generations(dir)
	for _, n := range all {
		if n < than {
			os.Remove(generationFile(dir, n)) // if a reader holds it, the next writer removes it
		}
	}
	left, _ := filepath.Glob(filepath.Join(dir, newPrefix+"*"))
	for _, name := range left { // of writers that were stopped: there is only one at a time
		os.Remove(name)
	}
	left, _ = filepath.Glob(filepath.Join(dir, putPrefix+"*"))
	for _, name := range left {
		if f, err := os.Stat(name); err == nil && time.Since(f.ModTime()) > putFor {
			os.Remove(name)
		}
	}
}

// composed is a frame that is about to be written.
type composed struct {
	ids            []int
	block          [4][]byte // one behind the other
	links, records int64     // bytes
	file           *os.File  // has the records already, but these
	rest           []byte
}

// compose makes the frame that holds the files with these ids under other ids, and the groups that were summed up.
func (l *Ledger) compose(ids, as []int, s *sums) (*composed, error) {
	f := &composed{ids: ids}
	if l.disk == nil && l.allSpilled(ids) {
		f.file, f.rest, _ = l.spill.whole(l.dir)
	}
	e := encoder{b: make([]byte, 0, usualFile*len(ids))}
	e.uint(uint64(len(ids)))
	for i, id := range ids {
		n := &l.files[id]
		record := place{at: f.records, size: n.record.bytes()}
		if f.file != nil {
			record.at = n.record.at
		}
		f.records += record.size
		links := place{at: f.links, size: n.links.bytes()}
		f.links += links.size
		e.uint(uint64(as[i]))
		e.file(n)
		if n.record.delta && n.record.whole == 0 { // as nothing else is of a negative length
			record.size = -record.size
		}
		for _, p := range [...]place{record, links} {
			e.int(p.at)
			e.int(p.size)
		}
	}
	e.uint(uint64(len(l.removed)))
	for _, id := range l.removed {
		e.uint(uint64(id))
	}
	e.uint(uint64(len(l.dropped)))
	for _, id := range l.dropped {
		e.uint(uint64(id))
	}
	var told encoder
	told.told(l.told, ids, as)
	s.working.Wait()
	f.block = [...][]byte{e.b, s.names, s.body, told.b}
	if s.err != nil && f.file != nil {
		f.file.Close()
		os.Remove(f.file.Name())
	}
	return f, s.err
}

// usualFile is how many bytes a file takes in a block, and a bit.
const usualFile = 240

// allSpilled reports whether what was spilled are the records of these files and nothing else.
func (l *Ledger) allSpilled(ids []int) bool {
	n := int64(0)
	for _, id := range ids {
		r := l.files[id].record
		if n += r.size; !r.spilled {
			return false
		}
	}
	return n > 0 && n == l.spill.size
}

func (p place) bytes() int64 {
	switch {
	case p.whole > 0:
		return p.whole
	case p.unwritten != nil:
		return int64(len(p.unwritten))
	}
	return p.size
}

// writeFrame writes a frame at a place of the file. The head comes last.
func (l *Ledger) writeFrame(w *os.File, at int64, f *composed) error {
	h := head{version: version, generation: l.generation, links: f.links, records: f.records}
	from := at + headSize
	if f.file != nil {
		from += f.records - int64(len(f.rest))
	}
	if _, err := w.Seek(from, io.SeekStart); err != nil {
		return err
	}
	out := &summed{to: bufio.NewWriterSize(w, 64<<10)}
	if f.file != nil {
		out.write(f.rest)
	} else {
		for _, id := range f.ids {
			l.copy(out, l.files[id].record)
		}
	}
	if at > 0 {
		h.recordSum = out.sum
	}
	out.sum = 0
	for _, id := range f.ids {
		l.copy(out, l.files[id].links)
	}
	h.linksSum, out.sum = out.sum, 0
	for _, b := range f.block {
		out.write(b)
		h.block += int64(len(b))
	}
	h.blockSum = out.sum
	if out.err == nil {
		out.err = out.to.Flush()
	}
	if out.err == nil {
		_, out.err = w.WriteAt(h.bytes(), at)
	}
	if out.err != nil {
		return fmt.Errorf("write the ledger: %w", out.err)
	}
	return nil
}
