package pricing

import (
	"cmp"
	"slices"
	"time"

	"tokenflex.ing/internal/wire"
)

// Wire is the book as GET /api/v1/pricing answers it: a line for each model, day, band and tier, in that order.
func (t *Table) Wire() wire.Pricing {
	out := wire.Pricing{Version: 1, Book: t.text, AsOf: t.date, Currency: "USD", Models: []wire.Price{}}
	for _, m := range t.models {
		all := m.prices()
		for i, p := range all {
			until := ""
			if i+1 < len(all) {
				until = dayBefore(all[i+1].from)
			}
			for _, r := range p.rates {
				out.Models = append(out.Models, wire.Price{
					Model: m.id, Provider: m.provider, Aliases: append([]string{}, m.aliases...), From: p.from, To: until,
					Band: int64(r.Band), Tier: string(r.Tier), Input: r.Input.Dollars(), CacheRead: r.CacheRead.Dollars(),
					CacheWrite5m: r.CacheWrite5m.Dollars(), CacheWrite1h: r.CacheWrite1h.Dollars(), Output: r.Output.Dollars(),
				})
			}
		}
	}
	slices.SortStableFunc(out.Models, func(a, b wire.Price) int {
		return cmp.Or(cmp.Compare(a.Model, b.Model), cmp.Compare(a.From, b.From), cmp.Compare(a.Band, b.Band), cmp.Compare(a.Tier, b.Tier))
	})
	return out
}

// dayBefore is the day before a date that Parse has checked.
func dayBefore(date string) string {
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return ""
	}
	return d.AddDate(0, 0, -1).Format(time.DateOnly)
}
