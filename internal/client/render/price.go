package render

import (
	"io"
	"slices"
	"strings"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/usage"
)

// Price is what is known of one name's price.
type Price struct {
	Name   string // as it was asked for
	Date   string // the day it is asked for, YYYY-MM-DD
	Table  *pricing.Table
	Unused Used // what this machine has of it, where it has no price
}

// Used is how much of a model was used.
type Used struct{ Tokens, Requests int64 }

// WritePrice writes what a name costs and how that was found, as a table or as JSON. It is false if the name has no price.
func WritePrice(w io.Writer, f Format, p Price, s Style) (bool, error) {
	match, ok := p.Table.Match(p.Name, p.Date)
	own, mine := p.Table.OwnOf(p.Name, p.Date)
	v := price{Price: p, Style: s, match: match, known: ok, own: own, mine: mine}
	if f == JSON {
		return ok || mine, writeJSON(w, v.json())
	}
	if !ok && !mine {
		return false, writeLines(w, v.unpriced())
	}
	if err := writeLines(w, v.text()); err != nil {
		return true, err
	}
	return true, Facts(w, s, v.facts()...)
}

// price is that on its way to the terminal.
type price struct {
	Price
	Style
	match pricing.Match
	known bool // to the book
	own   pricing.Own
	mine  bool // an own rate applies
}

func (v price) text() []string {
	head, scope := name(v.Name), "your own rate; not in book "+v.Table.Date()
	t := &rateTable{}
	if v.known {
		head, scope = clean(v.match.ID), "book "+v.Table.Date()+", checked "+v.match.Checked
		l, _ := v.Table.Listing(v.match.ID)
		for _, p := range l.Prices {
			t.dated(p)
		}
	}
	if v.mine {
		label := "yours"
		if v.own.From != "" {
			label += " from " + v.own.From
		}
		r, _ := v.Table.RatesOf(usage.Key{Model: v.Name, Date: v.Date, Tier: usage.Standard})
		t.add(label, r)
	}
	out := append(v.headline(head, scope), "")
	return append(append(out, t.lines(v.Style, "per 1M tokens")...), "")
}

func (v price) facts() []Fact {
	var facts []Fact
	if v.known {
		facts = append(facts, Fact{Label: "matched", Text: v.matched()}, Fact{Label: "in force", Text: v.inForce()}, Fact{Label: "read at", Text: v.match.Source})
	}
	if v.mine {
		facts = append(facts, Fact{Label: "yours", Text: ownRate(v.own)})
	}
	if len(v.match.Aliases) > 0 {
		facts = append(facts, Fact{Label: "also written", Text: few(v.match.Aliases, 4)})
	}
	return facts
}

// matched says which rule led from the name to the model.
func (v price) matched() string { return ruleText(v.match, v.Name) }

func ruleText(m pricing.Match, asked string) string {
	switch m.Rule {
	case pricing.Exact:
		return "exact name"
	case pricing.Alias:
		return strings.TrimSpace(asked) + ", another name of it"
	}
	text := strings.TrimSpace(asked) + ", written as " + strings.Join(m.Forms, " in ")
	if m.Tier != "" {
		text += ": at the rates of " + string(m.Tier)
	}
	return text
}

func (v price) inForce() string {
	text := "since " + v.match.From
	if v.match.Early {
		text = "from " + v.match.From + "; no earlier price is known, so it is used before too"
	}
	if v.match.Until != "" {
		text += ", until " + v.match.Until
	}
	return "on " + v.Date + ": " + text
}

// ownRate says what an own rate is for.
func ownRate(o pricing.Own) string {
	text := o.Model + " in config.toml"
	if o.Multiplier != 1_000_000 {
		text += ", times " + pricing.Rate(o.Multiplier).Dollars()
	}
	if o.From != "" {
		text += ", from " + o.From
	}
	if o.Until != "" {
		text += ", until " + o.Until
	}
	return text
}

