package pricing

import (
	"tokenflex.ing/internal/pricing/book"
	"tokenflex.ing/internal/usage"
)

// Rate is a price in pico-dollars a token: 3 dollars per million tokens is 3_000_000.
type Rate int64

// Unlisted stands where a provider lists no rate of a kind, which is not the same as asking nothing for it.
const Unlisted Rate = -1

// Dollars is the rate in decimal dollars per million tokens, "3.75"; "" if it is unlisted.
func (r Rate) Dollars() string {
	if r < 0 {
		return ""
	}
	return book.Dollars(int64(r))
}

// Rates is what each kind of token costs in one band and tier, as the provider lists it.
type Rates struct {
	Band                                  usage.Band
	Tier                                  usage.Tier
	Input, Output                         Rate // always listed
	CacheRead, CacheWrite5m, CacheWrite1h Rate // may be Unlisted
}

// Effective fills in what the provider does not list. A cache read or write without a rate of its own is billed as the input
// it is; an hour's write without one as a five-minute write. Anthropic alone prices the two writes apart.
func (r Rates) Effective() Rates {
	if r.CacheRead < 0 {
		r.CacheRead = r.Input
	}
	if r.CacheWrite5m < 0 {
		r.CacheWrite5m = r.Input
	}
	if r.CacheWrite1h < 0 {
		r.CacheWrite1h = r.CacheWrite5m
	}
	return r
}

// Cost is what tok costs at these rates, exactly. Reasoning is part of the output and costs nothing on top.
func (r Rates) Cost(tok usage.Tokens) usage.Pico {
	e := r.Effective()
	return usage.PicoOf(tok.Input, int64(e.Input)).
		Add(usage.PicoOf(tok.CacheRead, int64(e.CacheRead))).
		Add(usage.PicoOf(tok.CacheWrite5m, int64(e.CacheWrite5m))).
		Add(usage.PicoOf(tok.CacheWrite1h, int64(e.CacheWrite1h))).
		Add(usage.PicoOf(tok.Output, int64(e.Output)))
}

// pick returns the rates of a band and tier: the tier's own if the provider prices it, else the standard ones, and among those
// the highest band that is not above the request's.
func pick(all []Rates, band usage.Band, tier usage.Tier) Rates {
	if tier != usage.Standard && !hasTier(all, tier) {
		tier = usage.Standard
	}
	best := -1
	for i := range all {
		if r := &all[i]; r.Tier == tier && r.Band <= band && (best < 0 || r.Band > all[best].Band) {
			best = i
		}
	}
	if best < 0 {
		return Rates{}
	}
	return all[best]
}

func hasTier(all []Rates, tier usage.Tier) bool {
	for i := range all {
		if all[i].Tier == tier && all[i].Band == 0 {
			return true
		}
	}
	return false
}

func ratesOf(lines []book.Rates) ([]Rates, error) {
	all := make([]Rates, len(lines))
	for i, l := range lines {
		all[i] = Rates{Band: usage.Band(l.Band), Tier: usage.Tier(l.Tier)}
		for _, kind := range [...]struct {
			to      *Rate
			dollars string
		}{
			{&all[i].Input, l.Input}, {&all[i].Output, l.Output}, {&all[i].CacheRead, l.CacheRead},
			{&all[i].CacheWrite5m, l.CacheWrite5m}, {&all[i].CacheWrite1h, l.CacheWrite1h},
		} {
			*kind.to = Unlisted
			if kind.dollars == "" {
				continue
			}
			pico, err := book.Pico(kind.dollars)
			if err != nil {
				return nil, err
			}
			*kind.to = Rate(pico)
		}
	}
	return all, nil
}
