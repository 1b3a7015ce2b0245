package ledger

import (
	"bytes"
	"errors"
	"fmt"
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

// SetAside renames a ledger that cannot be used and returns what can be read of its files, to be read again where they are still
// there, and what it is called now.
func SetAside(dir string, now time.Time) (l *Ledger, as string, err error) {
	unlock, err := lockfile.Try(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, "", err
	}
	defer unlock()
	l = New()
	l.dir = dir
	all, err := generations(dir)
	if err != nil {
		return nil, "", err
	}
	slices.Sort(all)
	for _, n := range all {
		b, err := os.ReadFile(generationFile(dir, n))
		if err == nil {
			l.salvage(b)
		}
		as = filepath.Join(dir, fmt.Sprintf("%s%s-%d", asidePrefix, now.UTC().Format("20060102T150405"), n))
		if err := os.Rename(generationFile(dir, n), as); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, "", err
		}
	}
	removeAsides(dir)
	return l, as, nil
}

// salvage takes every record that is whole. Later ones are newer.
func (l *Ledger) salvage(b []byte) {
	known := make(map[[2]string]int)
	l.Each(func(id int, f *File) bool {
		known[[2]string{f.Source, f.Name}] = id
		return true
	})
	for {
		i := bytes.Index(b, []byte(recordMagic))
		if i < 0 {
			return
		}
		b = b[i:]
		f, k, size, err := parseRecord(b)
		if err != nil || f.Source == "" {
			b = b[len(recordMagic):]
			continue
		}
		b = b[size:]
		key := [2]string{f.Source, f.Name}
		id, ok := known[key]
		if !ok {
			id = -1
		}
		f.Stale, f.Group = true, NoGroup
		known[key] = l.Put(id, *f, k, nil)
	}
}

// NoGroup is the group of a file that is not settled yet.
const NoGroup = ^uint32(0)

func removeAsides(dir string) {
	entries, _ := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), asidePrefix) {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	for _, name := range names[:max(0, len(names)-asides)] {
		os.Remove(filepath.Join(dir, name))
	}
}
