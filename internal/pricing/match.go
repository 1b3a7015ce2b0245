package pricing

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/pricing/book"
	"tokenflex.ing/internal/usage"
)

// Rule says how a name was found in the book.
type Rule string

// The rules, in the order they are tried. None of them leads across version numbers or sizes.
const (
	Exact   Rule = "exact"   // the provider's own name
	Alias   Rule = "alias"   // another name for it, listed in the book, or the same in other case or with "4-5" for "4.5"
	Pattern Rule = "pattern" // one of those within an anchored form that the book lists: a reseller's prefix, a snapshot's date
)

// Match is what the book has for a name on a day.
type Match struct {
	ID       string // the model as its provider writes it
	Provider string
	Family   string
	Rule     Rule
	Forms    []string   // the forms taken off under Pattern, the outermost first
	Tier     usage.Tier // the tier that the name itself means, or ""
	From     string     // first day of the price, YYYY-MM-DD
	Until    string     // first day of the next price, or ""
	Early    bool       // the day is before the first price, which is used all the same
	Source   string     // where the price was read
	Checked  string     // and when, YYYY-MM-DD
	Aliases  []string
	Rates    []Rates // by band and tier, as listed
}

// Match explains how a name is priced on a day (YYYY-MM-DD). It is false if the book has no price for the name.
func (t *Table) Match(name, date string) (Match, bool) {
	f := t.find(name)
	m := f.on(date)
	if m == nil {
		return Match{}, false
	}
	p, until, early := m.at(date)
	return Match{
		ID: m.id, Provider: m.provider, Family: m.family, Rule: f.rule, Forms: slices.Clone(f.forms), Tier: f.tier,
		From: p.from, Until: until, Early: early, Source: p.source, Checked: p.checked,
		Aliases: slices.Clone(m.aliases), Rates: slices.Clone(p.rates),
	}, true
}

// RatesFor returns the rates that apply to a band and tier, with what the provider does not list filled in.
func (m Match) RatesFor(band usage.Band, tier usage.Tier) Rates {
	return pick(m.Rates, band, tierOf(m.Tier, tier)).Effective()
}

// found is what a name leads to: one model, or a name that meant different models over time.
type found struct {
	model *model
	moved []move
	rule  Rule
	forms []string
	tier  usage.Tier
}

func (f *found) known() bool { return f.model != nil || len(f.moved) > 0 }

// on is the model that the name means on a day; before the first of several it means that one.
func (f *found) on(date string) *model {
	if !f.known() {
		return nil
	}
	if f.model != nil {
		return f.model
	}
	m := f.moved[0].to
	for _, v := range f.moved[1:] {
		if v.from <= date {
			m = v.to
		}
	}
	return m
}

func (f *found) rates(k *usage.Key) (Rates, bool) {
	m := f.on(k.Date)
	if m == nil {
		return Rates{}, false
	}
	all := m.prices()
	return pick(all[max(0, lastBy(all, k.Date))].rates, k.Band, tierOf(f.tier, k.Tier)), true
}

// tierOf is the tier of a request: the recorded one, unless that says nothing and the name does.
func tierOf(named, recorded usage.Tier) usage.Tier {
	if named != "" && (recorded == "" || recorded == usage.Standard) {
		return named
	}
	return recorded
}

const (
	maxName  = 200 // bytes; no model has a longer name, and time to match grows with it
	maxForms = 4   // forms around one name: "litellm/bedrock/us.anthropic.…-v1:0"

	snapshotLead = 60 // days; none was dated longer before its release
)

func trim(name string) string { return strings.TrimSpace(name) }

// find looks a name up by the rules. It never returns nil, and what it returns is not to be changed.
func (t *Table) find(name string) *found {
	name = trim(name)
	if len(name) > maxName {
		return &found{}
	}
	if m := t.ids[name]; m != nil {
		return &m.byID
	}
	return t.memo.of(name, t.search)
}

