package ledger

import (
	"cmp"
	"strings"
)

// Finder finds files by their names, fastest in the order in which a walk comes upon them. It knows those that there were when it
// was made.
type Finder struct {
	ledger *Ledger
	first  map[string]int      // ids, by source
	source string              // of the last name
	next   int                 // the id that the next name most likely has
	places map[[2]string]int32 // ids by source and name; nil until a name was not where it was expected
	found  []bool              // by id
}

// Finder returns one for the files that are known.
func (l *Ledger) Finder() *Finder {
	f := &Finder{ledger: l, first: make(map[string]int), found: make([]bool, len(l.files))}
	last := ""
	for id, at := range l.Each {
		if at.Source == last {
			continue
		}
		last = at.Source
		if _, ok := f.first[last]; !ok {
			f.first[last] = id
		}
	}
	return f
}

// Find returns the id of a file.
func (f *Finder) Find(source, name string) (id int, ok bool) {
	const ahead = 8 // as many files may be gone in one place
	if source != f.source {
		f.source, f.next = source, f.first[source]
	}
	for id := f.next; id < min(f.next+ahead, len(f.found)); id++ {
		if at := &f.ledger.files[id]; at.Name == name && at.Source == source {
			return f.hit(id)
		}
	}
	if f.places == nil {
		f.places = make(map[[2]string]int32, len(f.found))
		for id, at := range f.ledger.Each {
			f.places[[2]string{at.Source, at.Name}] = int32(id)
		}
	}
	if id, ok := f.places[[2]string{source, name}]; ok {
		return f.hit(int(id))
	}
	return 0, false
}

func (f *Finder) hit(id int) (int, bool) {
	f.next, f.found[id] = id+1, true
	return id, true
}

// Rest calls yield with the ids that were not found.
func (f *Finder) Rest(yield func(id int) bool) {
	for id := range f.found {
		if f.ledger.files[id].Source != "" && !f.found[id] && !yield(id) {
			return
		}
	}
}

// compare puts files in the order in which a walk comes upon them: what is in a folder before what has a longer name than it.
func (f *File) compare(g *File) int {
	if n := cmp.Compare(f.Source, g.Source); n != 0 {
		return n
	}
	if i := commonPrefix(f.Name, g.Name); i < min(len(f.Name), len(g.Name)) {
		a, b := f.Name[i], g.Name[i]
		if separates(a) != separates(b) {
			if separates(a) {
				return -1
			}
			return 1
		}
		return cmp.Compare(a, b)
	}
	return cmp.Compare(len(f.Name), len(g.Name))
}

// commonPrefix is how many bytes two names begin with alike. Most names of a home begin alike for long.
func commonPrefix(a, b string) int {
	const step = 16
	n := 0
	for n+step <= len(a) && n+step <= len(b) && a[n:n+step] == b[n:n+step] {
		n += step
	}
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func separates(c byte) bool { return strings.IndexByte(`/\`, c) >= 0 }
