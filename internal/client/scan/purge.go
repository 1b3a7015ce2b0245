package scan

import (
	"slices"

	"tokenflex.ing/internal/client/ledger"
)

// purge takes what was forgotten out of what is kept of files that are gone, and what files lost out of theirs. What is still on the
// disk stays known, so that it is not read again at every scan; it is not counted.
func (p *pass) purge(forgotten []ledger.Forgotten) error {
	gone := make(map[int]bool, len(p.absent))
	for _, id := range p.absent {
		gone[id] = true
	}
	for id, f := range p.ledger.Each {
		if p.byID[f.Source] == nil {
			continue
		}
		if err := p.purgeFile(id, gone[id] || f.Out, forgotten); err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) purgeFile(id int, gone bool, forgotten []ledger.Forgotten) error {
	f := *p.ledger.File(id)
	kept, err := p.ledger.Part(id)
	if err != nil {
		return err
	}
	left := *kept
	left.Entries, left.Again, left.Lost = nil, nil, nil
	for i := range kept.Entries {
		e := &kept.Entries[i]
		if (gone || kept.IsLost(i)) && slices.ContainsFunc(forgotten, func(of ledger.Forgotten) bool { return of.Has(f.Source, e.Time) }) {
			continue
		}
		left.Entries, left.Again, left.Lost = append(left.Entries, *e), append(left.Again, at16(kept.Again, i)), append(left.Lost, kept.IsLost(i))
	}
	if len(left.Entries) == len(kept.Entries) {
		return nil
	}
	p.dirty[f.Group] = true
	if id < len(p.alone) {
		p.alone[id] = nil
	}
	if gone {
		left.State, f.Whole = nil, 0 // should the file come back, it is read from its beginning
	}
	if gone && len(left.Entries) == 0 {
		p.ledger.Remove(id)
		return nil
	}
	p.ledger.Put(id, f, &left, links(p.byID[f.Source].source, &left.Part))
	p.fresh = append(p.fresh, id)
	return nil
}
