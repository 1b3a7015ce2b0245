package cli

import (
	"fmt"
	"slices"
	"strings"

	"tokenflex.ing/internal/client/config"
	"tokenflex.ing/internal/client/report"
	"tokenflex.ing/internal/client/scan"
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

// checkPlans refuses a subscription for a tool that nobody knows: nothing would ever be used under it.
func (a *App) checkPlans(s settings) error {
	for i, p := range s.Prices.Subscription {
		for _, id := range p.Sources {
			if !slices.Contains(a.sourceIDs(), id) {
				return &config.Error{Path: s.ConfigFile(), Line: s.Line("prices.subscription", i, "sources"),
					Reason: fmt.Sprintf("subscription %q: %q is not a tool we know", p.Name, id), Hint: "run: tokenflexing sources --all"}
			}
		}
	}
	return nil
}

// idleRates warns of rates of the person's own that can never count: half a price, for a name that the book does not know.
func (a *App) idleRates(s settings) (all []scan.Warning) {
	table := a.book(s)
	for i, o := range s.Prices.Override {
		if strings.Contains(o.Model, "*") || table.Knows(o.Model) || o.Input.Set && o.Output.Set {
			continue
		}
		where := a.tilde(s.ConfigFile())
		if line := s.Line("prices.override", i, "model"); line > 0 {
			where = fmt.Sprintf("%s, line %d", where, line)
		}
		all = append(all, scan.Warning{Code: "idle-rate", Hint: "tokenflexing prices show " + o.Model,
			Message: fmt.Sprintf("%s: %q is not in book %s, so a rate of your own for it needs both input and output", where, o.Model, table.Date())})
	}
	return all
}
