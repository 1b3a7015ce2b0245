package scan

import (
	"slices"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/client/source"
)

// purge takes what was forgotten out of what is kept of files that are gone. What is still on the disk stays known, so that it
// is not read again at every scan; it is not counted.
func (p *pass) purge(forgotten []ledger.Forgotten) error {
	for _, id := range p.absent {
		f := *p.ledger.File(id)
		kept, err := p.ledger.Part(id)
		if err != nil {
			return err
		}
		n := len(kept.Entries)
		kept.Entries = slices.DeleteFunc(kept.Entries, func(e source.Entry) bool {
			return slices.ContainsFunc(forgotten, func(of ledger.Forgotten) bool { return of.Has(f.Source, e.Time) })
		})
		if len(kept.Entries) == n {
			continue
		}
		kept.Again, kept.Lost, kept.State = nil, nil, nil
		f.Whole = 0 // should the file come back, it is read from its beginning
		p.dirty[f.Group] = true
		if len(kept.Entries) == 0 {
			p.ledger.Remove(id)
			continue
		}
		p.ledger.Put(id, f, kept, links(p.byID[f.Source].source, &kept.Part))
		p.fresh = append(p.fresh, id)
	}
	return nil
}
