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
	// Sources and Models are sorted by tokens, the most first. They and Sessions are set in projects and sessions, and First and Last where parts
	// of days are told apart.
	Sources, Models []string
	Sessions        int       // different ones
	First, Last     time.Time // of its records, UTC
	Block           time.Time // when the block began that it is of; in blocks
}

// group collects what a row is made of.
type group struct {
	Row
	sources, models shares
	first           [2]share           // of the sources and of the models, which most rows have one of
	session         [2]string          // the last one, and its source
	sessions        map[[2]string]bool // nil while there is but one
}

// add adds a piece, of which names says whether it is to be noted what is in it.
func (g *group) add(p *piece, names bool) {
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
	if !names {
		return
	}
	if g.sources == nil {
		g.sources, g.models = g.first[:0:1], g.first[1:1]
	}
	tokens := p.sums.Tokens.Total()
	g.sources.add(p.key.Source, tokens)
	g.models.add(or(p.key.Model), tokens)
	g.meet([2]string{p.key.Source, p.session})
}

// meet notes a session.
func (g *group) meet(session [2]string) {
	switch {
	case g.Sessions > 0 && session == g.session:
		return
	case g.Sessions == 0:
		g.Sessions = 1
	case g.sessions == nil:
		g.sessions = map[[2]string]bool{g.session: true, session: true}
		g.Sessions = 2
	default:
		g.sessions[session] = true
		g.Sessions = len(g.sessions)
	}
	g.session = session
}

// shares are the tokens of a few names.
type shares []share

type share struct {
	name   string
	tokens int64
}

func (s *shares) add(name string, tokens int64) {
	for i := range *s {
		if (*s)[i].name == name {
			(*s)[i].tokens += tokens
			return
		}
	}
	*s = append(*s, share{name, tokens})
}

// mostFirst are the names, sorted by tokens.
func (s shares) mostFirst() []string {
	slices.SortFunc(s, func(a, b share) int { return mostThenName(a.tokens, b.tokens, a.name, b.name) })
	names := make([]string, len(s))
	for i := range s {
		names[i] = s[i].name
	}
	return names
}

// lists are lists of one name, each made once.
type lists map[string][]string

// of are the names in s, the most used first.
func (l lists) of(s shares) []string {
	if len(s) != 1 {
		return s.mostFirst()
	}
	name := s[0].name
	if l[name] == nil {
		l[name] = []string{name}
	}
	return l[name]
}
