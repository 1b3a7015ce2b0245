package pricing

import (
	"cmp"
	"slices"
)

// Listing is one model of the book with everything it ever cost.
type Listing struct {
	ID, Provider, Family string
	Aliases              []string
	Prices               []Dated // the oldest first
}

// Dated is what a model costs from one day on.
type Dated struct {
	From    string // first day, YYYY-MM-DD
	Until   string // first day of the next price, or ""
	Source  string // where it was read
	Checked string // and when, YYYY-MM-DD
	Rates   []Rates
}

// On is the price in force on a day; before the first price it is the first.
func (l Listing) On(date string) Dated {
	now := l.Prices[0]
	for _, p := range l.Prices[1:] {
		if p.From <= date {
			now = p
		}
	}
	return now
}

// List is every model of the book, by provider and name.
func (t *Table) List() []Listing {
	all := make([]Listing, len(t.models))
	for i, m := range t.models {
		all[i] = m.listing()
	}
	slices.SortFunc(all, func(a, b Listing) int { return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.ID, b.ID)) })
	return all
}

// Listing is the model of that id, as its provider writes it. It is false if the book has none.
func (t *Table) Listing(id string) (Listing, bool) {
	m := t.ids[id]
	if m == nil {
		return Listing{}, false
	}
	return m.listing(), true
}

func (m *model) listing() Listing {
	l := Listing{ID: m.id, Provider: m.provider, Family: m.family, Aliases: slices.Clone(m.aliases)}
	all := m.prices()
	for i, p := range all {
		d := Dated{From: p.from, Source: p.source, Checked: p.checked, Rates: slices.Clone(p.rates)}
		if i+1 < len(all) {
			d.Until = all[i+1].from
		}
		l.Prices = append(l.Prices, d)
	}
	return l
}
