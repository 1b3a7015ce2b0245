package source

import (
	"cmp"
	"slices"
	"strings"
)

// settleCodex keeps the longest copy of every thread, and of a thread that began as a copy of another one only what is its own.
func settleCodex(parts []Part) []Entry {
	if len(parts) == 1 && len(parts[0].Entries) > 0 && !strings.HasPrefix(parts[0].Session, codexCaptured) { // as nearly always
		return parts[0].Entries[replayedOf(parts[0], nil, nil):]
	}
	threads := make(map[string]Part)
	var captures []Part
	for _, p := range parts {
		if strings.HasPrefix(p.Session, codexCaptured) {
			captures = append(captures, p)
			continue
		}
		if known, ok := threads[p.Session]; !ok || comparePart(p, known) < 0 {
			threads[p.Session] = p
		}
	}
	said := make(map[string]map[string]bool) // IDs of the events of those threads that others come from
	for _, p := range threads {
		for _, parent := range p.Parents {
			if from, ok := threads[parent]; ok && said[parent] == nil {
				said[parent] = idsOf(from)
			}
		}
	}
	n := 0
	for _, p := range threads {
		n += len(p.Entries)
	}
	kept := make([]Entry, 0, n)
	for _, p := range threads {
		kept = append(kept, p.Entries[replayedOf(p, threads, said):]...)
	}
	return append(kept, settleCodexCaptures(captures, threads)...)
}

// replayedOf returns how many entries at the beginning of a part repeat the threads it comes from. Where the thread it says
// it comes from is gone, the marks tell.
func replayedOf(p Part, threads map[string]Part, said map[string]map[string]bool) int {
	if len(p.Parents) == 0 {
		return 0
	}
	line := lineage(p, threads)
	_, found := threads[p.Parents[0]]
	for i, e := range p.Entries {
		told := slices.ContainsFunc(line, func(thread string) bool { return said[thread][e.ID] })
		if !told && (found || !e.Marks.Has(Replay)) {
			return i
		}
	}
	return len(p.Entries)
}

// lineage returns the threads that a part comes from, near and far, as far as there are any.
func lineage(p Part, threads map[string]Part) []string {
	var line []string
	next := p.Parents
	for len(next) > 0 {
		id := next[0]
		next = next[1:]
		from, ok := threads[id]
		if !ok || id == p.Session || slices.Contains(line, id) {
			continue
		}
		line = append(line, id)
		next = append(slices.Clone(from.Parents), next...)
	}
	return line
}

func idsOf(p Part) map[string]bool {
	ids := make(map[string]bool, len(p.Entries))
	for _, e := range p.Entries {
		ids[e.ID] = true
	}
	return ids
}

// comparePart orders copies of one thread, the one to keep first: the longest, by what was read and then by what it says.
func comparePart(a, b Part) int {
	return cmp.Or(cmp.Compare(b.Size, a.Size), cmp.Compare(len(b.Entries), len(a.Entries)),
		slices.CompareFunc(a.Entries, b.Entries, func(x, y Entry) int {
			return cmp.Or(cmp.Compare(x.ID, y.ID), x.Time.Compare(y.Time), compare(x, y))
		}))
}
