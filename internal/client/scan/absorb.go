package scan

import (
	"slices"
	"time"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
)

// absorb puts what was read of one file into the ledger, and lets go of the rest. It is called by several workers.
func (p *pass) absorb(found *find, i int, r reading) {
	c := &found.files[i]
	part := r.part
	r.size = part.Size
	found.outcomes[i] = r.outcome
	id := found.ids[i]
	if r.gone || r.err != nil && id < 0 && len(part.Entries) == 0 {
		return
	}
	kept := &ledger.Kept{Part: part, Lost: r.lost}
	f := ledger.File{
		Source: found.source.ID, Name: c.name, Path: c.path, Scope: c.scope, Stamp: c.stamp, Revision: found.source.Revision,
		Beside: r.beside, Database: r.database, Stale: r.err != nil || r.racy, Whole: r.whole, Tail: r.tail,
		Faults: r.faults, Oversize: r.oversize, Future: p.future(part.Entries), Group: ledger.NoGroup,
	}
	f.Stamp.Beside = r.stamp
	if r.zoned {
		f.Zone = p.zone
	}
	if id >= 0 {
		f.Group = p.ledger.File(id).Group
		same, err := p.compare(id, found.source, &f, &kept, &r)
		if err != nil {
			p.fail(err)
			return
		}
		if same && f.Group != ledger.NoGroup {
			p.ledger.Put(id, f, nil, nil)
			return
		}
	}
	names, distinct := distinctLinks(found.source, &kept.Part)
	ties, err := p.ties(id, f.Group, names)
	if err != nil {
		p.fail(err)
		return
	}
	id = p.ledger.Put(id, f, kept, names)
	defer kept.Free()
	var alone *ledger.Group
	apart := found.source.Settle == nil || found.source.Joins != 0 // the others are one group
	if apart {
		group := settleGroup([]tellings{{source: found.source, parts: []source.Part{kept.Part}, distinct: distinct}}, p.believed) // it is at hand now
		alone = &group
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	found.ids[i] = id
	p.alone = append(p.alone, make([]*ledger.Group, max(0, id+1-len(p.alone)))...)
	p.alone[id] = alone
	p.together.add(id, names)
	if p.fresh = append(p.fresh, id); !p.first {
		p.tied = append(p.tied, ties...)
	}
	if f.Group != ledger.NoGroup {
		p.dirty[f.Group] = true
	}
}

// compare reports whether a file says what it said before. Of one that was read from its beginning it keeps what that says no more.
func (p *pass) compare(id int, s source.Source, f *ledger.File, kept **ledger.Kept, r *reading) (same bool, err error) {
	before := p.ledger.File(id)
	if r.resumed && (*kept).Held() > before.Entries {
		return false, nil
	}
	old, err := p.ledger.Part(id)
	if err != nil {
		return false, err
	}
	if r.database && r.err != nil { // what is read of a damaged page may be anything
		*kept, f.Revision, f.Future, f.Faults, f.Oversize = old, before.Revision, before.Future, before.Faults, before.Oversize
	} else if !r.resumed {
		keepLost(*kept, old, before.Revision == f.Revision, r.dated, s.Retold)
		f.Future = p.future((*kept).Entries)
	}
	f.Entries, f.Print = before.Entries, before.Print
	return ledger.Same(old, *kept), nil
}

// future is the earliest time of entries that is not believed yet, in seconds since 1970; 0 if all are.
func (p *pass) future(entries []source.Entry) (at int64) {
	for i := range entries {
		if t := entries[i].Time; !p.believed(t) && (at == 0 || t.Unix() < at) {
			at = t.Unix()
		}
	}
	return at
}

// ties are those among the names of a file that can tie it to files outside of its group: the ones that it did not have before.
func (p *pass) ties(id int, group uint32, names []uint32) ([]uint32, error) {
	if group == ledger.NoGroup {
		return names, nil
	}
	before, err := p.ledger.LinksOf(id)
	var ties []uint32
	for _, name := range names {
		for len(before) > 0 && before[0] < name {
			before = before[1:]
		}
		if len(before) == 0 || before[0] != name {
			ties = append(ties, name)
		}
	}
	return ties, err
}

// links are the digests of the names by which a part is tied to others, in their order.
func links(s source.Source, part *source.Part) []uint32 {
	all, _ := distinctLinks(s, part)
	return all
}

// distinctLinks are the links of a part, and whether no two of the names in it are the same.
func distinctLinks(s source.Source, part *source.Part) (all []uint32, distinct bool) {
	all = make([]uint32, 0, len(part.Entries)+2)
	s.Names(part, func(source, name string) { all = append(all, ledger.Link(source, name)) })
	n := len(all)
	slices.Sort(all)
	all = slices.Compact(all)
	return all, len(all) == n
}

// keepLost adds to what a file says now what it said before and says no more: entries that its tool deleted. Nothing counts
// twice for it. An entry that is there under its ID is not lost, nor a piece of what is told in other pieces now, and neither, but in a log of lines, is one whose model and
// time as many entries have as before: it is the same response told anew. Without an ID nothing tells a lost entry from one
// that was rewritten, unless the file is a log of lines, or the entry is older than all that the file holds by times of its
// own, as when a log was cut at its beginning. What another revision of the parser made of lines that are still there is void.
func keepLost(now, old *ledger.Kept, sameRevision, dated, log bool) {
	if sameRevision {
		keepFacts(&now.Part, &old.Part)
	}
	ids := make(map[string]bool, len(now.Entries))
	whole := make(map[string]bool) // what is told in pieces
	type moment struct {
		model string
		at    time.Time
	}
	missing := make(map[moment]int, len(old.Entries)) // entries that were told at a moment and are not told now
	var first time.Time
	for i := range old.Entries {
		missing[moment{old.Entries[i].Model, old.Entries[i].Time.UTC()}]++
	}
	for i := range now.Entries {
		e := &now.Entries[i]
		ids[e.ID] = true
		if e.Marks.Has(source.Piece) {
			whole[source.PieceOf(e.ID)] = true
		}
		missing[moment{e.Model, e.Time.UTC()}]--
		if !e.Time.IsZero() && (first.IsZero() || e.Time.Before(first)) {
			first = e.Time
		}
	}
	var lost []int
	for i := range old.Entries {
		e := &old.Entries[i]
		m := moment{e.Model, e.Time.UTC()}
		switch {
		case !sameRevision && !old.IsLost(i):
		case log && shrunk(e, now): // it lost the line that told the most
			lost = append(lost, i)
		case e.ID != "" && ids[e.ID], e.Marks.Has(source.Piece) && whole[source.PieceOf(e.ID)]:
		case (!log || e.ID == "") && missing[m] <= 0:
		case e.ID == "" && !log && (!dated || e.Time.IsZero() || !first.IsZero() && !e.Time.Before(first)):
		default:
			missing[m]--
			lost = append(lost, i)
		}
	}
	if len(lost) > 0 {
		*now = *weave(now, old, lost)
	}
}

// shrunk reports whether a response of a log, of whose tellings the best counts, is told with less than in e.
func shrunk(e *source.Entry, now *ledger.Kept) bool {
	i := slices.IndexFunc(now.Entries, func(n source.Entry) bool { return n.ID == e.ID && n.Request == e.Request })
	return e.ID != "" && i >= 0 && now.Entries[i].Tokens.Output < e.Tokens.Output
}

// keepFacts keeps what a file told of its session, if it tells nothing at all now.
func keepFacts(now, old *source.Part) {
	if len(now.Entries)+len(now.Models)+len(now.Parents) == 0 && now.Project == "" {
		now.Session, now.Parents, now.Project, now.Models = old.Session, old.Parents, old.Project, old.Models
		now.Modified, now.Cut = old.Modified, old.Cut
	}
}

// weave puts the lost entries of old back where they stood: behind the nearest entry before them that is still there.
func weave(now, old *ledger.Kept, lost []int) *ledger.Kept {
	place := make(map[string]int) // of entries by ID
	for i := range now.Entries {
		if id := now.Entries[i].ID; id != "" {
			place[id] = i
		}
	}
	behind := make(map[int][]int) // lost entries, by the one that they stand behind; -1: at the beginning
	at := -1
	for i := range old.Entries {
		if j, ok := place[old.Entries[i].ID]; ok {
			at = max(at, j)
		}
		if slices.Contains(lost, i) {
			behind[at] = append(behind[at], i)
		}
	}
	woven := *now
	woven.Entries, woven.Again, woven.Lost = nil, nil, nil
	for j := -1; j < len(now.Entries); j++ {
		if j >= 0 {
			woven.Lost = append(woven.Lost, now.IsLost(j))
			woven.Again = append(woven.Again, at16(now.Again, j))
			woven.Entries = append(woven.Entries, now.Entries[j])
		}
		for _, i := range behind[j] {
			woven.Lost = append(woven.Lost, true)
			woven.Again = append(woven.Again, 0)
			woven.Entries = append(woven.Entries, old.Entries[i])
		}
	}
	return &woven
}

func at16(all []uint16, i int) uint16 {
	if i < len(all) {
		return all[i]
	}
	return 0
}
