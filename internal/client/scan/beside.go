package scan

import (
	"hash/fnv"
	"iter"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"tokenflex.ing/internal/client/source"
)

// lentBuffer is enough for files that are small and many.
const lentBuffer = 16 << 10

func (f *file) Beside(pattern string) iter.Seq[source.File] {
	f.reading.beside = append(f.reading.beside, pattern)
	return func(yield func(source.File) bool) {
		root, ok := f.root()
		dir, name := path.Split(pattern)
		if !ok || strings.Contains("/"+dir, "/../") {
			return
		}
		folder := filepath.FromSlash(root + dir)
		if literal(name) { // a folder may hold as many files as ask for this one
			f.lend(filepath.Join(folder, name), pattern, yield)
			return
		}
		entries, err := f.access.readDir(folder)
		if err != nil {
			return // what is not there says nothing
		}
		for _, e := range entries {
			if ok, _ := path.Match(name, e.Name()); ok && !e.IsDir() && !f.lend(filepath.Join(folder, e.Name()), dir+e.Name(), yield) {
				return
			}
		}
	}
}

// root returns the folder that the file was found below, with slashes and one at its end, unless a link hides it.
func (f *file) root() (string, bool) {
	return strings.CutSuffix(filepath.ToSlash(f.name), f.path)
}

// origin returns a name for the root that is the same in every scan.
func (f *file) origin() string {
	root, _ := f.root()
	h := fnv.New64a()
	h.Write([]byte(root))
	return strconv.FormatUint(h.Sum64(), 36)
}

// lend opens the file for as long as it is looked at. Its faults are those of the file that asked for it.
func (f *file) lend(name, below string, yield func(source.File) bool) bool {
	info, err := f.access.stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return true
	}
	f.progress.open(f.source, name)
	stream, err := f.access.open(name)
	if err != nil {
		f.reading.err = err
		return true
	}
	defer stream.Close()
	other := &file{worker: &worker{ctx: f.ctx, access: f.access, progress: f.progress, zone: f.zone, limit: f.limit, buffer: make([]byte, lentBuffer)}, candidate: candidate{name: name, path: below, stamp: stampOf(info)}, source: f.source, stream: stream}
	more := yield(other)
	for why, n := range other.reading.faults {
		f.reading.faults[why] += n
	}
	f.reading.oversize += other.reading.oversize
	return more
}
