package ledger

import (
	"cmp"
	"slices"
)

// Finder finds files by their names, fastest in the order in which a walk comes upon them. It knows those that there were when it
// was made.
type Finder struct {
	ledger *Ledger
	order  []int32 // ids, by source and name
	next   int     // in order, where the next name most likely is
	found  []bool  // by id
}

// Finder returns one for the files that are known.
func (l *Ledger) Finder() *Finder {
	f := &Finder{ledger: l, order: make([]int32, 0, len(l.files)), found: make([]bool, len(l.files))}
	for id := range l.Each {
		f.order = append(f.order, int32(id))
	}
	slices.SortFunc(f.order, func(a, b int32) int { return l.files[a].compare(l.files[b].Source, l.files[b].Name) })
	return f
}

// Find returns the id of a file.
func (f *Finder) Find(source, name string) (id int, ok bool) {
	compare := func(id int32) int { return f.ledger.files[id].compare(source, name) }
	if f.next >= len(f.order) || compare(f.order[f.next]) != 0 {
		f.next, ok = slices.BinarySearchFunc(f.order, struct{}{}, func(id int32, _ struct{}) int { return compare(id) })
		if !ok {
			return 0, false
		}
	}
	id = int(f.order[f.next])
	f.next++
	f.found[id] = true
	return id, true
}

// Rest calls yield with the ids that were not found.
func (f *Finder) Rest(yield func(id int) bool) {
	for _, id := range f.order {
		if !f.found[id] && !yield(int(id)) {
			return
		}
	}
}

func (f *File) compare(source, name string) int {
	return cmp.Or(cmp.Compare(f.Source, source), cmp.Compare(f.Name, name))
}
