package scan

import "slices"

// ties know which files share a link with each other, near or far. A first scan meets as many links as there are responses, so they are
// put into it while files are read.
type ties struct {
	first   firsts
	parents []int32 // of files by id, plus one: that of one that stands for all it is tied to is itself; 0 if nothing is known of it
}

func (t *ties) has(id int) bool { return id < len(t.parents) && t.parents[id] > 0 }

// add ties a file to those that have one of its links.
func (t *ties) add(id int, links []uint32) {
	if !t.has(id) {
		t.parents = append(t.parents, make([]int32, max(0, id+1-len(t.parents)))...)
		t.parents[id] = int32(id + 1)
	}
	for _, link := range links {
		if other := t.first.put(link, id); other != id {
			t.parents[t.root(id)] = int32(t.root(other) + 1)
		}
	}
}

// root is the file that stands for all that one is tied to.
func (t *ties) root(id int) int {
	for t.parents[id] != int32(id+1) {
		t.parents[id] = t.parents[t.parents[id]-1]
		id = int(t.parents[id] - 1)
	}
	return id
}

// groups puts those of the files together that are tied.
func (t *ties) groups(ids []int) [][]int {
	sizes := make([]int32, len(t.parents)) // by who stands for them
	for _, id := range ids {
		sizes[t.root(id)]++
	}
	all := make([]int, 0, len(ids))
	places := make([]int32, len(t.parents)) // plus one
	var groups [][]int
	for _, id := range ids {
		r := t.root(id)
		if places[r] == 0 {
			from := len(all)
			all = all[:from+int(sizes[r])]
			groups = append(groups, all[from:from:len(all)])
			places[r] = int32(len(groups))
		}
		of := &groups[places[r]-1]
		*of = append(*of, id)
	}
	return slices.Clip(groups)
}

// firsts says where each link was met first. It is a flat table: the links are digests, which need no other.
type firsts struct {
	table []met // as many as a power of two
	n     int
}

type met struct {
	link uint32
	at   uint32 // plus one; 0: nothing is here
}

// put returns where a link was met first: at the given place, if it was not met before.
func (f *firsts) put(link uint32, at int) int {
	if 4*(f.n+1) > 3*len(f.table) {
		f.grow()
	}
	m := f.find(link)
	if m.at == 0 {
		*m = met{link, uint32(at + 1)}
		f.n++
	}
	return int(m.at - 1)
}

// find returns where a link is, or has room.
func (f *firsts) find(link uint32) *met {
	for i := int(link * 0x9E3779B1 >> 7); ; i++ { // what lies near each other in a list lies apart here
		if m := &f.table[i&(len(f.table)-1)]; m.at == 0 || m.link == link {
			return m
		}
	}
}

func (f *firsts) grow() {
	const least = 1 << 10
	old := f.table
	f.table = make([]met, max(least, 4*len(old)))
	for _, m := range old {
		if m.at > 0 {
			*f.find(m.link) = m
		}
	}
}
