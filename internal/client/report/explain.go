package report

import (
	"slices"
	"time"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/usage"
)

// Explained is one day, from the files to the figure.
type Explained struct {
	Date      string // YYYY-MM-DD in Zone
	Zone      *time.Location
	PriceBook string
	Sources   []ExplainedSource // those with usage on the day, by name
	Totals    Sums
}

// ExplainedSource is what one tool left of the day and what it comes to.
type ExplainedSource struct {
	Source     string
	Files      []ExplainedFile // that tell of the day
	Told, Kept int64           // responses; what was dropped is Dropped
	Dropped    []Dropped
	Lines      []ExplainedLine // one for each model, prompt band and tier
	Sums
	Server *ServerDay // what the site has, if it was asked
}

// ExplainedFile is one file.
type ExplainedFile struct {
	Name  string // absolute
	Bytes int64
	Told  int64 // responses of the day
	Gone  bool  // its tool deleted it; what it told is in the ledger
}

// Dropped is how many responses were not counted, and why.
type Dropped struct {
	N      int64
	Reason string
}

// ExplainedLine is one key of the day with the price that it was multiplied by.
type ExplainedLine struct {
	usage.Day
	Rates pricing.Rates // what is charged, own rates included; meaningless while the day is not priced
	Match pricing.Match // the entry of the book
	Known bool          // the book has one
	Own   pricing.Own
	Mine  bool // Own applies
	// Why the book has no price for the name; "" if it does not know the name.
	Reason string
}

// ServerDay compares a tool's UTC day with what the site has of this device.
type ServerDay struct {
	Date        string // UTC
	Site        string
	Here, There Sums // both by their own book
}

// Explain prices a day of each source, or of the one that is named.
func Explain(cells []usage.Cell, table *pricing.Table, date, source string, zone *time.Location) *Explained {
	days := slices.DeleteFunc(usage.ByDay(cells, zone), func(d usage.Day) bool { return d.Date != date || source != "" && d.Source != source })
	table.Price(days)
	e := &Explained{Date: date, Zone: zone, PriceBook: table.Date()}
	for _, d := range days {
		if n := len(e.Sources); n == 0 || e.Sources[n-1].Source != d.Source {
			e.Sources = append(e.Sources, ExplainedSource{Source: d.Source})
		}
		of := &e.Sources[len(e.Sources)-1]
		line := ExplainedLine{Day: d}
		line.Match, line.Known = table.Match(d.Model, d.Date)
		line.Own, line.Mine = table.OwnOf(d.Model, d.Date)
		line.Rates, _ = table.RatesOf(d.Key)
		if !line.Known {
			line.Reason = table.Reason(d.Model)
		}
		of.Lines = append(of.Lines, line)
		of.Sums, e.Totals = of.Sums.Add(SumOf(d)), e.Totals.Add(SumOf(d))
	}
	return e
}

// Kinds are the kinds of token of a line, in the order they are shown, with their exact costs.
func (l ExplainedLine) Kinds() []KindCost {
	t, r := l.Tokens, l.Rates
	return []KindCost{
		{"input", t.Input, r.Input}, {"cache read", t.CacheRead, r.CacheRead}, {"cache write 5m", t.CacheWrite5m, r.CacheWrite5m},
		{"cache write 1h", t.CacheWrite1h, r.CacheWrite1h}, {"output", t.Output, r.Output},
	}
}

// KindCost is a number of tokens and what each of them costs.
type KindCost struct {
	Kind   string
	Tokens int64
	Rate   pricing.Rate
}

// Exact is their product in pico-dollars.
func (k KindCost) Exact() string { return usage.PicoOf(k.Tokens, int64(k.Rate)).Big().String() }

// Cost is their product, rounded to a micro-dollar for reading; the day is rounded once, over all kinds.
func (k KindCost) Cost() usage.Money { return usage.PicoOf(k.Tokens, int64(k.Rate)).Round() }
