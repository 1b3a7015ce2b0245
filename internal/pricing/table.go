package pricing

import (
	"cmp"
	_ "embed"
	"slices"
	"sync"

	"tokenflex.ing/internal/pricing/book"
	"tokenflex.ing/internal/usage"
)

//go:embed book.txt
var embedded string

// Table is a price book made ready for looking up. It does not change and may be used from many goroutines.
type Table struct {
	date     string
	text     string // it was parsed from
	models   []*model
	names    map[string]*model // by folded id and alias
	ids      map[string]*model // by id, as written
	moved    map[string][]move // by folded name, in the order of their days
	unpriced map[string]string // the reason, by folded name
	patterns []book.Pattern
	apart    func() map[*model]bool // those of which a snapshot has prices of its own: an unlisted one may have others again
	own      []Own                  // the closest first, see With
	memo     *memo                  // of names that are no model's own
}

type model struct {
	id, provider, family string
	aliases              []string
	prices               func() []price // in the order of their days; read when first asked for
	byID                 found          // what the id leads to
}

type price struct {
	from, source, checked string
	rates                 []Rates
}

type move struct {
	from string
	to   *model
}

var parseEmbedded = sync.OnceValue(func() *Table {
	t, err := tableOf(embedded)
	if err != nil {
		panic(err) // a test parses it: a program with a broken book is never released
	}
	return t
})

// Embedded is the book that this program was built with. It is read when first asked for.
func Embedded() *Table { return parseEmbedded() }

// Parse reads a book. What is wrong with a book is said with the line or entry it is wrong at.
func Parse(data []byte) (*Table, error) {
	if _, err := book.Decode(data); err != nil {
		return nil, err
	}
	return tableOf(string(data))
}

// tableOf makes a table of a book in which nothing is wrong.
func tableOf(text string) (*Table, error) {
	b, err := book.Outline(text)
	if err != nil {
		return nil, err
	}
	t := &Table{
		date:     b.Date,
		text:     text,
		models:   make([]*model, 0, len(b.Models)),
		names:    make(map[string]*model, 4*len(b.Models)),
		ids:      make(map[string]*model, len(b.Models)),
		moved:    make(map[string][]move),
		unpriced: make(map[string]string, len(b.Unpriced)),
		memo:     &memo{},
	}
	for _, s := range b.Spellings {
		t.patterns = append(t.patterns, s.Compile())
	}
	for _, m := range b.Models {
		t.add(m)
	}
	for _, m := range b.Moved {
		key := book.Fold(m.Name)
		t.moved[key] = append(t.moved[key], move{m.From, t.ids[m.Model]})
	}
	for _, u := range b.Unpriced {
		t.unpriced[book.Fold(u.Name)] = u.Reason
	}
	t.apart = sync.OnceValue(t.findApart)
	return t, nil
}

func (t *Table) add(b book.Model) {
	m := &model{id: b.ID, provider: b.Provider, family: b.Family, aliases: b.Aliases}
	m.prices = sync.OnceValue(func() []price { return pricesOf(b) })
	t.models = append(t.models, m)
	m.byID = found{model: m, rule: Exact}
	t.ids[m.id] = m
	t.names[book.Fold(m.id)] = m
	for _, a := range m.aliases {
		t.names[book.Fold(a)] = m
	}
}

// pricesOf reads the prices of a model in a book in which nothing is wrong.
func pricesOf(b book.Model) []price {
	listed, err := b.Priced()
	all := make([]price, len(listed))
	for i, p := range listed {
		all[i] = price{from: p.From, source: p.Source, checked: p.Checked}
		if all[i].rates, err = ratesOf(p.Rates); err != nil {
			break
		}
	}
	if err != nil {
		panic(err) // Parse has looked at every rate, and a test parses the embedded book
	}
	return all
}

// findApart looks for the models that another one is a snapshot of by its name.
func (t *Table) findApart() map[*model]bool {
	apart := make(map[*model]bool)
	for _, m := range t.models {
		for i := range t.patterns {
			if t.patterns[i].Day(m.id) == "" {
				continue
			}
			rest, _ := t.patterns[i].Strip(m.id)
			if whole := t.names[book.Fold(rest)]; whole != nil && whole != m {
				apart[whole] = true
			}
		}
	}
	return apart
}

// at is the price in force on a day. A day before the first price gets the first: previews run before a model is listed.
func (m *model) at(date string) (p price, until string, early bool) {
	all := m.prices()
	i := lastBy(all, date)
	early = i < 0
	i = max(i, 0)
	if i+1 < len(all) {
		until = all[i+1].from
	}
	return all[i], until, early
}

// lastBy is the place of the last price that begins by a day, and -1 before the first. Most are asked for the last of all.
func lastBy(all []price, date string) int {
	i := len(all) - 1
	for i >= 0 && all[i].from > date {
		i--
	}
	return i
}

// Date is the day the book was put together, YYYY-MM-DD.
func (t *Table) Date() string { return t.date }

// Unpriced is a model that the book has no price for, and what was used of it.
type Unpriced struct {
	Model            string
	Tokens, Requests int64
}

// Price sets Cost and Priced of each day in place: the exact cost rounded once, half to even. It returns the models that
// have no price, the most used first. A day without a price keeps its tokens and gets no cost, which is not a cost of zero.
func (t *Table) Price(days []usage.Day) []Unpriced {
	missing := make(map[string]*Unpriced)
	for i := range days {
		d := &days[i]
		rates, ok := t.rates(t.find(d.Model), &d.Key)
		d.Cost, d.Priced = 0, ok
		if ok {
			d.Cost = rates.Cost(d.Tokens).Round()
			continue
		}
		u := missing[d.Model]
		if u == nil {
			u = &Unpriced{Model: d.Model}
			missing[d.Model] = u
		}
		sum := usage.Tokens{Input: u.Tokens, Output: u.Requests}.Add(usage.Tokens{Input: d.Tokens.Total(), Output: d.Requests})
		u.Tokens, u.Requests = sum.Input, sum.Output
	}
	return sorted(missing)
}

func sorted(missing map[string]*Unpriced) []Unpriced {
	all := make([]Unpriced, 0, len(missing))
	for _, u := range missing {
		all = append(all, *u)
	}
	slices.SortFunc(all, func(a, b Unpriced) int {
		return cmp.Or(cmp.Compare(b.Tokens, a.Tokens), cmp.Compare(a.Model, b.Model))
	})
	return all
}

// Cost is what tok costs under k, exactly. It is false if the book has no price for the model.
func (t *Table) Cost(k usage.Key, tok usage.Tokens) (usage.Pico, bool) {
	rates, ok := t.rates(t.find(k.Model), &k)
	if !ok {
		return usage.Pico{}, false
	}
	return rates.Cost(tok), true
}

// Rate is Cost for many tokens under one key.
func (t *Table) Rate(k usage.Key) (cost func(usage.Tokens) usage.Pico, known bool) {
	rates, ok := t.rates(t.find(k.Model), &k)
	return rates.Cost, ok
}

// Knows reports whether the book has a price for that name on any day. Own rates do not count: what they name may be private.
func (t *Table) Knows(model string) bool { return t.find(model).known() }
