package scan

import (
	"path/filepath"
	"runtime"
	"sync"
)

// folder is what one folder holds, in the order of the names in it.
type folder struct {
	name string
	err  error // why it, or some of it, cannot be looked into
	held []held
}

// held is a folder below another, or a file in it.
type held struct {
	folder *folder
	candidate
	linked bool  // it is a link, or something odd
	err    error // why nothing is known of it
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
	f := &folder{name: dir}
	select {
	case w.free <- struct{}{}:
		w.busy.Go(func() {
			w.read(f, below, patterns)
			<-w.free
		})
	default:
		w.read(f, below, patterns)
	}
	return f
}

func (w *walker) read(f *folder, below string, patterns [][]string) {
	entries, err := w.access.readDir(f.name)
	f.err = err
	for _, e := range entries {
		left, hit := step(patterns, e.Name())
		if !(e.IsDir() && len(left) > 0 || !e.IsDir() && hit) {
			continue
		}
		name, path := filepath.Join(f.name, e.Name()), e.Name()
		if below != "" {
			path = below + "/" + path
		}
		if e.IsDir() {
			f.held = append(f.held, held{folder: w.look(name, path, left)})
			continue
		}
		h := held{candidate: candidate{name: name, path: path}, linked: !e.Type().IsRegular()}
		if !h.linked {
			h.info, h.err = e.Info()
		}
		f.held = append(f.held, h)
	}
}

// take notes the files of a folder that was walked.
func (f *find) take(in *folder) {
	if in.err != nil {
		f.denied(in.name, in.err)
	}
	for i := range in.held {
		switch h := &in.held[i]; {
		case h.folder != nil:
			f.take(h.folder)
		case h.linked:
			f.add(h.name, h.path)
		case h.err != nil:
			f.denied(h.name, h.err)
		case h.info.Mode().IsRegular():
			f.note(h.name, h.candidate)
		}
	}
}
