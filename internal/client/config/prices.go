package config

import (
	"cmp"
	"errors"
	"fmt"
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
		return &valueError{string(raw), err.Error()}
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
		return &valueError{string(raw), err.Error()}
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
type valueError struct{ raw, reason string }

func (e *valueError) Error() string { return strings.TrimSpace(e.raw) + " is " + e.reason }

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

// check returns what is wrong, and the table it is wrong in: its key, and which of several it is.
func (p Prices) check() (table string, n int, err error) {
	for i, o := range p.Override {
		if err := o.Check(); err != nil {
			return "prices.override", i, err
		}
	}
	for i, s := range p.Subscription {
		if err := s.check(); err != nil {
			return "prices.subscription", i, err
		}
	}
	return "prices", 0, p.checkCurrency()
}

// Check returns what is wrong with the override, in one line without its place.
func (o Override) Check() error {
	set := false
	for _, r := range []Decimal{o.Input, o.CacheRead, o.CacheWrite5m, o.CacheWrite1h, o.Output} {
		set = set || r.Set
		if r.Millionths > maxRate {
			return fmt.Errorf("%s is above 1000 dollars per million tokens", r)
		}
	}
	switch {
	case strings.Trim(o.Model, " \t") == "":
		return errors.New("an override needs a model")
	case o.Multiplier.Millionths > maxMultiplier:
		return errors.New("a multiplier is at most 100")
	case !set && !o.Multiplier.Set:
		return fmt.Errorf("the override of %q has neither a rate nor a multiplier", o.Model)
	}
	return ordered(o.From, o.Until)
}

func (s Subscription) check() error {
	switch {
	case strings.TrimSpace(s.Name) == "":
		return errors.New("a subscription needs a name")
	case !s.Price.Set || s.Price.Millionths > maxPrice:
		return fmt.Errorf("the subscription %q needs a price of at most 100000 dollars a month", s.Name)
	}
	return ordered(s.From, s.Until)
}

func (p Prices) checkCurrency() error {
	upper := len(p.Currency) == 3 && strings.Trim(p.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	switch {
	case p.Currency == "" && !p.Rate.Set:
		return nil
	case !upper:
		return fmt.Errorf("currency = %q is not a code like EUR", p.Currency)
	case p.Currency != "USD" && p.Rate.Millionths == 0:
		return fmt.Errorf("currency = %q needs a rate: how much of it a dollar is", p.Currency)
	}
	return nil
}

func ordered(from, until Date) error {
	if err := cmp.Or(from.Check(), until.Check()); err != nil {
		return err
	}
	if from != "" && until != "" && until < from {
		return fmt.Errorf("until %s is before from %s", until, from)
	}
	return nil
}

// lineOf finds the line that a table begins in, the nth of those with the key; 0 if it is not written as a table.
func lineOf(text []byte, key string, n int) int {
	return findLine(text, func(e *unstable.Node) bool {
		if e.Kind != unstable.Table && e.Kind != unstable.ArrayTable {
			return false
		}
		var parts []string
		for it := e.Key(); it.Next(); {
			parts = append(parts, string(it.Node().Data))
		}
		if strings.Join(parts, ".") != key {
			return false
		}
		n--
		return n < 0
	})
}

// line finds the line that the value is written in; 0 if it is inside of another value.
func (e *valueError) line(text []byte) int {
	return findLine(text, func(n *unstable.Node) bool {
		return n.Kind == unstable.KeyValue && string(n.Value().Data) == unquoted([]byte(e.raw))
	})
}

func findLine(text []byte, is func(*unstable.Node) bool) int {
	var p unstable.Parser
	p.Reset(text)
	for p.NextExpression() {
		e := p.Expression()
		if !is(e) {
			continue
		}
		if it := e.Key(); it.Next() {
			return p.Shape(it.Node().Raw).Start.Line
		}
	}
	return 0
}
