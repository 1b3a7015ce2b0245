package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"tokenflex.ing/internal/pricing/book"
	"tokenflex.ing/internal/usage"
)

// overlay is the curated side of the book: which models it has, under which names and since when, and every rate that the
// data set lacks or has wrong.
type overlay struct {
	names     namesFile
	providers []providerFile
}

// namesFile is overlay/names.toml: what is not about one model.
type namesFile struct {
	Date      string          `toml:"date"`
	Spellings []book.Spelling `toml:"form"`
	Moved     []book.Moved    `toml:"moved"`
	Unpriced  []book.Unpriced `toml:"unpriced"`
}

// providerFile is overlay/PROVIDER.toml.
type providerFile struct {
	Provider string             `toml:"provider"`
	Family   string             `toml:"family"`
	Source   string             `toml:"source"`  // the provider's price page, for prices that name none
	Checked  string             `toml:"checked"` // the day it was read
	Write1h  string             `toml:"write_1h"`
	Tiers    map[string]tierSet `toml:"tier"` // ways to price a tier, by the name that models use
	Models   []overlayModel     `toml:"model"`
}

// tierSet prices a tier as multiples of the standard rates.
type tierSet struct {
	Tier      string `toml:"tier"`
	Times     string `toml:"times"`
	CacheRead string `toml:"cache_read"` // its own multiple, if it differs
	Output    string `toml:"output"`     // likewise
	From      string `toml:"from"`       // first day it was offered; "" from the model's beginning
	ShortOnly bool   `toml:"short_only"` // long prompts are billed at the standard rates
}

type overlayModel struct {
	ID       string         `toml:"id"`
	Family   string         `toml:"family"` // if it is not the file's
	Upstream string         `toml:"upstream"`
	Released string         `toml:"released"` // first day of the price that the data set gives no date
	Aliases  []string       `toml:"aliases"`
	Tiers    []string       `toml:"tiers"`
	Prices   []overlayPrice `toml:"price"`
}

// overlayPrice stands instead of the data set's price of the same day.
type overlayPrice struct {
	From    string         `toml:"from"`
	Source  string         `toml:"source"`
	Checked string         `toml:"checked"`
	Rates   []overlayRates `toml:"rates"`
}

// overlayRates is book.Rates as the overlay spells it.
type overlayRates struct {
	Band         int64  `toml:"band"`
	Tier         string `toml:"tier"`
	Input        string `toml:"input"`
	CacheRead    string `toml:"cache_read"`
	CacheWrite5m string `toml:"cache_write_5m"`
	CacheWrite1h string `toml:"cache_write_1h"`
	Output       string `toml:"output"`
}

func readOverlay(dir fs.FS) (overlay, error) {
	var o overlay
	files, err := fs.Glob(dir, "*.toml")
	if err != nil {
		return o, err
	}
	for _, name := range files {
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return o, err
		}
		if name == "names.toml" {
			err = decodeStrict(data, &o.names)
		} else {
			var p providerFile
			err = decodeStrict(data, &p)
			o.providers = append(o.providers, p)
		}
		if err != nil {
			return o, fmt.Errorf("overlay/%s: %w", name, err)
		}
	}
	return o, nil
}

func decodeStrict(data []byte, to any) error {
	d := toml.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(to)
	if strict, is := err.(*toml.StrictMissingError); is {
		return fmt.Errorf("unknown field:\n%s", strict.String())
	}
	return err
}

// merge makes the book.
func (o overlay) merge(data upstreamData) (book.Book, error) {
	b := book.Book{Date: o.names.Date, Spellings: o.names.Spellings, Moved: o.names.Moved, Unpriced: o.names.Unpriced}
	for _, p := range o.providers {
		for _, m := range p.Models {
			model, err := p.merge(m, data)
			if err != nil {
				return book.Book{}, fmt.Errorf("overlay: %s: model %q: %w", p.Provider, m.ID, err)
			}
			b.Models = append(b.Models, model)
		}
	}
	return b, nil
}

