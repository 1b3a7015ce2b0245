package scan

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// folder is what one folder holds, in the order of the names in it.
type folder struct {
	name, below string
	err         error // why it, or some of it, cannot be looked into
	entries     []entry
}

// walk looks through the folder dir, which has no links in its name and is at below, for files that match one of the patterns,
// given by the names that are left. Folders are looked into side by side: most of the time a system takes is waiting.
func walk(a access, dir, below string, patterns [][]string) *folder {
	w := walker{access: a, free: make(chan struct{}, 2*runtime.GOMAXPROCS(0))}
	root := w.look(dir, below, patterns)
	w.busy.Wait()
	return root
}

type walker struct {
	access access
	free   chan struct{} // has room for one more who looks
	busy   sync.WaitGroup
}

// look starts to look into a folder, at once or by somebody else.
func (w *walker) look(dir, below string, patterns [][]string) *folder {
	f := &folder{name: dir, below: below}
	select {
	case w.free <- struct{}{}:
		w.busy.Go(func() {
			w.read(f, patterns)
			<-w.free
		})
	default:
		w.read(f, patterns)
	}
	return f
}

func (w *walker) read(f *folder, patterns [][]string) {
	f.entries, f.err = w.access.list(f.name, func(name string, folder bool) bool {
		if folder {
			return len(into(patterns, name)) > 0
		}
		return ends(patterns, name)
	})
	for i := range f.entries {
		if e := &f.entries[i]; e.kind.IsDir() {
			e.folder = w.look(e.name, f.path(e), into(patterns, e.base))
		}
	}
}

// path is that of an entry below the root: most often the end of its name, which needs no memory of its own.
func (f *folder) path(e *entry) string {
	if f.below == "" {
		return e.base
	}
	n := len(e.name) - len(e.base) - len("/") - len(f.below)
	if n > 0 && e.name[n:n+len(f.below)] == f.below && e.name[n+len(f.below)] == '/' {
		return e.name[n:]
	}
	return f.below + "/" + e.base
}

// size is how many entries there are in the folder and below it.
func (f *folder) size() int {
	n := len(f.entries)
	for i := range f.entries {
		if in := f.entries[i].folder; in != nil {
			n += in.size()
		}
	}
	return n
}

// take notes the files of a folder that was walked, and returns what else is in it: links, and things that are odd. Within it no file
// comes twice.
func (f *find) take(root *folder) (links []candidate) {
	f.files = slices.Grow(f.files, root.size())
	if slices.ContainsFunc(f.walked, func(other string) bool { return within(root.name, other) || within(other, root.name) }) {
		f.tellApart()
	}
	f.walked = append(f.walked, root.name)
	return f.takeIn(root, nil)
}

// within reports whether a folder is another one, or lies in it.
func within(dir, other string) bool {
	rest, ok := strings.CutPrefix(dir, other)
	return ok && (rest == "" || os.IsPathSeparator(rest[0]) || os.IsPathSeparator(other[len(other)-1]))
}

func (f *find) takeIn(in *folder, links []candidate) []candidate {
	if in.err != nil {
		f.denied(in.name, in.err)
	}
	for i := range in.entries {
		switch e := &in.entries[i]; {
		case e.folder != nil:
			links = f.takeIn(e.folder, links)
		case e.err != nil:
			f.denied(e.name, e.err)
		case e.kind.IsRegular() && f.known == nil:
			f.files = append(f.files, candidate{name: e.name, path: in.path(e), stamp: e.stamp})
		case e.kind.IsRegular():
			f.note(e.name, candidate{name: e.name, path: in.path(e), stamp: e.stamp})
		default:
			links = append(links, candidate{name: e.name, path: in.path(e)})
		}
	}
	return links
}