// unpriced says that a name has no price, and what that means for the figures.
func (v price) unpriced() []string {
	first := name(v.Name) + " is not in book " + v.Table.Date()
	reason := v.Table.Reason(v.Name)
	if reason != "" {
		first = name(v.Name) + " has no price in book " + v.Table.Date() + ": " + reason
	}
	out := v.wrap("", "", first)
	if v.Unused.Tokens > 0 {
		out = append(out, v.wrap("", "", units(v.Unused.Tokens)+" tokens in "+plural(v.Unused.Requests, "request")+" are counted, not costed")...)
	}
	if reason != "" {
		return out
	}
	out = append(out, v.wrap("", "", "names that look like it are not used: they may cost otherwise")...)
	if command := "tokenflexing prices override " + name(v.Name); v.suggests(command) && !v.Quiet {
		out = append(out, v.run("", command, ""))
	}
	return out
}

// rateTable is a table of rates, a line for each date, band and tier.
type rateTable struct {
	labels []string
	rates  []pricing.Rates
}

func (t *rateTable) add(label string, r pricing.Rates) {
	t.labels, t.rates = append(t.labels, label), append(t.rates, r.Effective())
}

// dated adds the lines of one price: what always holds first, then the steps of long prompts, then the other tiers.
func (t *rateTable) dated(p pricing.Dated) {
	rates := slices.Clone(p.Rates)
	order := func(r pricing.Rates) int { return slices.Index(usage.Tiers[:], r.Tier) }
	slices.SortStableFunc(rates, func(a, b pricing.Rates) int {
		if d := order(a) - order(b); d != 0 {
			return d
		}
		return int(a.Band - b.Band)
	})
	for i, r := range rates {
		label := "from " + p.From
		if i > 0 {
			label = "  " + rateLabel(r)
		}
		t.add(label, r)
	}
}

// rateLabel says when a line applies: "prompt over 200K", "batch", "batch, over 200K".
func rateLabel(r pricing.Rates) string {
	over := "over " + units(int64(r.Band))
	switch {
	case r.Tier == usage.Standard || r.Tier == "":
		return "prompt " + over
	case r.Band == 0:
		return string(r.Tier)
	}
	return string(r.Tier) + ", " + over
}

// kindsOfRate are the columns of rates, with the order they make room in.
var kindsOfRate = []struct {
	id string
	of func(pricing.Rates) pricing.Rate
}{
	{"input", func(r pricing.Rates) pricing.Rate { return r.Input }},
	{"read", func(r pricing.Rates) pricing.Rate { return r.CacheRead }},
	{"write 5m", func(r pricing.Rates) pricing.Rate { return r.CacheWrite5m }},
	{"write 1h", func(r pricing.Rates) pricing.Rate { return r.CacheWrite1h }},
	{"output", func(r pricing.Rates) pricing.Rate { return r.Output }},
}

var rateDrops = []string{"write 1h", "write 5m", "read"}

func (t *rateTable) lines(s Style, head string) []string {
	label := &column{id: "label", lower: head, left: true}
	for _, l := range t.labels {
		label.cells = append(label.cells, cell{text: l})
	}
	table := &table{columns: append([]*column{label}, rateColumns(t.rates)...), drops: oneByOne(rateDrops), names: []string{"label"}}
	table.fit(s.width())
	return table.lines(s)
}

func rateColumns(rates []pricing.Rates) []*column {
	var all []*column
	for _, k := range kindsOfRate {
		c := &column{id: k.id, lower: k.id}
		if upper, lower, ok := strings.Cut(k.id, " "); ok {
			c.upper, c.lower, c.head = upper, lower, k.id
		}
		for _, r := range rates {
			c.cells = append(c.cells, cell{text: rateText(k.of(r)), role: money})
		}
		all = append(all, c)
	}
	return all
}

// Rate writes a rate in dollars per million tokens, exactly: $3.00, $0.0375.
func Rate(r pricing.Rate) string { return rateText(r) }

// rateText is a rate in dollars per million tokens, exactly, with two places at least: $3.00, $0.0375.
func rateText(r pricing.Rate) string {
	text := r.Dollars()
	if text == "" {
		return "–"
	}
	whole, frac, _ := strings.Cut(text, ".")
	for len(frac) < 2 {
		frac += "0"
	}
	return "$" + whole + "." + frac
}
