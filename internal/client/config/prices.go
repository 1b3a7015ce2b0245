package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2/unstable"

	"tokenflex.ing/internal/pricing/decimal"
)

// Prices is what config.toml says of money. It changes what this machine shows and nothing that a site computes.
type Prices struct {
	Override     []Override     `toml:"override"`
	Subscription []Subscription `toml:"subscription"`
	Currency     string         `toml:"currency"` // ISO 4217 code to show amounts in; empty: US dollars
	Rate         Decimal        `toml:"rate"`     // how much of it a dollar is
}

// Override is a price of one's own, in dollars per million tokens. What it leaves out stays as the price book has it.
type Override struct {
	Model        string  `toml:"model"` // a name; "*" in it stands for any text
	Input        Decimal `toml:"input"`
	CacheRead    Decimal `toml:"cache_read"`
	CacheWrite5m Decimal `toml:"cache_write_5m"`
	CacheWrite1h Decimal `toml:"cache_write_1h"`
	Output       Decimal `toml:"output"`
	Multiplier   Decimal `toml:"multiplier"` // of all rates
	From         Date    `toml:"from"`       // first day
	Until        Date    `toml:"until"`      // last day
}

// Subscription is a flat price that is paid every month for what some tools use.
type Subscription struct {
	Name    string   `toml:"name"`
	Price   Decimal  `toml:"price"`   // dollars a month
	Sources []string `toml:"sources"` // ids; empty: every tool
	From    Date     `toml:"from"`    // the first month it was paid for begins with or holds this day
	Until   Date     `toml:"until"`   // the last month holds this day
}

// Decimal is a number as it was written, quoted or not, in millionths: it is never a float.
type Decimal struct {
	Millionths int64
	Set        bool
}

// UnmarshalTOML reads a plain decimal number.
func (d *Decimal) UnmarshalTOML(raw []byte) error {
	n, err := decimal.Parse(unquoted(raw))
	if err != nil {
		return &valueError{string(raw), err.Error(), decimalKeys}
	}
	*d = Decimal{n, true}
	return nil
}

// String is the number as it may be written; empty if it is not set.
func (d Decimal) String() string {
	if !d.Set {
		return ""
	}
	return decimal.Format(d.Millionths)
}

// Date is a day, YYYY-MM-DD; empty if it is not set.
type Date string

// UnmarshalTOML reads a day like 2026-11-01.
func (d *Date) UnmarshalTOML(raw []byte) error {
	day := Date(unquoted(raw))
	if err := day.Check(); err != nil {
		return &valueError{string(raw), err.Error(), dateKeys}
	}
	*d = day
	return nil
}

// Check returns what is wrong with a day that is set.
func (d Date) Check() error {
	if _, err := time.Parse(time.DateOnly, string(d)); err != nil && d != "" {
		return errors.New("not a day like 2026-11-01")
	}
	return nil
}

// valueError is a value that is not of its kind, as it is written.
type valueError struct {
	raw, reason string
	keys        []string // those that have values of the kind
}

func (e *valueError) Error() string { return strings.TrimSpace(e.raw) + " is " + e.reason }

// line is the line that the value is written in; 0 if it is not found.
func (e *valueError) line(text []byte) (found int) {
	walk(text, func(at place, line int, value *unstable.Node) bool {
		if value != nil && slices.Contains(e.keys, at.key) && string(value.Data) == unquoted([]byte(e.raw)) {
			found = line
		}
		return found == 0
	})
	return found
}

var (
	decimalKeys = []string{"input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "multiplier", "price", "rate"}
	dateKeys    = []string{"from", "until"}
)

func unquoted(raw []byte) string {
	s := strings.TrimSpace(string(raw))
	if len(s) > 1 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

const (
	maxRate       = 1_000_000_000   // millionths: 1000 dollars per million tokens
	maxMultiplier = 100_000_000     // millionths
	maxPrice      = 100_000_000_000 // millionths of a dollar a month
)

// wrong is what is wrong with the key of a table, in one line without its place. An empty key is the table as a whole.
type wrong struct {
	key    string
	reason string
}

func (w *wrong) Error() string { return w.reason }

func wrongf(key, format string, args ...any) *wrong {
	return &wrong{key, fmt.Sprintf(format, args...)}
}

// check returns what is wrong, and where it is written.
func (p Prices) check() (place, *wrong) {
	for i, o := range p.Override {
		if w := o.check(); w != nil {
			return place{"prices.override", i, w.key}, w
		}
	}
	for i, s := range p.Subscription {
		if w := s.check(); w != nil {
			return place{"prices.subscription", i, w.key}, w
		}
	}
	if w := p.checkCurrency(); w != nil {
		return place{"prices", 0, w.key}, w
	}
	return place{}, nil
}

// Check returns what is wrong with the override, in one line without its place.
func (o Override) Check() error {
	if w := o.check(); w != nil {
		return w
	}
	return nil
}

func (o Override) check() *wrong {
	set := false
	for _, r := range []struct {
		key  string
		rate Decimal
	}{{"input", o.Input}, {"cache_read", o.CacheRead}, {"cache_write_5m", o.CacheWrite5m}, {"cache_write_1h", o.CacheWrite1h}, {"output", o.Output}} {
		set = set || r.rate.Set
		if r.rate.Millionths > maxRate {
			return wrongf(r.key, "%s is above 1000 dollars per million tokens", r.rate)
		}
	}
	switch {
	case strings.Trim(o.Model, " \t") == "":
		return wrongf("model", "an override needs a model")
	case o.Multiplier.Millionths > maxMultiplier:
		return wrongf("multiplier", "a multiplier is at most 100")
	case !set && !o.Multiplier.Set:
		return wrongf("", "the override of %q has neither a rate nor a multiplier", o.Model)
	}
	return ordered(o.From, o.Until)
}

func (s Subscription) check() *wrong {
	switch {
	case strings.TrimSpace(s.Name) == "":
		return wrongf("name", "a subscription needs a name")
	case !s.Price.Set || s.Price.Millionths > maxPrice:
		return wrongf("price", "the subscription %q needs a price of at most 100000 dollars a month", s.Name)
	}
	return ordered(s.From, s.Until)
}

func (p Prices) checkCurrency() *wrong {
	upper := len(p.Currency) == 3 && strings.Trim(p.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	switch {
	case p.Currency == "" && !p.Rate.Set:
		return nil
	case p.Currency == "":
		return wrongf("rate", "rate = %q needs a currency: a code like EUR", p.Rate)
	case !upper:
		return wrongf("currency", "currency = %q is not a code like EUR", p.Currency)
	case p.Currency != "USD" && !p.Rate.Set:
		return wrongf("currency", "currency = %q needs a rate: how much of it a dollar is", p.Currency)
	case p.Currency != "USD" && p.Rate.Millionths == 0:
		return wrongf("rate", "rate = %q is no rate: write how much of %s a dollar is", p.Rate, p.Currency)
	}
	return nil
}

func ordered(from, until Date) *wrong {
	for _, d := range []struct {
		key string
		day Date
	}{{"from", from}, {"until", until}} {
		if err := d.day.Check(); err != nil {
			return wrongf(d.key, "%s is %v", d.day, err)
		}
	}
	if from != "" && until != "" && until < from {
		return wrongf("until", "until %s is before from %s", until, from)
	}
	return nil
}
