package pricing

import (
	"slices"
	"testing"

	"tokenflex.ing/internal/usage"
)

func own(model string, change func(*Own)) Own {
	o := NewOwn(model)
	if change != nil {
		change(&o)
	}
	return o
}

func TestOwnRatesLieOverTheBook(t *testing.T) {
	half := func(o *Own) { o.Multiplier = 500_000 }
	priced := func(in, out Rate) func(*Own) { return func(o *Own) { o.Input, o.Output = in, out } }
	tok := usage.Tokens{Input: 1_000_000, CacheRead: 1_000_000, Output: 1_000_000} // 3 + 0.3 + 15 dollars by the book
	for _, c := range []struct {
		name  string
		own   []Own
		model string
		date  string
		want  usage.Money
		known bool
	}{
		{"none", nil, "claude-sonnet-4-5", "2026-11-01", 18_300_000, true},
		{"another model's", []Own{own("gpt-5", half)}, "claude-sonnet-4-5", "2026-11-01", 18_300_000, true},
		{"a multiplier", []Own{own("claude-sonnet-4-5", half)}, "claude-sonnet-4-5", "2026-11-01", 9_150_000, true},
		{"under another of its names", []Own{own("claude-sonnet-4-5", half)}, "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "2026-11-01", 9_150_000, true},
		{"in other case", []Own{own(" Claude-Sonnet-4.5 ", half)}, "claude-sonnet-4-5", "2026-11-01", 9_150_000, true},
		{"a reseller's name alone", []Own{own("openrouter/*", half)}, "claude-sonnet-4-5", "2026-11-01", 18_300_000, true},
		{"a pattern", []Own{own("claude-*", half)}, "claude-sonnet-4-5", "2026-11-01", 9_150_000, true},
		{"what is not said stays", []Own{own("claude-sonnet-4-5", priced(1_000_000, Unlisted))}, "claude-sonnet-4-5", "2026-11-01", 16_300_000, true},
		{"a name the book does not know", []Own{own("aurora-*", priced(1_000_000, 10_000_000))}, "aurora-1-preview", "2026-11-01", 12_000_000, true},
		{"half a price of such a name", []Own{own("aurora-*", priced(1_000_000, Unlisted))}, "aurora-1-preview", "2026-11-01", 0, false},
		{"a multiplier of such a name", []Own{own("aurora-*", half)}, "aurora-1-preview", "2026-11-01", 0, false},
		{"free", []Own{own("aurora-1", priced(0, 0))}, "aurora-1", "2026-11-01", 0, true},
		{"rates and a multiplier", []Own{own("aurora-1", func(o *Own) { o.Input, o.Output, o.Multiplier = 1_000_000, 10_000_000, 2_500_000 })}, "aurora-1", "2026-11-01", 30_000_000, true},
		{"before its first day", []Own{own("claude-*", func(o *Own) { half(o); o.From = "2026-11-02" })}, "claude-sonnet-4-5", "2026-11-01", 18_300_000, true},
		{"on its first and last day", []Own{own("claude-*", func(o *Own) { half(o); o.From, o.Until = "2026-11-01", "2026-11-01" })}, "claude-sonnet-4-5", "2026-11-01", 9_150_000, true},
		{"after its last day", []Own{own("claude-*", func(o *Own) { half(o); o.Until = "2026-10-31" })}, "claude-sonnet-4-5", "2026-11-01", 18_300_000, true},
		{"a whole name before a pattern", []Own{own("claude-sonnet-4-5", half), own("*", func(o *Own) { o.Multiplier = 0 })}, "claude-sonnet-4-5", "2026-11-01", 9_150_000, true},
		{"the longer pattern", []Own{own("claude-*", half), own("*", func(o *Own) { o.Multiplier = 0 })}, "claude-sonnet-4-5", "2026-11-01", 9_150_000, true},
		{"the later first day", []Own{own("*", func(o *Own) { half(o); o.From = "2026-06-01" }), own("*", func(o *Own) { o.Multiplier = 0 })}, "claude-sonnet-4-5", "2026-11-01", 9_150_000, true},
		{"the later of two alike", []Own{own("*", func(o *Own) { o.Multiplier = 0 }), own("*", half)}, "claude-sonnet-4-5", "2026-11-01", 9_150_000, true},
	} {
		table := Embedded().With(c.own)
		k := usage.Key{Date: c.date, Model: c.model, Tier: usage.Standard}
		days := []usage.Day{{Key: k, Tokens: tok}}
		table.Price(days)
		if days[0].Cost != c.want || days[0].Priced != c.known {
			t.Errorf("%s: %s, priced %v; want %s, %v", c.name, days[0].Cost, days[0].Priced, c.want, c.known)
		}
		if p, ok := table.Cost(k, tok); p.Round() != c.want || ok != c.known {
			t.Errorf("%s: Cost says %s, %v", c.name, p.Round(), ok)
		}
		if r, ok := table.RatesOf(k); ok != c.known || ok && r.Cost(tok).Round() != c.want {
			t.Errorf("%s: RatesOf says %+v, %v", c.name, r, ok)
		}
		table.Book().Price(days)
		if want, _ := Embedded().Cost(k, tok); days[0].Cost != want.Round() || table.Knows(c.model) != Embedded().Knows(c.model) {
			t.Errorf("%s: own rates show in the book", c.name)
		}
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"a", "a", true}, {"a", "ab", false}, {"a*", "a", true}, {"a*", "ab", true}, {"*a", "ba", true}, {"*a", "ab", false}, {"*", "", true},
		{"a*b", "ab", true}, {"a*b", "axb", true}, {"ab*b", "ab", false}, {"*x*", "axb", true}, {"*x*y*", "ayx", false}, {"a*a", "a", false}, {"**", "q", true},
	} {
		if got := fits(c.pattern, c.name); got != c.want {
			t.Errorf("%q fits %q: %v", c.pattern, c.name, got)
		}
	}
}

func TestMultipliedRatesAreRoundedHalfToEven(t *testing.T) {
	for _, c := range []struct {
		rate       Rate
		millionths int64
		want       Rate
	}{{3_000_000, 1_100_000, 3_300_000}, {1, 500_000, 0}, {3, 500_000, 2}, {1, 500_001, 1}, {1_000_000_000, MaxMultiplier, 100_000_000_000}, {0, MaxMultiplier, 0}} {
		if got := c.rate.times(c.millionths); got != c.want {
			t.Errorf("%d times %d millionths: %d, want %d", c.rate, c.millionths, got, c.want)
		}
	}
}

func TestListing(t *testing.T) {
	l, ok := Embedded().Listing("o3")
	if !ok || len(l.Prices) != 2 || l.Prices[0].Until != l.Prices[1].From {
		t.Fatalf("%+v", l)
	}
	for date, from := range map[string]string{"2020-01-01": "2025-04-16", "2025-06-09": "2025-04-16", "2025-06-10": "2025-06-10", "2030-01-01": "2025-06-10"} {
		if got := l.On(date).From; got != from {
			t.Errorf("on %s: from %s, want %s", date, got, from)
		}
	}
	var ids []string
	for _, l := range Embedded().List() {
		ids = append(ids, l.Provider+" "+l.ID)
	}
	if len(ids) < 100 || !slices.IsSorted(ids) {
		t.Errorf("%d models", len(ids))
	}
	if _, ok := Embedded().Listing("O3"); ok {
		t.Error("a listing by an alias")
	}
}
