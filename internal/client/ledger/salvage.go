package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/client/lockfile"
)

const (
	asidePrefix = "aside-"
	// asides is how many ledgers that were set aside are kept.
	asides = 3
)

// SetAside puts what can be read of a ledger that cannot be used in its place, and returns it, to be settled, and read again where the
// files are still there. The old one is kept under the name that is returned; it is empty if another process did all that before.
// Names are the links of a file, in their order. Where nothing can be written it fails, and what it returns is never saved.
func SetAside(ctx context.Context, dir string, now time.Time, names func(source string, k *Kept) []uint32) (l *Ledger, as string, err error) {
	unlock, locked := lockfile.Wait(ctx, filepath.Join(dir, "lock"))
	if locked == nil {
		defer unlock()
		if l, err = Open(dir); err == nil {
			if l.sound() == nil {
				return l, "", nil
			}
			l.Close()
		}
	}
	l = New()
	all, err := generations(dir)
	slices.Sort(all)
	for _, n := range all {
		if b, err := os.ReadFile(generationFile(dir, n)); err == nil {
			l.salvage(b, names)
		}
	}
	if err = errors.Join(locked, err); err != nil {
		return l, "", err
	}
	if as, err = l.replace(dir, all, now); err != nil {
		return l, "", err
	}
	replaced, err := Open(dir)
	if err != nil {
		return l, as, err
	}
	return replaced, as, nil
}

// sound reads everything.
func (l *Ledger) sound() error {
	if err := l.checkLinks(); err != nil {
		return err
	}
	for id := range l.Each {
		if _, err := l.Part(id); err != nil {
			return err
		}
	}
	return l.readTold()
}

// replace writes what was salvaged as the generation behind all others, and only then renames those.
func (l *Ledger) replace(dir string, all []uint64, now time.Time) (as string, err error) {
	next := Ledger{dir: dir, generation: 1, files: l.files, told: l.told, spill: l.spill}
	ids := make([]int, len(l.files))
	for id := range ids {
		ids[id] = id
	}
	if len(all) > 0 {
		next.generation += all[len(all)-1]
	}
	f, err := next.compose(ids, ids, sumUp(nil, func() ([]ordered, error) { return nil, nil }, nil))
	if err == nil {
		err = next.writeGeneration(f)
	}
	if err != nil {
		return "", err
	}
	for _, n := range all {
		as = filepath.Join(dir, fmt.Sprintf("%s%s-%d", asidePrefix, now.UTC().Format("20060102T150405"), n))
		if err := os.Rename(generationFile(dir, n), as); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	_ = removeAsides(dir, asides) // one too many harms nobody
	return as, nil
}

// salvage takes every record that is whole. Later ones are newer.
func (l *Ledger) salvage(b []byte, names func(source string, k *Kept) []uint32) {
	s := salvager{ledger: l, names: names, all: b, known: make(map[fileKey]int), deltas: make(map[fileKey][]int), left: salvageMost * len(b)}
	for id, f := range l.Each {
		s.known[fileKey{f.Source, f.Name}] = id
	}
	for at := 0; s.left >= 0; {
		i := bytes.Index(b[at:], []byte(anyRecord))
		if i < 0 {
			break
		}
		at += i
		at += s.take(at)
	}
	for _, key := range s.order {
		s.undelta(key)
	}
}

// salvageMost is how often as many bytes as there are may be looked at: of one that was damaged few are looked at twice.
const salvageMost = 64

// salvager takes what is whole in the bytes of one generation.
type salvager struct {
	ledger *Ledger
	names  func(source string, k *Kept) []uint32
	all    []byte
	known  map[fileKey]int
	deltas map[fileKey][]int // where those of a file begin that are newer than its last whole record
	order  []fileKey         // of these
	left   int               // bytes that may still be looked at in vain
}

type fileKey struct{ source, name string }

// take takes what begins at a place, and returns how long that is.
func (s *salvager) take(at int) int {
	b := s.all[at:]
	if f, k, size, err := parseRecord(b); err == nil {
		s.put(f, k)
		delete(s.deltas, fileKey{f.Source, f.Name})
		return size
	}
	if d, size, err := parseDelta(b); err == nil {
		var f File
		of := decoder{s: d.before}
		of.file(&f)
		key := fileKey{f.Source, f.Name}
		if s.deltas[key] == nil {
			s.order = append(s.order, key)
		}
		s.deltas[key] = append(s.deltas[key], at)
		return size
	}
	if size, _, err := parseRecordHead(b); err == nil {
		s.left -= min(size, len(b))
	}
	return len(anyRecord)
}

// undelta takes the newest delta of a file that fits: each tells all that is known of it.
func (s *salvager) undelta(key fileKey) {
	misfit := int64(-1) // where the record lies that none of its deltas fits
	for _, at := range slices.Backward(s.deltas[key]) {
		d, _, err := parseDelta(s.all[at:])
		if err != nil || d.at == misfit {
			continue
		}
		f, k, err := d.parse(s.all)
		if err == nil {
			s.put(f, k)
			break
		}
		if misfit, s.left = d.at, s.left-int(d.size); s.left < 0 {
			break
		}
	}
	delete(s.deltas, key)
}

func (s *salvager) put(f *File, k *Kept) {
	key := fileKey{f.Source, f.Name}
	id, ok := s.known[key]
	if !ok {
		id = -1
	}
	f.Stale, f.Group = true, NoGroup
	s.known[key] = s.ledger.Put(id, *f, k, s.names(f.Source, k))
}

// parse reads the record that comes of a delta and of all the bytes of its generation.
func (d *delta) parse(all []byte) (*File, *Kept, error) {
	text, err := d.text(bytes.NewReader(all), int64(len(all)))
	if err != nil {
		return nil, nil, err
	}
	f, k, _, err := parseRecordText(text)
	return f, k, err
}

// NoGroup is the group of a file that is not settled yet.
const NoGroup = ^uint32(0)

// RemoveAsides removes the ledgers that were set aside.
func RemoveAsides(dir string) error { return removeAsides(dir, 0) }

// removeAsides removes all of them but the newest ones.
func removeAsides(dir string, but int) error {
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), asidePrefix) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	for _, name := range names[:max(0, len(names)-but)] {
		err = errors.Join(err, os.Remove(filepath.Join(dir, name)))
	}
	return err
}
