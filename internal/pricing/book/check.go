package book

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tokenflex.ing/internal/usage"
)

// Families is the closed list of model families.
var Families = [...]string{"claude", "gpt", "gemini", "grok", "deepseek", "kimi", "qwen", "glm", "minimax", "mistral", "other"}

// Check reports the first thing wrong with b, naming the entry: a malformed date, rate, band, tier or form, a name that two
// entries claim, prices that are not in the order of their days, a rate given twice.
func (b Book) Check() error {
	if err := date(b.Date); err != nil {
		return fmt.Errorf("date: %w", err)
	}
	names := make(map[string]string, 4*len(b.Models))
	ids := make(map[string]bool, len(b.Models))
	for _, m := range b.Models {
		if err := m.check(names); err != nil {
			return fmt.Errorf("model %q: %w", m.ID, err)
		}
		ids[m.ID] = true
	}
	for _, s := range b.Spellings {
		if err := s.check(b.Models); err != nil {
			return fmt.Errorf("form %q: %w", s.Form, err)
		}
	}
	if err := b.checkMoved(names, ids); err != nil {
		return err
	}
	return b.checkUnpriced(names)
}

func (m Model) check(names map[string]string) error {
	if m.Provider == "" {
		return errors.New("no provider")
	}
	if !known(m.Family) {
		return fmt.Errorf("family %q is not known", m.Family)
	}
	for i := -1; i < len(m.Aliases); i++ {
		name := m.ID
		if i >= 0 {
			name = m.Aliases[i]
		}
		if err := claim(names, name, m.ID); err != nil {
			return err
		}
	}
	if len(m.Prices) == 0 {
		return errors.New("no price")
	}
	for i, p := range m.Prices {
		if err := p.check(); err != nil {
			return fmt.Errorf("price from %q: %w", p.From, err)
		}
		if i > 0 && p.From <= m.Prices[i-1].From {
			return fmt.Errorf("price from %q: not later than the one before it, %q", p.From, m.Prices[i-1].From)
		}
	}
	return nil
}

// claim gives name to owner unless somebody has it. Names that differ only in case or in "4.5" against "4-5" are one name.
func claim(names map[string]string, name, owner string) error {
	if name == "" || strings.ContainsAny(name, " \t\r\n#") {
		return fmt.Errorf("name %q is empty or has a space or # in it", name)
	}
	key := Fold(name)
	if other, taken := names[key]; taken {
		return fmt.Errorf("name %q already belongs to %q", name, other)
	}
	names[key] = owner
	return nil
}

func (p Price) check() error {
	if err := cmp.Or(date(p.From), date(p.Checked)); err != nil {
		return err
	}
	if p.Source == "" {
		return errors.New("no source")
	}
	for i, r := range p.Rates {
		if p.has(r.Band, r.Tier) < i {
			return fmt.Errorf("band %d tier %s is there twice", r.Band, r.Tier)
		}
		if err := r.check(); err != nil {
			return fmt.Errorf("band %d tier %s: %w", r.Band, r.Tier, err)
		}
		if p.has(0, r.Tier) < 0 {
			return fmt.Errorf("tier %s has no rate for prompts of any length", r.Tier)
		}
	}
	if p.has(0, string(usage.Standard)) < 0 {
		return errors.New("no standard rate")
	}
	return nil
}

// has is where the first rate of a band and tier is, -1 if there is none.
func (p Price) has(band int64, tier string) int {
	return slices.IndexFunc(p.Rates, func(r Rates) bool { return r.Band == band && r.Tier == tier })
}

func (r Rates) check() error {
	if !usage.Band(r.Band).Valid() {
		return errors.New("no such band")
	}
	if !usage.Tier(r.Tier).Valid() {
		return errors.New("no such tier")
	}
	for _, kind := range [...]struct {
		name, rate string
		must       bool
	}{
		{"input", r.Input, true}, {"cache_read", r.CacheRead, false}, {"cache_write_5m", r.CacheWrite5m, false},
		{"cache_write_1h", r.CacheWrite1h, false}, {"output", r.Output, true},
	} {
		if kind.rate == "" && !kind.must {
			continue
		}
		if _, err := Pico(kind.rate); err != nil {
			return fmt.Errorf("%s %q: %w", kind.name, kind.rate, err)
		}
	}
	return nil
}

func (b Book) checkMoved(names map[string]string, ids map[string]bool) error {
	last := make(map[string]string)
	for _, m := range b.Moved {
		if err := date(m.From); err != nil {
			return fmt.Errorf("moved %q: %w", m.Name, err)
		}
		if !ids[m.Model] {
			return fmt.Errorf("moved %q: model %q is not in the book", m.Name, m.Model)
		}
		before, again := last[m.Name]
		if again && m.From <= before {
			return fmt.Errorf("moved %q: %q is not later than the one before it, %q", m.Name, m.From, before)
		}
		if !again {
			if err := claim(names, m.Name, "moved "+m.Name); err != nil {
				return fmt.Errorf("moved %q: %w", m.Name, err)
			}
		}
		last[m.Name] = m.From
	}
	return nil
}

func (b Book) checkUnpriced(names map[string]string) error {
	for _, u := range b.Unpriced {
		if u.Reason == "" {
			return fmt.Errorf("unpriced %q: no reason", u.Name)
		}
		if err := claim(names, u.Name, "unpriced "+u.Name); err != nil {
			return fmt.Errorf("unpriced %q: %w", u.Name, err)
		}
	}
	return nil
}

func known(family string) bool {
	for _, f := range Families {
		if f == family {
			return true
		}
	}
	return false
}

func date(s string) error {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return fmt.Errorf("%q is not a date like 2026-01-31", s)
	}
	return nil
}
