package scan

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
)

// find is what one source left on this machine.
type find struct {
	source     source.Source
	looked     []string // roots that were looked for
	roots      []string // roots that exist
	infos      []fs.FileInfo
	files      []candidate
	known      map[string]bool // files by their place without links; nil while none of them can come twice
	walked     []string        // folders that were walked, without links
	scopes     map[string]bool // roots as they are looked for, with what stands for anything
	unreadable []string        // folders, and later files
	asked      string          // why it is only read where the user names its folder
	idle       []string        // variables that are set and name nothing
	outcomes   []outcome       // of files, in their order
	ids        []int           // of files in the ledger, in their order; -1 where there is none
	own        []string        // of the roots the tool's own folders, of those with files if any has some
	ownFiles   int             // how many of the files, from the first, lie in such
	retention  retention
	access     access
}

// candidate is a file that can hold usage.
type candidate struct {
	name  string // absolute
	path  string // below its root, with slashes
	scope string // the root that it was found below, as it is looked for
	stamp ledger.Stamp
}

// look finds the files of a source.
func look(s source.Source, m machine, extra []string, a access) *find {
	f := &find{source: s, scopes: make(map[string]bool), access: a}
	var asked []string
	for i, p := range s.Places {
		named, names := m.overrides(p, a)
		var roots []string
		if names == nil {
			for _, root := range p.Roots {
				roots = append(roots, m.places(root)...)
			}
		}
		before := len(f.files)
		if p.Asked != "" {
			asked, f.asked, roots = append(asked, roots...), p.Asked, nil
		}
		var used []string
		take := func(root string, p source.Place) {
			files, found := len(f.files), len(f.roots)
			f.takeBelow(root, p)
			if len(f.files) > files {
				used = append(used, f.roots[found:]...)
			}
		}
		for _, root := range roots {
			take(root, p)
		}
		for _, root := range named {
			take(root, f.asNamed(root, p))
		}
		if i == 0 {
			f.ownFiles = len(f.files)
			if f.own = used; len(used) == 0 {
				f.own = slices.Clone(f.roots)
			}
		}
		if names != nil && len(f.files) == before && s.Read != nil && !p.Shared {
			f.idle = append(f.idle, names...)
		}
	}
	anywhere := anyPlace(s)
	for _, root := range extra {
		root = m.named(root)
		f.takeBelow(root, f.asNamed(root, anywhere))
	}
	for _, root := range asked { // of which it is only noted that they are there
		f.place(root, source.Place{})
	}
	return f
}

// anyPlace returns the place that a further root is, which may hold what any of the tool's own holds.
func anyPlace(s source.Source) source.Place {
	all := source.Place{Named: s.Places[0].Named, Files: slices.Clone(s.Places[0].Files)}
	for _, p := range s.Places[1:] {
		for _, pattern := range p.Files {
			if len(p.Roots) > 0 && !slices.Contains(all.Files, pattern) {
				all.Files = append(all.Files, pattern)
			}
		}
	}
	return all
}

// takeBelow notes the files below one root as found there.
func (f *find) takeBelow(root string, p source.Place) {
	f.scopes[root] = true
	before := len(f.files)
	f.place(root, p)
	for i := range f.files[before:] {
		f.files[before+i].scope = root
	}
}

// asNamed returns the place with the patterns that hold for a root that the user named.
func (f *find) asNamed(root string, p source.Place) source.Place {
	if len(p.Named) == 0 {
		return p
	}
	for _, pattern := range p.Files {
		first, _, _ := strings.Cut(pattern, "/")
		if _, err := f.access.stat(filepath.Join(root, first)); err == nil || filepath.Base(root) == first {
			return p
		}
	}
	p.Files = p.Named
	return p
}

