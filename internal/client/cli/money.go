package cli

import (
	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/pricing"
)

// prices is what every command prices by: the book, with the rates of the person's own over it. What a site is compared with
// is its Book.
func (a *App) prices(s settings) *pricing.Table {
	var own []pricing.Own
	for _, o := range s.Prices.Override {
		own = append(own, ownRate(o))
	}
	return a.Prices().With(own)
}

// ownRate is an override of the config for package pricing.
func ownRate(o config.Override) pricing.Own {
	own := pricing.NewOwn(o.Model)
	own.From, own.Until = string(o.From), string(o.Until)
	for _, r := range []struct {
		to   *pricing.Rate
		from config.Decimal
	}{{&own.Input, o.Input}, {&own.CacheRead, o.CacheRead}, {&own.CacheWrite5m, o.CacheWrite5m}, {&own.CacheWrite1h, o.CacheWrite1h}, {&own.Output, o.Output}} {
		if r.from.Set {
			*r.to = pricing.Rate(r.from.Millionths) // a millionth of a dollar per million tokens is a pico-dollar a token
		}
	}
	if o.Multiplier.Set {
		own.Multiplier = o.Multiplier.Millionths
	}
	return own
}
