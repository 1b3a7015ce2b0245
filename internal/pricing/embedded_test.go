package pricing

import (
	"regexp"
	"testing"

	"tokenflex.ing/internal/pricing/book"
	"tokenflex.ing/internal/usage"
)

func embeddedBook(t *testing.T) book.Book {
	t.Helper()
	b, err := book.Decode([]byte(embedded))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryNameOfTheBookLeadsToItsModel(t *testing.T) {
	for _, b := range embeddedBook(t).Models {
		m, ok := Embedded().Match(b.ID, "2026-11-01")
		if !ok || m.ID != b.ID || m.Rule != Exact {
			t.Errorf("%s: %s by %s", b.ID, m.ID, m.Rule)
		}
		for _, a := range b.Aliases {
			if m, ok := Embedded().Match(a, "2026-11-01"); !ok || m.ID != b.ID || m.Rule != Alias {
				t.Errorf("%s of %s: %s by %s", a, b.ID, m.ID, m.Rule)
			}
		}
	}
}

// Anthropic's own rule for whatever it prices caching for.
var page = regexp.MustCompile(`\(([a-z0-9-]+\.)+[a-z]+(/[a-z0-9/_.-]+)?\)`)

func TestEveryPriceNamesThePageItIsOn(t *testing.T) {
	for _, m := range embeddedBook(t).Models {
		for _, p := range m.Prices {
			if !page.MatchString(p.Source) {
				t.Errorf("%s from %s: %q", m.ID, p.From, p.Source)
			}
		}
	}
}

func TestClaudeCacheWrites(t *testing.T) {
	for _, m := range Embedded().models {
		if m.provider != "anthropic" || m.id == "claude-2.1" || m.id == "claude-3-haiku" {
			continue // no caching; rounded to whole cents
		}
		for _, p := range m.prices() {
			for _, r := range p.rates {
				if r.CacheWrite5m*4 != r.Input*5 || r.CacheWrite1h != r.Input*2 {
					t.Errorf("%s from %s: input %s, writes %s and %s", m.id, p.from, r.Input.Dollars(), r.CacheWrite5m.Dollars(), r.CacheWrite1h.Dollars())
				}
			}
		}
	}
}

// A slip of the decimal point shows as a rate out of line with its neighbours.
func TestRatesAreInLineWithEachOther(t *testing.T) {
	for _, m := range Embedded().models {
		for _, p := range m.prices() {
			for _, r := range p.rates {
				e := r.Effective()
				if e.CacheRead > e.Input || e.CacheWrite5m > 2*e.Input || e.CacheWrite1h > 2*e.Input || e.Output < e.Input || e.Output > 20*e.Input {
					t.Errorf("%s from %s above %d %s: %s", m.id, p.from, r.Band, r.Tier, shown(r))
				}
				standard := pick(p.rates, r.Band, usage.Standard)
				switch r.Tier {
				case usage.Batch, usage.Flex:
					if 2*r.Input != standard.Input || 2*r.Output != standard.Output {
						t.Errorf("%s from %s: %s is not half", m.id, p.from, r.Tier)
					}
				case usage.Fast, usage.Priority:
					if r.Input < standard.Input || r.Output < standard.Output {
						t.Errorf("%s from %s: %s is cheaper than standard", m.id, p.from, r.Tier)
					}
				}
			}
		}
	}
}

func TestTheBookIsDated(t *testing.T) {
	b := embeddedBook(t)
	if Embedded().Date() != b.Date {
		t.Errorf("%s, want %s", Embedded().Date(), b.Date)
	}
	for _, m := range b.Models {
		for _, p := range m.Prices {
			if p.Checked > b.Date || p.Checked < "2026-11-01" {
				t.Errorf("%s from %s: checked on %s, book of %s", m.ID, p.From, p.Checked, b.Date)
			}
		}
	}
}
