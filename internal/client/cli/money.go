package cli

import (
	"fmt"
	"slices"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/client/source"
	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/usage"
)

// prices is what every command prices by: the book, with the rates of the person's own over it. What a site is compared with
// is its Book.
func (a *App) prices(s settings) *pricing.Table {
	var own []pricing.Own
	for _, o := range s.Prices.Override {
		own = append(own, ownRate(o))
	}
	return a.book(s).With(own)
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

// plans are the config's subscriptions.
func plans(s settings) []report.Plan {
	var all []report.Plan
	for _, p := range s.Prices.Subscription {
		all = append(all, report.Plan{Name: p.Name, Price: usage.Money(p.Price.Millionths), Sources: p.Sources, From: string(p.From), Until: string(p.Until)})
	}
	return all
}

// checkPlan refuses a subscription for a tool that nobody knows: nothing would ever be used under it.
func (a *App) checkPlan(p report.Plan) error {
	for _, id := range p.Sources {
		if !slices.ContainsFunc(a.Sources, func(s source.Source) bool { return s.ID == id }) {
			return usageError(fmt.Sprintf("subscription %q: %q is not a tool we know", p.Name, id), "run: tokenflexing sources --all")
		}
	}
	return nil
}