// search looks a name up that is no model's own.
func (t *Table) search(name string) *found {
	key := book.Fold(name)
	if _, none := t.unpriced[key]; none {
		return &found{}
	}
	if f := t.listed(key); f != nil {
		f.rule = Alias
		return f
	}
	if f := t.spelled(name); f != nil {
		return f
	}
	return &found{}
}

// listed finds a folded name among the ids and aliases.
func (t *Table) listed(key string) *found {
	if m := t.names[key]; m != nil {
		return &found{model: m}
	}
	if moved := t.moved[key]; moved != nil {
		return &found{moved: moved}
	}
	return nil
}

// stripped is a name with some forms taken off.
type stripped struct {
	rest  string
	forms []*book.Pattern // the first taken first
	dated string          // the snapshot's day that one of them had, YYYY-MM-DD, or ""
}

// spelled takes as few of the book's forms off a name as leave a listed one: a snapshot that is listed with a gateway's prefix
// is that snapshot. If as many leave different models, the name is ambiguous and none of them is meant; if what they leave may
// not stand in them, nothing further is taken off.
func (t *Table) spelled(name string) *found {
	level := []stripped{{rest: name}}
	for range maxForms {
		var best *found
		listed := false
		level = t.strip(level)
		for _, s := range level {
			f := t.listed(book.Fold(s.rest))
			if f == nil {
				continue
			}
			listed = true
			if !f.inside(s, t) {
				continue
			}
			if best != nil && !best.same(f) {
				return nil
			}
			if best == nil {
				best = f
			}
		}
		if listed {
			return best
		}
	}
	return nil
}

// strip takes one more form off each name, in every way there is.
func (t *Table) strip(level []stripped) []stripped {
	var next []stripped
	for _, s := range level {
		for i := range t.patterns {
			rest, fits := t.patterns[i].Strip(s.rest)
			if !fits || slices.ContainsFunc(next, func(n stripped) bool { return n.rest == rest }) {
				continue // the same forms in another order
			}
			next = append(next, stripped{rest, append(slices.Clip(s.forms), &t.patterns[i]), cmp.Or(s.dated, t.patterns[i].Day(s.rest))})
		}
	}
	return next
}

// inside reports whether the forms may stand around what they left, and notes them.
func (f *found) inside(s stripped, t *Table) bool {
	f.rule = Pattern
	for _, form := range s.forms {
		f.forms = append(f.forms, form.Form)
		if len(form.Of) > 0 && !f.of(form.Of) {
			return false
		}
		if form.Tier == "" {
			continue
		}
		if f.tier = usage.Tier(form.Tier); !f.priced(f.tier) {
			return false
		}
	}
	return s.dated == "" || f.model == nil || !t.apart()[f.model] && s.dated >= f.model.oldest()
}

// oldest is the first day that a snapshot of the model may be of: they are dated some weeks before they are released.
func (m *model) oldest() string {
	day, err := time.Parse(time.DateOnly, m.prices()[0].from)
	if err != nil {
		return "" // the book's days are checked
	}
	return day.AddDate(0, 0, -snapshotLead).Format(time.DateOnly)
}

func (f *found) all() []*model {
	if f.model != nil {
		return []*model{f.model}
	}
	all := make([]*model, len(f.moved))
	for i, v := range f.moved {
		all[i] = v.to
	}
	return all
}

func (f *found) of(providers []string) bool {
	return !slices.ContainsFunc(f.all(), func(m *model) bool { return !slices.Contains(providers, m.provider) })
}

// priced reports whether the models have ever had a rate of the tier: a form that names a tier fits no model without one.
func (f *found) priced(tier usage.Tier) bool {
	return !slices.ContainsFunc(f.all(), func(m *model) bool {
		return !slices.ContainsFunc(m.prices(), func(p price) bool { return hasTier(p.rates, tier) })
	})
}

func (f *found) same(g *found) bool {
	return f.tier == g.tier && slices.Equal(f.all(), g.all())
}