func (p providerFile) merge(m overlayModel, data upstreamData) (book.Model, error) {
	model := book.Model{ID: m.ID, Provider: p.Provider, Family: cmp.Or(m.Family, p.Family), Aliases: m.Aliases}
	if m.Upstream != "" {
		prices, err := p.upstreamPrices(m, data)
		if err != nil {
			return book.Model{}, err
		}
		model.Prices = prices
	}
	for _, c := range m.Prices {
		model.Prices = slices.DeleteFunc(model.Prices, func(old book.Price) bool { return old.From == c.From })
		price := book.Price{From: c.From, Source: cmp.Or(c.Source, p.Source), Checked: cmp.Or(c.Checked, p.Checked)}
		for _, r := range c.Rates {
			r.Tier = cmp.Or(r.Tier, string(usage.Standard))
			price.Rates = append(price.Rates, book.Rates(r))
		}
		model.Prices = append(model.Prices, price)
	}
	slices.SortFunc(model.Prices, func(a, b book.Price) int { return cmp.Compare(a.From, b.From) })
	for i := range model.Prices {
		if err := p.complete(&model.Prices[i], m.Tiers); err != nil {
			return book.Model{}, err
		}
	}
	return model, nil
}

func (p providerFile) upstreamPrices(m overlayModel, data upstreamData) ([]book.Price, error) {
	up, ok := data[m.Upstream]
	if !ok {
		return nil, fmt.Errorf("%s is not in the data set", m.Upstream)
	}
	if up.err != nil {
		return nil, fmt.Errorf("%s: %w", m.Upstream, up.err)
	}
	prices := make([]book.Price, 0, len(up.prices))
	for _, u := range up.prices {
		prices = append(prices, book.Price{
			From: cmp.Or(u.from, m.Released), Source: p.Source + "; genai-prices " + m.Upstream, Checked: p.Checked, Rates: slices.Clone(u.rates),
		})
	}
	return prices, nil
}

// complete adds what follows from the standard rates: the hour's cache write and the tiers.
func (p providerFile) complete(price *book.Price, tiers []string) error {
	for i := range price.Rates {
		r := &price.Rates[i]
		if p.Write1h == "" || r.CacheWrite5m == "" || r.CacheWrite1h != "" {
			continue
		}
		hour, err := times(r.Input, p.Write1h)
		if err != nil {
			return err
		}
		r.CacheWrite1h = hour
	}
	standard := slices.DeleteFunc(slices.Clone(price.Rates), func(r book.Rates) bool { return r.Tier != string(usage.Standard) })
	for _, name := range tiers {
		set, ok := p.Tiers[name]
		if !ok {
			return fmt.Errorf("tier set %q is not in the file", name)
		}
		if price.From < set.From {
			continue
		}
		lines, err := set.apply(standard)
		if err != nil {
			return fmt.Errorf("tier set %q: %w", name, err)
		}
		price.Rates = append(price.Rates, lines...)
	}
	return nil
}

func (s tierSet) apply(standard []book.Rates) ([]book.Rates, error) {
	lines := slices.Clone(standard)
	for i := range lines {
		r := &lines[i]
		r.Tier = s.Tier
		if s.ShortOnly && r.Band > 0 {
			continue
		}
		for _, kind := range []struct {
			rate *string
			by   string
		}{
			{&r.Input, s.Times}, {&r.CacheRead, cmp.Or(s.CacheRead, s.Times)}, {&r.CacheWrite5m, s.Times},
			{&r.CacheWrite1h, s.Times}, {&r.Output, cmp.Or(s.Output, s.Times)},
		} {
			if *kind.rate == "" {
				continue
			}
			product, err := times(*kind.rate, kind.by)
			if err != nil {
				return nil, err
			}
			*kind.rate = product
		}
	}
	return lines, nil
}

// unused lists the data set's models of the book's own makers that the overlay does not take, so that a new one is noticed.
func (o overlay) unused(data upstreamData) string {
	taken, makers := make(map[string]bool), make(map[string]bool)
	for _, p := range o.providers {
		for _, m := range p.Models {
			taken[m.Upstream] = true
			if maker, _, ok := strings.Cut(m.Upstream, "/"); ok && maker != "openrouter" {
				makers[maker] = true
			}
		}
	}
	var rest []string
	for key := range data {
		if maker, _, _ := strings.Cut(key, "/"); makers[maker] && !taken[key] {
			rest = append(rest, key)
		}
	}
	slices.Sort(rest)
	return fmt.Sprintf("not taken from the data set: %s\n", strings.Join(rest, ", "))
}
