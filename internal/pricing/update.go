package pricing

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"time"
)

const (
	maxMove    = 100 // no price ever moved so far; a slip of three digits does
	maxMissing = 10  // one model in so many may be gone
)

// ErrRefused is a book that may not replace another, and why.
type ErrRefused struct{ Reason string }

func (e *ErrRefused) Error() string { return e.Reason }

// Admit returns why a book from outside may not replace t on a day: it is older, is of a day to come, has lost models, or moves
// a price so far that it is a mistake or an attack.
func (t *Table) Admit(next *Table, today time.Time) error {
	if next.date < t.date {
		return &ErrRefused{fmt.Sprintf("it is of %s and older than the one of %s", next.date, t.date)}
	}
	if next.date > today.UTC().AddDate(0, 0, 1).Format(time.DateOnly) {
		return &ErrRefused{fmt.Sprintf("it says it is of %s, which is to come", next.date)}
	}
	missing := 0
	for _, m := range t.models {
		if next.ids[m.id] == nil {
			missing++
		}
	}
	if missing*maxMissing > len(t.models) {
		return &ErrRefused{fmt.Sprintf("it lacks %d of %d models", missing, len(t.models))}
	}
	for _, name := range slices.Concat(t.listedNames(), next.listedNames()) {
		if err := t.admitName(name, next); err != nil {
			return err
		}
	}
	return nil
}

// listedNames are all names that the book has, in its order.
func (t *Table) listedNames() []string {
	var all []string
	for _, m := range t.models {
		all = append(append(all, m.id), m.aliases...)
	}
	return append(all, slices.Sorted(maps.Keys(t.moved))...)
}

// admitName compares what a name costs on each day on which either book's price of it changes. It is names that are compared,
// and not entries: a name may be given to another model, or become one.
func (t *Table) admitName(name string, next *Table) error {
	was, is := t.find(name), next.find(name)
	if !was.known() || !is.known() {
		return nil
	}
	for _, day := range append(was.days(), is.days()...) {
		old, _, _ := was.on(day).at(day)
		p, _, _ := is.on(day).at(day)
		for _, r := range p.rates {
			if kind := pick(old.rates, r.Band, r.Tier).moved(r, old.from == p.from); kind != "" {
				return &ErrRefused{fmt.Sprintf("it moves the %s price of %s on %s too far", kind, name, day)}
			}
		}
	}
	return nil
}

// days are those on which what the name costs may change.
func (f *found) days() []string {
	var all []string
	for _, v := range f.moved {
		all = append(all, v.from)
	}
	for _, m := range f.all() {
		for _, p := range m.prices() {
			all = append(all, p.from)
		}
	}
	return all
}

// moved names the kind of token whose rate is further apart than any price ever moved. Free is near nothing else, unless it is
// a price of another day.
func (r Rates) moved(s Rates, sameDay bool) string {
	a, b := r.Effective(), s.Effective()
	for _, k := range [...]struct {
		kind string
		a, b Rate
	}{
		{"input", a.Input, b.Input}, {"output", a.Output, b.Output}, {"cache read", a.CacheRead, b.CacheRead},
		{"cache write", a.CacheWrite5m, b.CacheWrite5m}, {"cache write", a.CacheWrite1h, b.CacheWrite1h},
	} {
		low, high := min(k.a, k.b), max(k.a, k.b)
		if low == 0 && (high == 0 || !sameDay) {
			continue
		}
		if hi, lo := bits.Mul64(uint64(low), maxMove); hi == 0 && uint64(high) >= lo {
			return k.kind
		}
	}
	return ""
}

// Text is the book as it was read: what Parse makes the same table of.
func (t *Table) Text() string { return t.text }
