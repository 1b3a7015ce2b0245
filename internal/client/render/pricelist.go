package render

import (
	"io"

	"tokenflex.ing/internal/pricing"
	"tokenflex.ing/internal/usage"
)

// Names of the documents' schemas.
const (
	priceSchema  = "tokenflexing.price.v1"
	pricesSchema = "tokenflexing.prices.v1"
)

// PriceList is what every model costs on a day.
type PriceList struct {
	Date  string // YYYY-MM-DD
	Table *pricing.Table
	Own   int // how many rates of the person's own are laid over the book
}

// WritePrices writes the list, as a table or as JSON.
func WritePrices(w io.Writer, f Format, l PriceList, s Style) error {
	if f == JSON {
		return writeJSON(w, l.json())
	}
	return writeLines(w, l.text(s))
}

func (l PriceList) text(s Style) []string {
	models := l.Table.List()
	id, provider, from := &column{id: "model", lower: "model", left: true}, &column{id: "provider", lower: "provider", left: true}, &column{id: "from", lower: "from", left: true}
	var rates []pricing.Rates
	for _, m := range models {
		p := m.On(l.Date)
		r, _ := l.Table.RatesOf(usage.Key{Model: m.ID, Date: l.Date, Tier: usage.Standard})
		rates = append(rates, r)
		id.cells = append(id.cells, cell{text: clean(m.ID)})
		provider.cells = append(provider.cells, cell{text: clean(m.Provider)})
		from.cells = append(from.cells, cell{text: p.From})
	}
	t := &table{columns: append([]*column{id, provider, from}, rateColumns(rates)...), drops: oneByOne([]string{"provider", "from"}, rateDrops), names: []string{"model"}}
	t.fit(s.width())
	out := append(s.headline("Prices", "book "+l.Table.Date()+", on "+l.Date+", per 1M tokens"), "")
	out = append(append(out, t.lines(s)...), "")
	if l.Own > 0 {
		out = append(out, s.wrap("", "", plural(int64(l.Own), "rate")+" of your own in config.toml, laid over the book")...)
	}
	if s.suggests("prices") && !s.Quiet {
		out = append(out, s.run("", "tokenflexing prices show MODEL", "other dates, long prompts, tiers"))
	}
	return out
}

func (l PriceList) json() object {
	models := lines{}
	for _, m := range l.Table.List() {
		own, mine := l.Table.OwnOf(m.ID, l.Date)
		o := object{{"model", m.ID}, {"provider", m.Provider}, {"family", m.Family}, {"from", m.On(l.Date).From}}
		r, _ := l.Table.RatesOf(usage.Key{Model: m.ID, Date: l.Date, Tier: usage.Standard})
		o = append(o, ratesJSON(r)...)
		models = append(models, append(o, member{"own", ownName(own, mine)}))
	}
	return object{{"schema", pricesSchema}, {"price_book", l.Table.Date()}, {"date", l.Date}, {"currency", "USD"}, {"models", models}}
}

func (v price) json() object {
	doc := object{
		{"schema", priceSchema}, {"name", v.Name}, {"date", v.Date}, {"price_book", v.Table.Date()}, {"currency", "USD"}, {"priced", v.known || v.mine},
		{"match", v.matchJSON()}, {"own", ownName(v.own, v.mine)}, {"rates", nil}, {"prices", lines{}}, {"aliases", list(v.match.Aliases)},
		{"reason", orNull(v.Table.Reason(v.Name))},
	}
	if r, ok := v.Table.RatesOf(usage.Key{Model: v.Name, Date: v.Date, Tier: usage.Standard}); ok {
		doc[8].value = ratesJSON(r)
	} else {
		doc = append(doc, member{"unpriced_tokens", v.Unused.Tokens}, member{"unpriced_requests", v.Unused.Requests})
	}
	if v.known {
		doc[9].value = v.pricesJSON()
	}
	return doc
}

func (v price) matchJSON() any {
	if !v.known {
		return nil
	}
	m := v.match
	return object{
		{"model", m.ID}, {"provider", m.Provider}, {"family", m.Family}, {"rule", string(m.Rule)}, {"forms", list(m.Forms)}, {"tier", orNull(string(m.Tier))},
		{"from", m.From}, {"until", orNull(m.Until)}, {"early", m.Early}, {"source", m.Source}, {"checked", m.Checked},
	}
}

// pricesJSON has a line for each date, band and tier, with what is charged: what a provider does not list is filled in.
func (v price) pricesJSON() lines {
	var all lines
	l, _ := v.Table.Listing(v.match.ID)
	for _, p := range l.Prices {
		for _, r := range p.Rates {
			o := object{{"from", p.From}, {"until", orNull(p.Until)}, {"band", int64(r.Band)}, {"tier", string(r.Tier)}}
			all = append(all, append(append(o, ratesJSON(r.Effective())...), member{"source", p.Source}, member{"checked", p.Checked}))
		}
	}
	return all
}

// ratesJSON are rates in decimal dollars per million tokens.
func ratesJSON(r pricing.Rates) object {
	return object{{"input", r.Input.Dollars()}, {"cache_read", r.CacheRead.Dollars()}, {"cache_write_5m", r.CacheWrite5m.Dollars()},
		{"cache_write_1h", r.CacheWrite1h.Dollars()}, {"output", r.Output.Dollars()}}
}

func ownName(o pricing.Own, mine bool) any {
	if !mine {
		return nil
	}
	return o.Model
}
