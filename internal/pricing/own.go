package pricing

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"tokenflex.ing/internal/pricing/book"
	"tokenflex.ing/internal/usage"
)

// Own is a rate of the person's own, laid over the book: what it does not say stays as the book has it. It counts on this
// machine alone.
type Own struct {
	// Model is compared with the name a tool recorded and with the book's own name for that, in any case. A "*" in it
	// stands for any text.
	Model string
	// The rates in pico-dollars a token, Unlisted where the book's is kept. They hold for every band and tier.
	Input, Output, CacheRead, CacheWrite5m, CacheWrite1h Rate
	// Multiplier is what all rates are multiplied by, in millionths; 1_000_000 changes nothing.
	Multiplier  int64
	From, Until string // the first and the last day, YYYY-MM-DD; "" is open
}

// MaxMultiplier is the largest Multiplier: a hundredfold.
const MaxMultiplier = 100_000_000

// NewOwn returns a rate for a model that changes nothing yet.
func NewOwn(model string) Own {
	return Own{Model: model, Input: Unlisted, Output: Unlisted, CacheRead: Unlisted, CacheWrite5m: Unlisted, CacheWrite1h: Unlisted, Multiplier: 1_000_000}
}

// With returns the table with a person's own rates over it. Of several that fit a name and a day the closest counts: a whole
// name before a pattern, the longer pattern, the later first day, and then the later in the list.
func (t *Table) With(own []Own) *Table {
	over := *t
	over.own = nil
	for _, o := range own {
		o.Model = book.Fold(trim(o.Model))
		over.own = append(over.own, o)
	}
	slices.Reverse(over.own)
	slices.SortStableFunc(over.own, func(a, b Own) int {
		return cmp.Or(cmp.Compare(strings.Count(a.Model, "*"), strings.Count(b.Model, "*")), cmp.Compare(len(b.Model), len(a.Model)), cmp.Compare(b.From, a.From))
	})
	return &over
}

// Book returns the table without own rates: what everybody else computes with.
func (t *Table) Book() *Table {
	if len(t.own) == 0 {
		return t
	}
	bare := *t
	bare.own = nil
	return &bare
}

// OwnOf returns the person's own rate for a name on a day (YYYY-MM-DD), its Model folded. It is false if none applies.
func (t *Table) OwnOf(name, date string) (Own, bool) {
	return t.ownOf(t.find(name), usage.Key{Model: name, Date: date})
}

// RatesOf returns the rates of a day, own ones included, with what is not listed filled in. It is false without a price.
func (t *Table) RatesOf(k usage.Key) (Rates, bool) {
	r, ok := t.rates(t.find(k.Model), &k)
	return r.Effective(), ok
}

// Output is what a token of output costs on a day, as RatesOf says, and Unlisted without a price.
func (t *Table) Output(k *usage.Key) Rate {
	r, ok := t.rates(t.find(k.Model), k)
	if !ok {
		return Unlisted
	}
	return r.Output
}

// rates are those of a name that find has found.
func (t *Table) rates(f *found, k *usage.Key) (Rates, bool) {
	listed, ok := f.rates(k)
	if len(t.own) == 0 {
		return listed, ok
	}
	o, mine := t.ownOf(f, *k)
	if !mine {
		return listed, ok
	}
	if !ok {
		listed = Rates{Band: k.Band, Tier: k.Tier, Input: Unlisted, Output: Unlisted, CacheRead: Unlisted, CacheWrite5m: Unlisted, CacheWrite1h: Unlisted}
	}
	return o.over(listed), true
}

func (t *Table) ownOf(f *found, k usage.Key) (Own, bool) {
	if len(t.own) == 0 {
		return Own{}, false
	}
	name, id := book.Fold(trim(k.Model)), ""
	m := f.on(k.Date)
	if m != nil {
		id = book.Fold(m.id)
	}
	for _, o := range t.own {
		in := (o.From == "" || o.From <= k.Date) && (o.Until == "" || k.Date <= o.Until)
		whole := m != nil || o.Input >= 0 && o.Output >= 0 // half a price is none
		if in && whole && (fits(o.Model, name) || id != "" && fits(o.Model, id)) {
			return o, true
		}
	}
	return Own{}, false
}

// over lays the rates over the listed ones.
func (o Own) over(r Rates) Rates {
	for _, kind := range [...]struct {
		to  *Rate
		own Rate
	}{
		{&r.Input, o.Input}, {&r.Output, o.Output}, {&r.CacheRead, o.CacheRead}, {&r.CacheWrite5m, o.CacheWrite5m}, {&r.CacheWrite1h, o.CacheWrite1h},
	} {
		if kind.own >= 0 {
			*kind.to = kind.own
		}
	}
	r = r.Effective()
	for _, to := range [...]*Rate{&r.Input, &r.Output, &r.CacheRead, &r.CacheWrite5m, &r.CacheWrite1h} {
		*to = to.times(o.Multiplier)
	}
	return r
}

// times multiplies a rate by millionths. A rate is whole pico-dollars, so what is finer is rounded, half to even.
func (r Rate) times(millionths int64) Rate {
	hi, lo := bits.Mul64(uint64(max(0, r)), uint64(max(0, millionths)))
	q, rest := bits.Div64(hi, lo, 1_000_000) // book.MaxPico times MaxMultiplier is far below 2^64
	if rest > 500_000 || rest == 500_000 && q&1 == 1 {
		q++
	}
	return Rate(q)
}

// fits reports whether a name is what a pattern says, in which "*" stands for any text.
func fits(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return pattern == name
	}
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	name = name[len(first) : len(name)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(name, part)
		if at < 0 {
			return false
		}
		name = name[at+len(part):]
	}
	return true
}
