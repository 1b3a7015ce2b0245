package page

import (
	"net/url"

	"tokenflex.ing/internal/wire"
)

// boardURL is the address of a board. What is the default is left out, so that the board of the running month by tokens
// has one address: PathBoard.
func boardURL(period string, m Metric, f filter, cursor string) string {
	q := boardQuery(period, m, f, cursor)
	if len(q) == 0 {
		return PathBoard
	}
	return PathBoard + "?" + q.Encode()
}

func boardQuery(period string, m Metric, f filter, cursor string) url.Values {
	q := make(url.Values)
	for _, p := range []struct{ name, value, usual string }{
		{"period", period, string(Month)}, {"metric", string(m), string(ByTokens)}, {"source", f.source, ""}, {"family", f.family, ""}, {"cursor", cursor, ""},
	} {
		if p.value != "" && p.value != p.usual {
			q.Set(p.name, p.value)
		}
	}
	return q
}

// filter is what a board is narrowed down to.
type filter struct{ source, family string }

func (v Board) filter() filter { return filter{v.Source, v.Family} }

// url is the address of a board like v, of another period, metric, filter or page.
func (v boardPage) url(p Period, m Metric, f filter, cursor string) string {
	return boardURL(v.periodName(p), m, f, cursor)
}

// periodName is the period in a query: its span while it runs, so that the address stays good, its date afterwards.
func (v boardPage) periodName(p Period) string {
	if p.running(v.site.Now) {
		return string(p.Span)
	}
	return p.name()
}

// twin is the address of the same board in the API.
func (v boardPage) twin() string {
	q := boardQuery(v.periodName(v.Period), v.Metric, v.filter(), "")
	if len(q) == 0 {
		return wire.PathLeaderboard
	}
	return wire.PathLeaderboard + "?" + q.Encode()
}
