package scan

import (
	"slices"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
)

// followMoves drops the files that are gone and whose entries are the beginning of one that was just read: it was moved, or
// copied and deleted, and holds more by now. What the file had lost before goes along.
func (p *pass) followMoves() {
	gone := make(map[string]map[uint64]int) // by source and print
	for _, id := range p.absent {
		f := p.ledger.File(id)
		if gone[f.Source] == nil {
			gone[f.Source] = make(map[uint64]int)
		}
		if f.Entries > 0 {
			gone[f.Source][f.Print] = id
		}
	}
	for _, id := range p.fresh {
		if of := gone[p.ledger.File(id).Source]; len(of) > 0 {
			if err := p.follow(id, of); err != nil {
				p.fail(err)
				return
			}
		}
	}
}

// follow looks for files that are gone in one that was read.
func (p *pass) follow(id int, gone map[uint64]int) error {
	now, err := p.ledger.Part(id)
	if err != nil {
		return err
	}
	print, n := ledger.NewPrinter(), 0
	for i := range now.Entries {
		if now.IsLost(i) {
			continue
		}
		print.Add(&now.Entries[i])
		n++
		from, ok := gone[print.Sum()]
		if !ok || p.ledger.File(from).Entries != n {
			continue
		}
		old, err := p.ledger.Part(from)
		if err != nil {
			return err
		}
		if moved(p.byID[p.ledger.File(id).Source].source, now, old) {
			delete(gone, print.Sum())
			return p.move(from, id, now, old)
		}
	}
	return nil
}

// moved reports whether the file of now, whose entries begin with those that old's held, is where old's went. Where IDs are the
// responses' own, that two files say the same of the same moments does not make them one.
func moved(s source.Source, now, old *ledger.Kept) bool {
	if !s.Own {
		return !forked(now, old)
	}
	i := -1
	for j := range old.Entries {
		if old.IsLost(j) {
			continue
		}
		for i++; now.IsLost(i); i++ {
		}
		if old.Entries[j].ID != now.Entries[i].ID {
			return false
		}
	}
	return now.Session == old.Session
}

// forked reports whether a file that begins as one that is gone is another conversation, which says that it came from there: then
// only the one that is gone tells what of it is a copy.
func forked(now, old *ledger.Kept) bool {
	return now.Session != old.Session && len(now.Parents) > 0
}

// move puts what is known of one file under the name of another.
func (p *pass) move(from, to int, now, old *ledger.Kept) error {
	f := p.ledger.File(to)
	var lost []int
	for i := range old.Entries {
		if old.IsLost(i) {
			lost = append(lost, i)
		}
	}
	if len(lost) > 0 {
		now = weave(now, old, lost)
		names := links(p.byID[f.Source].source, &now.Part)
		p.ledger.Put(to, *f, now, names)
		p.together.add(to, names)
		p.alone[to] = nil
	}
	if group := p.ledger.File(from).Group; group != ledger.NoGroup {
		p.dirty[group] = true
	}
	p.ledger.Remove(from)
	p.absent = slices.DeleteFunc(p.absent, func(id int) bool { return id == from })
	return nil
}