// place looks below one root, in whose last names "*" may stand for anything. A root that is a file is the one that is read.
func (f *find) place(root string, p source.Place) {
	if i := strings.Index(root, "*"); i >= 0 {
		f.each(root, i, p)
		return
	}
	f.looked = append(f.looked, root)
	root = f.above(root, p)
	info, err := f.access.stat(root)
	if err != nil {
		f.denied(root, err)
		return
	}
	if slices.ContainsFunc(f.infos, func(known fs.FileInfo) bool { return os.SameFile(known, info) }) {
		return
	}
	f.infos = append(f.infos, info)
	before := len(f.files)
	f.collect(root, info, p)
	if !p.Shared || len(f.files) > before {
		f.roots = append(f.roots, root)
	}
}

// collect notes the files of a root that is there.
func (f *find) collect(root string, info fs.FileInfo, p source.Place) {
	switch {
	case f.source.Read == nil:
	case info.IsDir():
		f.search(root, p.Files)
	default:
		f.add(root, filepath.Base(root))
	}
}

// each replaces the first "*" of a root, at i, by what is there.
func (f *find) each(root string, i int, p source.Place) {
	parent := filepath.Dir(root[:i] + "x")
	name, rest, _ := strings.Cut(root[len(parent)+1:], string(filepath.Separator))
	entries, err := f.access.readDir(parent)
	if err != nil {
		f.looked = append(f.looked, root)
		return
	}
	before := len(f.looked)
	for _, e := range entries {
		if ok, _ := path.Match(name, e.Name()); ok {
			f.place(filepath.Join(parent, e.Name(), rest), p)
		}
	}
	if len(f.looked) == before {
		f.looked = append(f.looked, root)
	}
}

// above returns the folder above a root that is not the tool's folder but already the one its files begin with.
func (f *find) above(root string, p source.Place) string {
	for _, pattern := range p.Files {
		first, _, _ := strings.Cut(pattern, "/")
		if first == filepath.Base(root) {
			if _, err := f.access.stat(filepath.Join(root, first)); err != nil {
				return filepath.Dir(root)
			}
		}
	}
	return root
}

// search collects the files below the root that match. Links to folders are followed up to the first wildcard of a pattern
// and not below it, where they could make a circle. A file that a link beside it leads to too has its own name: a tool's names say
// what is in its files, and whose it is.
func (f *find) search(root string, patterns []string) {
	branches := make(map[string][][]string)
	var fixed []string
	for _, pattern := range patterns {
		names := strings.Split(pattern, "/")
		n := 0
		for n < len(names)-1 && !strings.Contains(names[n], "*") {
			n++
		}
		base := path.Join(names[:n]...)
		if branches[base] == nil {
			fixed = append(fixed, base)
		}
		branches[base] = append(branches[base], names[n:])
	}
	var links []candidate
	for _, base := range fixed {
		dir, err := f.access.resolve(filepath.Join(root, filepath.FromSlash(base)))
		if err != nil {
			f.denied(filepath.Join(root, base), err)
			continue
		}
		links = append(links, f.take(walk(f.access, dir, base, branches[base]))...)
	}
	for _, l := range links {
		f.add(l.name, l.path)
	}
}

// add notes a file, unless it is known from another root or is not a file at all.
func (f *find) add(name, below string) {
	info, err := f.access.stat(name)
	if err != nil {
		f.denied(name, err)
		return
	}
	real, err := f.access.resolve(name)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	f.note(real, candidate{name: name, path: below, stamp: stampOf(info)})
}

// note takes a file, by its place without links, unless it is known.
func (f *find) note(real string, c candidate) {
	f.tellApart()
	if !f.known[real] {
		f.known[real] = true
		f.files = append(f.files, c)
	}
}

// tellApart has files that come twice found from now on. Those so far were walked, so that their names have no links in them.
func (f *find) tellApart() {
	if f.known != nil {
		return
	}
	f.known = make(map[string]bool, len(f.files)+1)
	for i := range f.files {
		f.known[f.files[i].name] = true
	}
}

// denied notes what is there but cannot be looked into.
func (f *find) denied(name string, err error) {
	if !errors.Is(err, fs.ErrNotExist) && f.source.Read != nil {
		f.unreadable = append(f.unreadable, name)
	}
}
