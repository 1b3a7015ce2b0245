package cli

import (
	"time"

	"tokenflex.ing/internal/client/payload"
	"tokenflex.ing/internal/client/scan"
	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/usage"
	"tokenflex.ing/internal/wire"
)

// rows is what may leave of a scan: days of UTC, whatever zone the person looks at them in.
func (a *App) rows(s settings, found *scan.Result) []wire.Day {
	return payload.Rows(usage.ByDay(found.Cells, time.UTC), a.prices(s).Knows)
}

// sum prices rows as the site will.
func sum(rows []wire.Day, book *pricing.Table) wire.Sum { return priced(payload.Days(rows), book) }

// worth is what this machine shows for all that it found, by the person's own rates too.
func (a *App) worth(s settings, found *scan.Result) wire.Sum {
	return priced(usage.ByDay(found.Cells, time.UTC), a.prices(s))
}

func priced(days []usage.Day, prices *pricing.Table) wire.Sum {
	prices.Price(days)
	var s wire.Sum
	for _, d := range days {
		s.Tokens += d.Tokens.Total()
		if d.Priced {
			s.CostUUSD += int64(d.Cost)
		} else {
			s.UnpricedTokens += d.Tokens.Total()
		}
	}
	return s
}

// dates counts the different days among rows.
func dates(rows []wire.Day) int {
	seen := make(map[string]bool)
	for _, r := range rows {
		seen[r.Day] = true
	}
	return len(seen)
}
