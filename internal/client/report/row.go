package report

import (
	"slices"
	"time"

	"tokenflex.ing/internal/usage"
)

// Sums is what some usage adds up to.
type Sums struct {
	Requests int64
	Tokens   usage.Tokens
	Cost     usage.Money // of the tokens that have a price
	Unpriced int64       // tokens without a price: in Tokens, not in Cost
}

// Add returns s+t.
func (s Sums) Add(t Sums) Sums {
	counts := usage.Tokens{Input: s.Requests, Output: s.Unpriced}.Add(usage.Tokens{Input: t.Requests, Output: t.Unpriced})
	return Sums{Requests: counts.Input, Tokens: s.Tokens.Add(t.Tokens), Cost: s.Cost.Add(t.Cost), Unpriced: counts.Output}
}

// Priced counts the tokens that Cost is the cost of.
func (s Sums) Priced() int64 { return s.Tokens.Total() - s.Unpriced }

// SumOf is a priced day as sums.
func SumOf(d usage.Day) Sums {
	s := Sums{Requests: d.Requests, Tokens: d.Tokens, Cost: d.Cost}
	if !d.Priced {
		s.Cost, s.Unpriced = 0, d.Tokens.Total()
	}
	return s
}

// Row is one line of a report.
type Row struct {
	Labels []string // one for each of the report's Labels
	Sums
	Reasoning bool // a tool in it records reasoning, so that none of it is a zero and not an unknown
	// Sources and Models are sorted by tokens, the most first. They, Sessions, First and Last are set in projects and sessions.
	Sources, Models []string
	Sessions        int       // different ones
	First, Last     time.Time // of its records, UTC
}

// group collects what a row is made of.
type group struct {
	Row
	sources, models map[string]int64 // tokens
	sessions        map[[2]string]bool
}

func (g *group) add(p piece) {
	g.Sums = g.Sums.Add(p.sums)
	if p.first.IsZero() {
		return
	}
	if g.First.IsZero() || p.first.Before(g.First) {
		g.First = p.first
	}
	if p.last.After(g.Last) {
		g.Last = p.last
	}
	g.sources[p.key.Source] += p.sums.Tokens.Total()
	g.models[or(p.key.Model)] += p.sums.Tokens.Total()
	g.sessions[[2]string{p.key.Source, p.session}] = true
}

func (g *group) row() Row {
	g.Sources, g.Models, g.Sessions = mostFirst(g.sources), mostFirst(g.models), len(g.sessions)
	return g.Row
}

func mostFirst(tokens map[string]int64) []string {
	names := make([]string, 0, len(tokens))
	for n := range tokens {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int { return mostThenName(tokens[a], tokens[b], a, b) })
	return names
}
