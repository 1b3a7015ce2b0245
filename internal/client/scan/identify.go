package scan

import (
	"time"

	"tokenflex.ing/internal/client/ledger"
	"tokenflex.ing/internal/usage"
)

// Identify calls yield with every response that counts on the wanted days of sources, days of UTC, as the ledger has them since the
// last scan. What a copy of this machine would not tell by the same ID and time has none.
func Identify(o Options, wanted func(day, source string) bool, yield func(usage.Record)) error {
	l, err := ledger.Open(o.Ledger)
	if err != nil {
		return err
	}
	defer l.Close()
	forgotten, err := ledger.ReadForgotten(o.Ledger)
	if err != nil {
		return err
	}
	p := newPass(o, access{}, machine{}, nil, &book{Ledger: l})
	for _, s := range o.Sources {
		p.byID[s.ID] = &find{source: s}
	}
	skip := skipped(forgotten)
	counts := func(source string, at time.Time) bool {
		return (skip == nil || !skip(source, slotAt(at))) && wanted(at.UTC().Format(time.DateOnly), source)
	}
	groups, err := l.GroupsWith(func(source string, slot int64) bool {
		return counts(source, time.Unix(slot*int64(usage.Slot/time.Second), 0))
	})
	if err != nil {
		return err
	}
	members := make(map[uint32][]int)
	for id, f := range l.Each {
		if groups[f.Group] {
			members[f.Group] = append(members[f.Group], id)
		}
	}
	for _, ids := range members {
		of, err := p.told(ids, nil)
		if err != nil {
			return err
		}
		settleAll(of, p.believed, func(r *usage.Record) {
			if counts(r.Source, r.Time) {
				yield(*r)
			}
		})
	}
	return nil
}

// slotAt is the number of the slot that a time is in.
func slotAt(at time.Time) int64 {
	return at.Truncate(usage.Slot).Unix() / int64(usage.Slot/time.Second)
}
