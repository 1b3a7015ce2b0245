package store

import (
	"time"

	"tokenflex.ing/internal/usage"
)

// Rates are what one token of each kind costs, in pico-dollars.
type Rates struct{ Input, CacheRead, CacheWrite5m, CacheWrite1h, Output int64 }

// Cost is what tok costs, rounded once, half to even.
func (r Rates) Cost(tok usage.Tokens) usage.Money {
	return usage.PicoOf(tok.Input, r.Input).Add(usage.PicoOf(tok.CacheRead, r.CacheRead)).Add(usage.PicoOf(tok.CacheWrite5m, r.CacheWrite5m)).
		Add(usage.PicoOf(tok.CacheWrite1h, r.CacheWrite1h)).Add(usage.PicoOf(tok.Output, r.Output)).Round()
}

// RateKey is what a price depends on.
type RateKey struct {
	Day, Model string
	Band       usage.Band
	Tier       usage.Tier
}

// Rated is the price of a key in a book.
type Rated struct {
	RateKey
	Family string
	Priced bool // false: the book has no price for the model
	Rates
}

// Repricing is one step of pricing the rows again that an older book priced.
type Repricing struct {
	Book  string // date of the book that Rates are of
	Rates []Rated
	At    time.Time
	Most  int // accounts in this step
}

// Repriced is what happened when the server's book changed, as far as everybody may know.
type Repriced struct {
	ID       int64
	From     []string // dates of the books before
	To       string
	Started  time.Time
	Finished time.Time // zero: it goes on
	Accounts int64     // whose rows were priced again
	Moved    int64     // of those, whose cost changed
	Models   []string  // whose rows changed, sorted; not all of them may be shown
	Lines    []RepricedLine
}

// RepricedLine is a public account whose cost changed and that does not hide its cost.
type RepricedLine struct {
	Handle      string
	Rows        int64
	Before, Now usage.Money // of the rows that were priced again, held days left out
}
